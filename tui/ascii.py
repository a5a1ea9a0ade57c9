"""For terminals that have no characters but those of ASCII: what stands in for the others.

A filter over all that is drawn, one character for one, so that no widget needs to know.
"""

import locale
import os
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SUBSTITUTES = {
    **dict.fromkeys("─⎯▔▁▂🬂🬋╴╶", "-"),
    **dict.fromkeys("━═╸╺╾╼", "="),
    **dict.fromkeys("│┃║▏▎▍▌▐▕▊▋▉╎┊╷╵╹╻", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋▛▜▙▟▗▖▝▘", "+"),
    **dict.fromkeys("█▇▆▅▄▀▃▓", "#"),
    **dict.fromkeys("▒░", ":"),
    **dict.fromkeys("●•◉⬤■▪", "o"),
    **dict.fromkeys("○◯◦□", "."),
    **dict.fromkeys("▶►▸→⏵❯›", ">"),
    **dict.fromkeys("◀◄◂←⏴❮‹", "<"),
    **dict.fromkeys("▼▾↓⏷", "v"),
    **dict.fromkeys("▲▴↑⏶", "^"),
    **dict.fromkeys("×✗✕", "x"),
    **dict.fromkeys("–—−‐", "-"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("·…⋯╌", "."),
    # Of the Greek letters those that look alike, but for β, which would be the b of a bias.
    **dict(zip("αβγεθλμπρσΣ", "aByeolupr6S", strict=True)),
    **dict(zip("₁₂ₖ²³ᵀ√½⊙ẐℓΔ", "12k23'V/*ZlD", strict=True)),
    **dict.fromkeys("‖", "|"),
    **dict.fromkeys("✓✔", "*"),
    **dict.fromkeys("↻⟳", "@"),
    "±": "~",
    "↔": "-",
    "↕": "|",
    "\N{NO-BREAK SPACE}": " ",
}


class AsciiFilter(LineFilter):
    """Puts a character of ASCII in the place of every other, two for a wide one."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, as wide as before."""
        return [
            segment if segment.control else Segment(to_ascii(segment.text), segment.style)
            for segment in segments
        ]


@lru_cache(4096)
def to_ascii(text: str) -> str:
    """The text in ASCII, in as many cells."""
    if text.isascii():
        return text
    return "".join(
        char if char.isascii() else _SUBSTITUTES.get(char, "?") * cell_len(char) for char in text
    )


def locale_is_ascii() -> bool:
    """Whether the locale promises no more than ASCII, as far as one can see."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    said = next(filter(None, names), "")
    if not said or "utf" in said.lower():
        return False
    # For the plain C locale Python itself takes UTF-8, so that its own answer says nothing.
    return said in ("C", "POSIX") or "utf" not in locale.getpreferredencoding(False).lower()
