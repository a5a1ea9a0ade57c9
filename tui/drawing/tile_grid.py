"""A grid of equal tiles, shown a page at a time: which tiles a page holds, and where keys and
clicks move the selection. Pure functions, tested without an app."""

from typing import NamedTuple

from rich.style import Style
from textual.strip import Strip

from tui.drawing.pictures import picture_size
from tui.drawing.text import tiled

Cells = tuple[int, int]

GAP = 1  # cells between two columns of tiles


class TileGrid(NamedTuple):
    """`columns` by `rows` tiles to a page, each `width` by `height` cells.

    `row_gap` is the number of empty lines between two rows. Tiles are numbered from 0, across and
    then down, over all pages; `count` is how many there are.
    """

    columns: int = 1
    rows: int = 1
    width: int = 1
    height: int = 1
    row_gap: int = 0

    @classmethod
    def fit(cls, size: Cells, tile: Cells) -> "TileGrid":
        """The grid that fills `size` with as many tiles as fit, both (width, height) in cells.

        `tile` is their least size: they share the width that is left, and there is an empty line
        between two rows if it costs no row.
        """
        columns, rows = max(1, (size[0] + GAP) // (tile[0] + GAP)), max(1, size[1] // tile[1])
        width = max(tile[0], (size[0] + GAP) // columns - GAP)
        return cls(columns, rows, width, tile[1], int(rows * (tile[1] + 1) - 1 <= size[1]))

    @classmethod
    def of_pictures(
        cls,
        room: Cells,
        shape: tuple[int, ...],
        largest: Cells,
        caption: Cells,
    ) -> "tuple[TileGrid, Cells]":
        """The grid that fills `room` (width, height) with pictures of images of this `shape`, and
        the size (rows, columns) of a picture, at most `largest`.

        caption: the (lines, width) of the caption below each picture.
        """
        lines, least = caption
        rows, columns = min(largest[0], max(1, room[1] - lines)), min(largest[1], room[0])
        size = picture_size(shape, rows, columns)
        return cls.fit(room, (max(size[1], min(least, room[0])), size[0] + lines)), size

    @property
    def tiles(self) -> int:
        """The tiles on a full page."""
        return self.columns * self.rows

    def page(self, place: int, count: int) -> range:
        """The tiles on the page that holds the tile `place`."""
        start = place // self.tiles * self.tiles
        return range(start, min(start + self.tiles, count))

    def move(self, place: int, by: int, count: int) -> int:
        """`by` tiles further, at most to the first or last one."""
        return min(max(place + by, 0), max(count - 1, 0))

    def move_row(self, place: int, by: int, count: int) -> int:
        """`by` rows further down; stays where it is if there is no such row."""
        row = place // self.columns + by
        if 0 <= row <= (count - 1) // self.columns:
            return self.move(place, by * self.columns, count)
        return place

    def move_page(self, place: int, by: int, count: int) -> int:
        """`by` pages further, at most to the first or last tile."""
        return self.move(place, by * self.tiles, count)

    def hit(self, x: int, y: int, page: range) -> int | None:
        """The tile of this page at cell (x, y) of the grid, with the gap after it; None beside."""
        column, row = x // (self.width + GAP), y // (self.height + self.row_gap)
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        place = page.start + row * self.columns + column
        return place if place in page else None

    def lines(self, tiles: list[list[Strip]], plain: Style) -> list[Strip]:
        """The page as lines of text."""
        blank = [Strip.blank(self.width, plain)] * self.row_gap
        lines = tiled([[*tile, *blank] for tile in tiles], self.columns, GAP, plain)
        return lines[: len(lines) - self.row_gap]
