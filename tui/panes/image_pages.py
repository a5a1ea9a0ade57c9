"""Base class: a pane that shows images in pages, with captions and a cursor on one of them."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.reactive import reactive
from textual.strip import Strip

from core.types import Bytes, Indices
from tui.drawing.pictures import picture
from tui.drawing.tile_grid import Cells, TileGrid
from tui.panes.picture_toggle import PictureToggle
from tui.panes.tile_cursor import TileCursor, tile_bindings

FULL, THUMBNAIL = (14, 28), (7, 14)
"""Each pixel of Fashion-MNIST, in half-blocks; the mean of 2×2 pixels."""

NO_IMAGES = "There are no images here."
_ENOUGH = 6  # images on a page

PAGE_BINDINGS = tile_bindings("image", "Enlarge the image")
"""The keys of the cursor, for the BINDINGS of a subclass."""


@dataclass(frozen=True)
class PageLayout:
    """Pictures of at most so many lines and cells, over captions of so many lines and cells."""

    picture: Cells
    caption: Cells

    def fit(self, width: int, height: int, shape: tuple[int, ...]) -> tuple[TileGrid, Cells]:
        """The grid that fits images of this shape into a pane, and the size of each picture."""
        return TileGrid.of_pictures((width, height), shape, self.picture, self.caption)


class ImagePages(TileCursor, PictureToggle):
    """Shows the images in `rows`, as many as fit. A subclass has `rows` and `action_open`."""

    TILE = "image"

    place: reactive[int] = reactive(0, repaint=False)
    """The cursor, from 0; it may be after the last image if there are fewer now."""

    @property
    def rows(self) -> Indices:
        """The rows of an evaluation whose images are shown, in order."""
        raise NotImplementedError

    @property
    def tile_count(self) -> int:
        return len(self.rows)

    @property
    def shows_pictures(self) -> bool:
        return len(self.rows) > 0

    @property
    def cursor(self) -> int:
        """The cursor, at most at the last image."""
        return min(self.place, max(len(self.rows) - 1, 0))

    def watch_place(self) -> None:
        self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def move_to(self, place: int, by: int, what: str) -> None:
        """Moves the cursor, or says why it stays."""
        if not len(self.rows):
            self.notify_end(NO_IMAGES)
        elif place == self.cursor:
            self.notify_end(f"This is the {'last' if by > 0 else 'first'} {what}.")
        self.place = place

    def lay_out(
        self, width: int, height: int, shape: tuple[int, ...], *layouts: PageLayout
    ) -> PageLayout:
        """Fits pages of images of this shape into the pane.

        Takes the first layout, unless another one shows enough images only then, or twice as many.
        """
        fitted = [layout.fit(width, height, shape) for layout in layouts]
        best = 0
        for number, (grid, _) in enumerate(fitted):
            shown, possible = fitted[best][0].tiles, grid.tiles
            if possible > shown and (shown < _ENOUGH or possible >= 2 * shown):
                best = number
        self._grid, self._picture_size = fitted[best]
        return layouts[best]

    def draw_page(
        self, page: range, images: Bytes, caption: Callable[[int, int, bool], list[Strip]]
    ) -> list[Strip]:
        """Draws a page. images: of its places. caption: called with row, width and selected."""
        width, tiles, rows = self._grid.width, [], self.rows
        for place, image in zip(page, images, strict=True):
            drawn = picture(image, self._picture_size, self.pictures, self.plain)
            tiles.append(
                [line.adjust_cell_length(width, self.plain) for line in drawn]
                + caption(int(rows[place]), width, place == self.cursor)
            )
        return self._grid.lines(tiles, self.plain)
