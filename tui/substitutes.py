"""ASCII replacements for all other characters, for terminals and files that cannot hold them."""

import codecs
from functools import lru_cache

from rich.cells import cell_len

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
    **dict.fromkeys("✓✔★", "*"),
    **dict.fromkeys("↻⟳", "@"),
    "±": "~",
    "🔎": ">",
    "◆": "#",
    "↔": "-",
    "↕": "|",
    "\N{NO-BREAK SPACE}": " ",
}

ENCODING_ERRORS = "fashion-tui.substitute"
"""For `str.encode`: replaces the characters that an encoding lacks, with the same width."""


@lru_cache(4096)
def to_ascii(text: str) -> str:
    """Returns the text in ASCII, with the same width in cells."""
    if text.isascii():
        return text
    return "".join(
        char if char.isascii() else _SUBSTITUTES.get(char, "?") * cell_len(char) for char in text
    )


def _substitute(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return to_ascii(error.object[error.start : error.end]), error.end


codecs.register_error(ENCODING_ERRORS, _substitute)
