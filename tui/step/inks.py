"""The styles that a pane draws with, so that what makes its lines need not know the pane."""

from collections.abc import Iterable
from textwrap import wrap
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


class Inks(NamedTuple):
    """plain: ordinary text; muted: what explains; strong: what matters; bars: of charts; wrong:
    a mistake; ascii: whether there are no characters but those of ASCII."""

    plain: Style
    muted: Style
    strong: Style
    bars: Style
    wrong: Style
    ascii: bool = False


def line(*pieces: tuple[str, Style]) -> Strip:
    """A line of pieces of text, each in its style."""
    return Strip([Segment(piece, style) for piece, style in pieces])


def paragraph(text: str, width: int, style: Style) -> list[Strip]:
    """The text in lines of at most `width` cells."""
    return [line((row, style)) for row in wrap(text, max(width, 1), break_on_hyphens=False)]


def flow(words: Iterable[str], width: int, style: Style) -> list[Strip]:
    """The words, which stay whole, as many in a line as fit."""
    rows: list[str] = []
    for word in words:
        if rows and len(rows[-1]) + 3 + len(word) <= width:
            rows[-1] += f"   {word}"
        else:
            rows.append(word)
    return [line((row, style)) for row in rows]


def beside(left: list[Strip], right: list[Strip], width: int, plain: Style) -> list[Strip]:
    """Both next to each other, the right one from the cell `width` on."""
    rows = max(len(left), len(right))
    blank = [Strip.blank(width, plain)] * (rows - len(left))
    columns = [row.crop(0, width).extend_cell_length(width, plain) for row in left] + blank
    return [
        Strip.join([row, right[at]]) if at < len(right) else row for at, row in enumerate(columns)
    ]
