"""The characters that charts are drawn with, in Unicode and in ASCII."""

from dataclasses import dataclass

from tui.drawing.bars import ASCII_BLOCKS, BLOCKS


@dataclass(frozen=True)
class Glyphs:
    """The characters that charts are drawn with."""

    vertical: str = "│"
    horizontal: str = "─"
    corner: str = "└"
    y_tick: str = "┤"
    x_tick: str = "┬"
    change_tick: str = "┴"
    epoch: str = "┊"
    change: str = "│"
    cursor: str = "┃"
    position: str = "╎"
    batch: str = "⠐"
    average: str = "⠒"
    point: str = "●"
    epoch_mean: str = "◆"
    bad: str = "✗"
    branches: str = "■□+★"  # at the ends of other branches; not arrows, which point beyond an axis
    above: str = "↑"
    below: str = "↓"
    arrow: str = "→"
    right: str = "✓"  # after a correct prediction
    dash: str = "–"
    blocks: str = BLOCKS
    lines: str = "braille"  # the marker of plotext for lines; if empty, batch and average
    dots: tuple[int, int] = (2, 4)  # in a cell, across and down


UNICODE = Glyphs()
ASCII = Glyphs(
    vertical="|",
    horizontal="-",
    corner="+",
    y_tick="+",
    x_tick="+",
    change_tick="^",
    epoch=":",
    change="|",
    cursor="!",
    position="I",
    batch=".",
    average="~",
    point="o",
    epoch_mean="#",
    bad="X",
    branches="ABCD",
    above="^",
    below="v",
    arrow="->",
    right="ok",
    dash="-",
    blocks=ASCII_BLOCKS,
    lines="",
    dots=(1, 1),
)
