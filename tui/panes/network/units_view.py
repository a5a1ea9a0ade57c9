"""The units of a layer as pictures of their weights, in pages."""

from rich.cells import set_cell_size
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.reactive import reactive
from textual.strip import Strip

from core.inspection.unit_survey import lengths
from tui.drawing.numbers import number, percent
from tui.drawing.pictures import Pictures, picture_size
from tui.drawing.text import styled
from tui.drawing.tile_grid import TileGrid
from tui.drawing.weight_pictures import legend, weight_picture
from tui.panes.network.network_view import NOT_SURVEYED, NetworkView
from tui.panes.network.unit_order import UnitOrder

_ROWS, _COLUMNS = 14, 28  # of a picture: the pixels of Fashion-MNIST, in half-blocks
_CAPTION = 2  # lines
_HEAD = 1
_MIN_CAPTION = 16  # cells of a caption


class UnitsView(NetworkView):
    """Shows as many units as fit, in one of several orders, with a cursor on one of them."""

    HINT = "arrows select  Enter enlarge  l layer  o order  v view"
    BINDINGS = [
        Binding("right", "move(1)", "Next unit", show=False),
        Binding("left", "move(-1)", "Previous unit", show=False),
        Binding("down", "row(1)", "Unit below", show=False),
        Binding("up", "row(-1)", "Unit above", show=False),
        Binding("pagedown", "page(1)", "Next page", show=False),
        Binding("pageup", "page(-1)", "Previous page", show=False),
        Binding("left_parenthesis,home", "end(0)", "First unit", show=False),
        Binding("right_parenthesis,end", "end(-1)", "Last unit", show=False),
        Binding("enter", "open", "Show only this unit", show=False),
    ]

    order: reactive[UnitOrder] = reactive(UnitOrder.NORM, repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

    def __init__(self) -> None:
        super().__init__("units", paint_order=5)
        self.border_title = "Network: units"
        self.tooltip = (
            "The weights of each unit, one per pixel of the image. |w|: their L2 norm. "
            "mean: the mean output over all training images. "
            "active: the share of training images with an output above 0. "
            "Enter or a second click shows one unit alone. l: next layer. o: order."
        )
        self._grid = TileGrid()

    def watch_order(self) -> None:
        self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        offset, order = event.get_content_offset(self), self.ranked(self.order)
        if offset is None:
            return
        page = self._grid.page(self.place(order), len(order))
        place = self._grid.hit(offset.x, offset.y + self.scroll_offset.y - _HEAD, page)
        if place is not None and place == self.place(order):
            self.action_open()
        elif place is not None:
            self._select(place)

    def action_move(self, by: int) -> None:
        order = self.ranked(self.order)
        self._select(self._grid.move(self.place(order), by, len(order)))

    def action_row(self, by: int) -> None:
        order = self.ranked(self.order)
        self._select(self._grid.move_row(self.place(order), by, len(order)))

    def action_page(self, by: int) -> None:
        order = self.ranked(self.order)
        self._select(self._grid.move_page(self.place(order), by, len(order)))

    def action_end(self, place: int) -> None:
        self._select(place % max(len(self.ranked(self.order)), 1))

    def action_open(self) -> None:
        if len(self.ranked(self.order)):
            self.post_message(self.ViewRequested("unit"))

    def draw(self, width: int, height: int) -> list[Strip]:
        run, weights = self.snapshot.run, self.weights()
        if run is None or weights is None:
            self.set_border("Network: units")
            return [styled((self.why_empty(NOT_SURVEYED), self.muted))]
        rows = min(_ROWS, max(1, height - _HEAD - _CAPTION))
        size = picture_size(run.dataset.train_images.shape[1:], rows, min(_COLUMNS, width))
        tile = max(size[1], min(_MIN_CAPTION, width))
        self._grid = TileGrid.fit((width, height - _HEAD), (tile, size[0] + _CAPTION))

        order = self.ranked(self.order)
        at = self.place(order)
        page = self._grid.page(at, len(order))
        shown = order[page.start : page.stop]
        self._write_border(page, len(order), weights[0])
        patterns = self.patterns(shown)
        norms = lengths(weights[1][shown])
        tiles = []
        for place, unit, pattern, norm in zip(
            page, shown.tolist(), patterns, norms.tolist(), strict=True
        ):
            drawn = weight_picture(pattern, size, self.pictures, self.plain)
            tiles.append(
                [line.adjust_cell_length(tile, self.plain) for line in drawn]
                + self._caption(unit, norm, tile, place == at)
            )
        lines = self._grid.lines(tiles, self.plain)
        return [styled((self._legend(width), self.muted)), *lines]

    def _select(self, place: int) -> None:
        order = self.ranked(self.order)
        if len(order):
            self.post_message(self.Selected(self.depth, int(order[place])))

    def _write_border(self, page: range, count: int, step: int) -> None:
        """Describe the units in the border."""
        survey = self.snapshot.survey
        measured = f" · mean, active: on {survey.images:,} training images" if survey else ""
        self.set_border(
            f"Network: {count:,} units of {self.layer_name(self.depth)}, after step {step:,}",
            f"{page.start + 1:,}–{page.stop:,}, {self.order.value}{measured}",
        )

    def _legend(self, width: int) -> str:
        what = "weights"
        if self.depth:
            what = "weights through the layers below, without activations"
        signs = legend(self.pictures, width)
        long = f"{what}: {signs}, each scaled to its largest; |w| is the L2 norm"
        lines = (long, f"{what}: {signs}", signs)
        return next((line for line in lines if len(line) <= width), what[:width])

    def _caption(self, unit: int, norm: float, width: int, selected: bool) -> list[Strip]:
        """The name and norm of a unit; its activity, or since when it is dead."""
        survey = self.snapshot.survey
        plain, muted = self.plain, self.muted
        strong = plain + Style(bold=True)
        figures = f"|w| {number(norm)}"
        second = "activity not measured yet" if width >= _COLUMNS else "not measured"
        if survey is not None:
            units = survey.layers[self.depth]
            share = percent(float(units.active_share[unit]))
            label = "active " if width >= _COLUMNS else ""
            second = f"mean {number(float(units.mean[unit]))}, {label}{share}"
            if units.dead[unit]:
                second = f"dead since {'step ' * (width >= _COLUMNS)}{units.dead_since[unit]:,}"
        dead = second.startswith("dead")
        if dead:
            muted = strong + self.blended("text-error")
        if selected and self.has_focus:
            strong = muted = plain + Style(reverse=True, bold=True)
        name = self.unit_name(self.depth, unit).removeprefix("unit ")
        sign = "▶" if selected else "×" if dead else " "
        head = set_cell_size(f"{sign}{name}", max(0, width - len(figures) - 1))
        return [
            styled((f"{head} {figures}"[:width], strong)).adjust_cell_length(width, strong),
            styled((f" {second}"[:width], muted)).adjust_cell_length(width, muted),
        ]
