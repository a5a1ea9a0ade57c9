"""ASCII replacements for all other characters, for terminals that cannot show them.

A filter replaces characters one by one after everything is drawn, so that no widget needs to know.
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
    # Greek letters become similar Latin ones. β becomes B, because b is a bias.
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
    """Replaces each non-ASCII character with an ASCII one; a wide character with two."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Returns the segments in ASCII, with unchanged widths."""
        return [
            segment if segment.control else Segment(to_ascii(segment.text), segment.style)
            for segment in segments
        ]


@lru_cache(4096)
def to_ascii(text: str) -> str:
    """Returns the text in ASCII, with the same width in cells."""
    if text.isascii():
        return text
    return "".join(
        char if char.isascii() else _SUBSTITUTES.get(char, "?") * cell_len(char) for char in text
    )


def locale_is_ascii() -> bool:
    """Returns whether the locale guarantees only ASCII, judging by the environment."""
    values = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    name = next(filter(None, values), "")
    if not name or "utf" in name.lower():
        return False
    # In the C locale Python reports UTF-8, so its answer is no evidence there.
    return name in ("C", "POSIX") or "utf" not in locale.getpreferredencoding(False).lower()
