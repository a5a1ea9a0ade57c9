"""Lines of styled text, and blocks of lines side by side: pure functions."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from core.text import printable

_FLOW_GAP = "   "


def styled(*pieces: tuple[str, Style]) -> Strip:
    """Returns a line made of (text, style) pieces."""
    return Strip([Segment(text, style) for text, style in pieces])


def cut(text: str, cells: int) -> str:
    """Returns a text from a file, safe to show and at most so many cells long."""
    text = printable(text)
    while cell_len(text) > cells:
        text = f"{text.removesuffix('…')[:-1]}…"
    return text


def longest(forms: Sequence[str], width: int) -> str:
    """The first of the forms, the longest first, that fits in `width` cells; else the last one."""
    return next((form for form in forms if cell_len(form) <= width), forms[-1])


def as_many(parts: Iterable[str], width: int, gap: str = "  ") -> str:
    """The first of the parts, as many as fit in `width` cells with gaps between them."""
    line = ""
    for part in parts:
        longer = f"{line}{gap}{part}" if line else part
        if cell_len(longer) > width:
            break
        line = longer
    return line


def whole_words(text: str, width: int) -> str:
    """The beginning of a text that fits in `width` cells and does not end within a word."""
    return text if cell_len(text) <= width else as_many(text.split(" "), width, " ").rstrip(" ·,;")


def paragraph(text: str, width: int, style: Style) -> list[Strip]:
    """Wrap the text to lines of at most `width` cells."""
    lines = wrap(text, max(width, 1), break_on_hyphens=False)
    return [styled((line, style)) for line in lines]


def flow(items: Iterable[str], width: int, style: Style) -> list[Strip]:
    """Fill lines of at most `width` cells with the items; an item is never split."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(_FLOW_GAP) + len(item) <= width:
            lines[-1] += _FLOW_GAP + item
        else:
            lines.append(item)
    return [styled((line, style)) for line in lines]


def beside(left: list[Strip], right: list[Strip], width: int, plain: Style) -> list[Strip]:
    """Place two blocks next to each other, the left one in `width` cells."""
    missing = max(len(left), len(right)) - len(left)
    rows = [row.crop(0, width).extend_cell_length(width, plain) for row in left]
    rows += [Strip.blank(width, plain)] * missing
    joined = [Strip.join(pair) for pair in zip(rows, right, strict=False)]
    return joined + rows[len(right) :]


def tiled(panels: Sequence[list[Strip]], columns: int, gap: int, plain: Style) -> list[Strip]:
    """Arrange panels in a grid, row by row. All panels have the same number of lines."""
    space, lines = Strip.blank(gap, plain), []
    for start in range(0, len(panels), columns):
        for row in zip(*panels[start : start + columns], strict=True):
            lines.append(Strip.join([piece for part in row for piece in (part, space)][:-1]))
    return lines
