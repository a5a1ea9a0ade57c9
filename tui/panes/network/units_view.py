"""The units of a layer as pictures of their weights, in pages."""

from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.inspection.unit_survey import lengths
from core.what_if.unit_worth import UnitWorth
from tui.drawing.numbers import number, percent, short_forms, shortened
from tui.drawing.pictures import Pictures
from tui.drawing.text import longest, styled
from tui.drawing.tile_grid import TileGrid
from tui.drawing.weight_pictures import legend, weight_picture
from tui.panes.network.network_view import NetworkView
from tui.panes.network.switched_off_text import points
from tui.panes.network.unit_order import UnitOrder
from tui.panes.tile_cursor import TileCursor, tile_bindings

_FULL = (14, 28)  # (rows, columns): the pixels of Fashion-MNIST, in half-blocks
_THUMBNAILS = ((7, 14), (5, 10))
_ENOUGH = 24  # units on a page, for the larger thumbnails
_MIN_CAPTION = 16  # cells of a caption in full size


class UnitsView(NetworkView, TileCursor):
    """Shows as many units as fit, in one of several orders, with a cursor on one of them."""

    HINT = "arrows select  Enter enlarge  O off  o order  l layer  z size  v view"
    TILE = "unit"
    BINDINGS = tile_bindings(TILE, "Show only this unit")

    order: reactive[UnitOrder] = reactive(UnitOrder.NORM, repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)
    thumbnails: reactive[bool] = reactive(True, repaint=False)

    def __init__(self) -> None:
        super().__init__("units", paint_order=5)
        self.border_title = "Network: units"
        self.tooltip = (
            "The weights of each unit, one per pixel of the image, scaled to the largest: dark "
            "blue (in characters -~=) is negative, bright yellow (+*#) positive. "
            "%: the share of training images with an output above 0 (active). "
            "In full size, |w|: L2 norm of the weights, mean: mean output over these images. "
            "Enter or a second click shows one unit alone. z: thumbnails or full size. "
            "l: next layer. o: order. O: what if the unit were off?"
        )

    def watch_order(self) -> None:
        self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def watch_thumbnails(self) -> None:
        self.redraw()

    @property
    def tile_count(self) -> int:
        return len(self.ranked(self.order))

    @property
    def cursor(self) -> int:
        return self.place(self.ranked(self.order))

    def action_open(self) -> None:
        if len(self.ranked(self.order)):
            self.post_message(self.ViewRequested("unit"))
        else:
            self.notify_end(self.why_empty(f"The units are {self.why_not_measured}."))

    def draw(self, width: int, height: int) -> list[Strip]:
        run, weights = self.snapshot.run, self.weights()
        if run is None or weights is None:
            self.set_border("Network: units")
            return [styled((self.why_empty(f"The units are {self.why_not_measured}."), self.muted))]
        order = self.ranked(self.order)
        above = self._off_line(width)
        height -= len(above)
        size = self._arrange(run.dataset.train_images.shape[1:], len(order), width, height)
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
                [line.adjust_cell_length(self._grid.width, self.plain) for line in drawn]
                + self._caption(unit, norm, place == at)
            )
        head = above + [styled((self._legend(width), self.muted))] * self._head
        self._head = len(head)
        return head + self._grid.lines(tiles, self.plain)

    def _off_line(self, width: int) -> list[Strip]:
        """What the network would do without the units that are off."""
        forms = self.off_forms()
        if not forms:
            return []
        style = self.plain + Style(bold=True) + self.blended("text-warning")
        return [styled((longest(forms, width), style))]

    def _arrange(
        self, shape: tuple[int, ...], count: int, width: int, height: int
    ) -> tuple[int, int]:
        """Fit the grid for `count` units; return the (rows, columns) of a picture.

        Thumbnails are smaller if otherwise too few fit. The legend is above them if it costs none.
        """
        caption = (1, 1) if self.thumbnails else (2, _MIN_CAPTION)
        for largest in _THUMBNAILS if self.thumbnails else (_FULL,):
            self._grid, size = TileGrid.of_pictures((width, height), shape, largest, caption)
            if self._grid.tiles >= min(count, _ENOUGH):
                break
        lower, lower_size = TileGrid.of_pictures((width, height - 1), shape, largest, caption)
        self._head = int((lower.tiles, lower_size) == (self._grid.tiles, size))
        if self._head:
            self._grid = lower
        return size

    def move_to(self, place: int, by: int, what: str) -> None:
        self._select(self.ranked(self.order), place, by, what)

    def _write_border(self, page: range, count: int, step: int) -> None:
        """Describe the units in the border."""
        survey = self.snapshot.survey
        places = f"{page.start + 1:,}–{page.stop:,}, {self.order.value}"
        forms = [places]
        if survey is not None:
            figures = "%: active" if self.thumbnails else "mean, active:"
            forms = [f"{places} · {figures} on {survey.images:,} training images", places]
        run = self.snapshot.run
        if self.order is UnitOrder.WORTH and run is not None:
            what = f"pt: drop in {run.evaluation_set} accuracy without it, in points"
            answered = self.snapshot.answers.get(UnitWorth)
            if answered is None or answered.answer.done < 1:
                forms = [f"{places}: being measured", places]
            else:
                cost = f"measured in about {max(answered.seconds, 0.1):.1f} s"
                forms = [f"{places} · {what}, {cost}", f"{places} · {what}", places]
        self.set_border(
            f"Network: {count:,} units of {self.layer_name(self.depth)}, after step {step:,}",
            longest(forms, self.size.width - 4),
        )

    def _legend(self, width: int) -> str:
        what = "weights"
        if self.depth:
            what = "weights through the preceding layers, ignoring activations"
        signs = legend(self.pictures, width)
        scaled = f"{what}: {signs}, each scaled to its largest"
        norm = () if self.thumbnails else (f"{scaled}; |w| is the L2 norm",)
        return longest([*norm, scaled, f"{what}: {signs}", signs, what, ""], width)

    def _caption(self, unit: int, norm: float, selected: bool) -> list[Strip]:
        """The name of a unit, how active it is or that it is dead; in full size, its norm."""
        survey, width = self.snapshot.survey, self._grid.width
        units = survey.layers[self.depth] if survey else None
        dead = units is not None and bool(units.dead[unit])
        plain, muted = self.plain, self.muted
        strong = plain + Style(bold=True)
        off = (self.depth, unit) in self.off
        if off:
            strong = muted = plain + Style(bold=True) + self.blended("text-warning")
        elif dead:
            muted = strong + self.blended("text-error")
        if selected and self.has_focus:
            strong = muted = plain + Style(reverse=True, bold=True)
        sign = "▶" if selected else "○" if off else "×" if dead else " "
        name = self.unit_name(self.depth, unit).removeprefix("unit ")
        active = percent(float(units.active_share[unit])) if units else ""
        worth = ""
        if self.order is UnitOrder.WORTH and self.worth is not None:
            worth = f"{points(float(self.worth.worth[self.depth][unit]))} pt"
        if self.thumbnails:
            figure = "off" if off else worth or ("dead" if dead else active)
            ends = [f" {end}" for end in dict.fromkeys((figure, figure.removesuffix(" pt"))) if end]
            forms = [f"{form}{end}" for end in (*ends, "") for form in short_forms(name)]
            text = longest([*forms, shortened(name, width - 1)], width - 1)
            style = muted if dead else strong if selected else plain
            style = strong if off else style
            return [styled((f"{sign}{text}", style)).adjust_cell_length(width, style)]
        first = f" |w| {number(norm)}"
        second = ["activity not measured yet", "not measured"]
        if units is not None and dead:
            second = [f"dead since {word}{units.dead_since[unit]:,}" for word in ("step ", "")]
        elif units is not None:
            mean = f"mean {number(float(units.mean[unit]))}"
            second = [f"{mean}, active {active}", f"{mean}, {active}", mean]
        if worth:
            second = [f"drop {worth}, active {active}", f"drop {worth}", worth]
        if off:
            second = ["switched off", "off"]
        first = f"{sign}{shortened(name, width - 1 - len(first))}{first}"
        return [
            styled((first, strong)).adjust_cell_length(width, strong),
            styled((f" {longest(second, width - 1)}", muted)).adjust_cell_length(width, muted),
        ]
