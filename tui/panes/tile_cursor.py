"""A pane with tiles in pages, and a cursor that keys and clicks move."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from tui.drawing.tile_grid import TileGrid
from tui.panes.line_pane import LinePane


def tile_bindings(tile: str, opening: str) -> list[BindingType]:
    """The keys of the cursor, for the BINDINGS of a subclass. opening: what Enter does.

    They are not in the footer: in 80 columns they would push out the others.
    """
    name = tile.capitalize()
    return [
        Binding("right", "move(1)", f"Next {tile}", show=False),
        Binding("left", "move(-1)", f"Previous {tile}", show=False),
        Binding("down", "row(1)", f"{name} below", show=False),
        Binding("up", "row(-1)", f"{name} above", show=False),
        Binding("pagedown", "page(1)", "Next page", show=False),
        Binding("pageup", "page(-1)", "Previous page", show=False),
        Binding("left_parenthesis,home", "end(0)", f"First {tile}", show=False),
        Binding("right_parenthesis,end", "end(-1)", f"Last {tile}", show=False),
        Binding("enter", "open", opening, show=False),
    ]


class TileCursor(LinePane):
    """Base class. A subclass has `TILE`, `tile_count`, `cursor`, `move_to` and `action_open`, and
    sets `_grid` and `_head` when it draws."""

    TILE: ClassVar[str]
    """What a tile shows, in a word."""

    _grid = TileGrid()
    _head = 0  # lines above the grid

    @property
    def tile_count(self) -> int:
        """The number of tiles on all pages."""
        raise NotImplementedError

    @property
    def cursor(self) -> int:
        """The place of the cursor, from 0."""
        raise NotImplementedError

    def move_to(self, place: int, by: int, what: str) -> None:
        """Moves the cursor to a place, or says why it stays.

        by: the direction, negative or positive. what: of which things there is no further one if
        the place is that of the cursor, such as "page".
        """
        raise NotImplementedError

    def action_open(self) -> None:
        raise NotImplementedError

    @property
    def page(self) -> range:
        """The places on the current page."""
        return self._grid.page(self.cursor, self.tile_count)

    def on_click(self, event: events.Click) -> None:
        """Moves the cursor to a tile; a second click opens it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        place = self._grid.hit(offset.x, offset.y + self.scroll_offset.y - self._head, self.page)
        if place is not None and place == self.cursor:
            self.action_open()
        elif place is not None:
            self.move_to(place, place - self.cursor, self.TILE)

    def action_move(self, by: int) -> None:
        self.move_to(self._grid.move(self.cursor, by, self.tile_count), by, self.TILE)

    def action_row(self, by: int) -> None:
        self.move_to(self._grid.move_row(self.cursor, by, self.tile_count), by, "row")

    def action_page(self, by: int) -> None:
        self.move_to(self._grid.move_page(self.cursor, by, self.tile_count), by, "page")

    def action_end(self, place: int) -> None:
        self.move_to(place % max(self.tile_count, 1), 1 if place else -1, self.TILE)
