"""Base class: a pane that shows images in pages, with captions and a cursor on one of them."""

from collections.abc import Callable
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.reactive import reactive
from textual.strip import Strip

from core.types import Bytes, Indices
from tui.drawing.pictures import picture
from tui.drawing.tile_grid import Cells, TileGrid
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle

FULL, THUMBNAIL = (14, 28), (7, 14)
"""Each pixel of Fashion-MNIST, in half-blocks; the mean of 2×2 pixels."""

NO_IMAGES = "There are no images here."
_ENOUGH = 6  # images on a page

# Not in the footer: in 80 columns they would push out the others.
PAGE_BINDINGS = [
    Binding("right", "move(1)", "Next image", show=False),
    Binding("left", "move(-1)", "Previous image", show=False),
    Binding("down", "row(1)", "Image below", show=False),
    Binding("up", "row(-1)", "Image above", show=False),
    Binding("pagedown", "page(1)", "Next page", show=False),
    Binding("pageup", "page(-1)", "Previous page", show=False),
    Binding("left_parenthesis,home", "end(0)", "First image", show=False),
    Binding("right_parenthesis,end", "end(-1)", "Last image", show=False),
    Binding("enter", "open", "Enlarge the image", show=False),
]
"""The keys of the cursor, for the BINDINGS of a subclass."""


@dataclass(frozen=True)
class PageLayout:
    """Pictures of at most so many lines and cells, over captions of so many lines and cells."""

    picture: Cells
    caption: Cells

    def fit(self, width: int, height: int, shape: tuple[int, ...]) -> tuple[TileGrid, Cells]:
        """The grid that fits images of this shape into a pane, and the size of each picture."""
        return TileGrid.of_pictures((width, height), shape, self.picture, self.caption)


class ImagePages(LinePane, PictureToggle):
    """Shows the images in `rows`, as many as fit. A subclass has `rows` and `action_open`."""

    place: reactive[int] = reactive(0, repaint=False)
    """The cursor, from 0; it may be after the last image if there are fewer now."""

    def __init__(self, id: str, paint_order: int = 0) -> None:
        super().__init__(id, paint_order=paint_order)
        self._grid = TileGrid()

    @property
    def rows(self) -> Indices:
        """The rows of an evaluation whose images are shown, in order."""
        raise NotImplementedError

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

    def on_click(self, event: events.Click) -> None:
        """Moves the cursor to an image; a second click enlarges it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        place = self._grid.hit(offset.x, offset.y + self.scroll_offset.y, self.page)
        if place is not None and place == self.cursor:
            self.action_open()
        elif place is not None:
            self.place = place

    def action_move(self, by: int) -> None:
        self._move_to(self._grid.move(self.cursor, by, len(self.rows)), by)

    def action_row(self, by: int) -> None:
        self._move_to(self._grid.move_row(self.cursor, by, len(self.rows)), by)

    def action_page(self, by: int) -> None:
        self._move_to(self._grid.move_page(self.cursor, by, len(self.rows)), by)

    def action_end(self, place: int) -> None:
        self._move_to(place % max(len(self.rows), 1), 1 if place else -1)

    def _move_to(self, place: int, by: int) -> None:
        """Moves the cursor, or says why it stays; by: in which direction."""
        if not len(self.rows):
            self.tell_end(NO_IMAGES)
        elif place == self.cursor:
            self.tell_end(f"These are the {'last' if by > 0 else 'first'} images.")
        self.place = place

    def action_open(self) -> None:
        raise NotImplementedError

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

    @property
    def page(self) -> range:
        """The places on the current page."""
        return self._grid.page(self.cursor, len(self.rows))

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
