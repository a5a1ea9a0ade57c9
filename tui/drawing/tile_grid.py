"""A grid of equal tiles, shown a page at a time: which tiles a page holds, and where keys and
clicks move the selection. Pure functions, tested without an app."""

from typing import NamedTuple

from rich.style import Style
from textual.strip import Strip

from tui.drawing.text import tiled

GAP = 2  # cells between two columns of tiles; between two rows there is one empty line


class TileGrid(NamedTuple):
    """`columns` by `rows` tiles to a page, each `width` by `height` cells.

    Tiles are numbered from 0, across and then down, over all pages; `count` is how many there are.
    """

    columns: int = 1
    rows: int = 1
    width: int = 1
    height: int = 1

    @classmethod
    def fit(cls, size: tuple[int, int], tile: tuple[int, int]) -> "TileGrid":
        """The grid that fills `size` with tiles of size `tile`, both (width, height) in cells."""
        columns, rows = (size[0] + GAP) // (tile[0] + GAP), (size[1] + 1) // (tile[1] + 1)
        return cls(max(1, columns), max(1, rows), *tile)

    def page(self, place: int, count: int) -> range:
        """The tiles on the page that holds the tile `place`."""
        tiles = self.columns * self.rows
        start = place // tiles * tiles
        return range(start, min(start + tiles, count))

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
        return self.move(place, by * self.columns * self.rows, count)

    def hit(self, x: int, y: int, page: range) -> int | None:
        """The tile of this page at cell (x, y) of the grid, with the gap after it; None beside."""
        column, row = x // (self.width + GAP), y // (self.height + 1)
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        place = page.start + row * self.columns + column
        return place if place in page else None

    def lines(self, tiles: list[list[Strip]], plain: Style) -> list[Strip]:
        """The page as lines of text."""
        blank = Strip.blank(self.width, plain)
        return tiled([[*tile, blank] for tile in tiles], self.columns, GAP, plain)[:-1]
