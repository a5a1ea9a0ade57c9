"""Lines of styled text, and blocks of lines side by side: pure functions."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


def styled(*pieces: tuple[str, Style]) -> Strip:
    """A line of pieces of text, each in its style."""
    return Strip([Segment(piece, style) for piece, style in pieces])


def paragraph(text: str, width: int, style: Style) -> list[Strip]:
    """The text in lines of at most `width` cells."""
    return [styled((row, style)) for row in wrap(text, max(width, 1), break_on_hyphens=False)]


def flow(words: Iterable[str], width: int, style: Style) -> list[Strip]:
    """The words, which stay whole, as many in a line as fit."""
    rows: list[str] = []
    for word in words:
        if rows and len(rows[-1]) + 3 + len(word) <= width:
            rows[-1] += f"   {word}"
        else:
            rows.append(word)
    return [styled((row, style)) for row in rows]


def beside(left: list[Strip], right: list[Strip], width: int, plain: Style) -> list[Strip]:
    """Both next to each other, the right one from the cell `width` on."""
    rows = max(len(left), len(right))
    blank = [Strip.blank(width, plain)] * (rows - len(left))
    columns = [row.crop(0, width).extend_cell_length(width, plain) for row in left] + blank
    return [
        Strip.join([row, right[at]]) if at < len(right) else row for at, row in enumerate(columns)
    ]


def tiled(panels: Sequence[list[Strip]], abreast: int, gap: int, plain: Style) -> list[Strip]:
    """Panels of equally many lines, so many beside each other, the next ones below."""
    space, lines = Strip.blank(gap, plain), []
    for start in range(0, len(panels), abreast):
        for parts in zip(*panels[start : start + abreast], strict=True):
            lines.append(Strip.join([piece for part in parts for piece in (part, space)][:-1]))
    return lines
