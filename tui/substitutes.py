"""ASCII replacements for all other characters, for terminals and files that cannot hold them."""

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import normalize

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
    **dict.fromkeys("▶►→⏵❯›", ">"),
    **dict.fromkeys("◀◄◂←⏴❮‹", "<"),
    **dict.fromkeys("▼↓⏷", "v"),
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
    **dict.fromkeys("✓✔", "="),
    "★": "*",
    "▸": "+",  # folded
    "▾": "-",  # unfolded
    **dict.fromkeys("↻⟳", "@"),
    "±": "~",
    "🔎": ">",
    "◆": "#",
    "↔": "-",
    "↕": "|",
    "\N{NO-BREAK SPACE}": " ",
}

_LETTERS = dict(zip("ßæœøđðłıþ", ("ss", "ae", "oe", *"oddlit"), strict=True))
"""Latin letters that are no other letter with an accent."""

# Between two values, ">" would be read as "greater": 0.005 ->0.01, but "<" and ">" for two keys.
_CHANGE = re.compile(r"(?<=[\w.%)]) → (?=\S)")

ENCODING_ERRORS = "fashion-tui.substitute"
"""For `str.encode`: replaces the characters that an encoding lacks, with the same width."""


@lru_cache(4096)
def to_ascii(text: str) -> str:
    """Returns the text in ASCII, with the same width in cells."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _in_ascii(char) for char in _CHANGE.sub(" ->", text))


def _in_ascii(char: str) -> str:
    """The substitute of a character, or the letter without its accent; else question marks."""
    cells = cell_len(char)
    if char in _SUBSTITUTES:
        return _SUBSTITUTES[char] * cells
    letters = _latin(char)
    return letters[:cells].ljust(cells) if letters.isalnum() else "?" * cells


def _latin(text: str) -> str:
    """The text without accents and without all that is then not ASCII."""
    for letter, replacement in _LETTERS.items():
        text = text.replace(letter, replacement)
        text = text.replace(letter.upper(), replacement.capitalize())
    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def ascii_names(names: Sequence[str]) -> tuple[str, ...]:
    """Returns class names in ASCII: without accents, or "class 3" if no letter is left, or if two
    would be the same."""
    short = [name if name.isascii() else " ".join(_latin(name).split()) for name in names]
    times = Counter(short)
    return tuple(
        plain
        if name.isascii() or (times[plain] == 1 and any(map(str.isalnum, plain)))
        else f"class {number}"
        for number, (name, plain) in enumerate(zip(names, short, strict=True))
    )


def _substitute(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return to_ascii(error.object[error.start : error.end]), error.end


codecs.register_error(ENCODING_ERRORS, _substitute)
