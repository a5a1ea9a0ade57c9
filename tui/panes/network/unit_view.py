"""One unit alone: its weights, the classes that it is for, and the images that excite it most."""

import numpy as np
from rich.cells import set_cell_size
from rich.style import Style
from textual.binding import Binding
from textual.reactive import reactive
from textual.strip import Strip

from core.inspection.unit_survey import LayerUnits, UnitSurvey, lengths
from core.types import Floats
from tui.drawing.bars import balance, bar
from tui.drawing.numbers import fit, number, percent
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.text import styled, tiled
from tui.drawing.tile_grid import GAP, TileGrid
from tui.drawing.weight_pictures import legend, weight_picture
from tui.panes.network.network_view import NetworkView
from tui.panes.network.unit_order import UnitOrder

_ROWS, _COLUMNS = 14, 28  # of a picture: the pixels of Fashion-MNIST, in half-blocks
_ABREAST = 4  # images that excite it most, at least, where they are wide enough then
_NARROW = 12
_NAME, _FIGURE = 11, 8
_LONGEST = 31  # cells of a bar
_LARGE = (140, 44)  # from here on the weights are drawn twice as large
_BESIDE = 40  # cells that the facts need beside the picture


class UnitView(NetworkView):
    """The mean activity and the votes for each class, beside the weights, over the favourites."""

    HINT = "←→ unit  Enter back  o order  i picture"
    BINDINGS = [
        Binding("right", "move(1)", "Next unit", show=False),
        Binding("left", "move(-1)", "Previous unit", show=False),
        Binding("escape,enter", "leave", "All units", show=False),
    ]

    order: reactive[UnitOrder] = reactive(UnitOrder.NORM, repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.RAMP, repaint=False)

    def __init__(self) -> None:
        super().__init__("unit", paint_order=5)
        self.border_title = "Network: one unit"

    def watch_order(self) -> None:
        self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def watch_unit(self) -> None:
        self.scroll_home(animate=False)
        self.redraw()

    def action_move(self, by: int) -> None:
        order = self.ranked(self.order)
        if len(order):
            place = min(max(self.place(order) + by, 0), len(order) - 1)
            self.post_message(self.Selected(self.depth, int(order[place])))

    def action_leave(self) -> None:
        self.post_message(self.ViewRequested("units"))

    def draw(self, width: int, height: int) -> list[Strip]:
        run, found, order = self.snapshot.run, self.weights(), self.ranked(self.order)
        if run is None or found is None:
            self.set_border("Network: one unit")
            why = "Nobody has looked at the units yet: that happens when training pauses."
            return [styled((self.nothing_yet(why), self.muted))]
        survey, unit = self.snapshot.survey, int(order[self.place(order)])
        name = self.unit_named(self.depth, unit)
        self.set_border(
            f"Network: {name} of {self.named(self.depth)}, after step {found[0]:,}",
            f"{self.place(order) + 1:,} of {len(order):,}, {self.order.value}",
        )

        shape = run.dataset.train_images.shape[1:]
        larger = 1 + (width >= _LARGE[0] and height >= _LARGE[1])
        most = min(larger * _COLUMNS, width)
        size = picture_size(shape, min(larger * _ROWS, max(1, height - 1)), most)
        [pattern] = self.patterns(np.array([unit]))
        drawn = weight_picture(pattern, size, self.pictures, self.plain)
        left = most + GAP
        abreast = 2 if width >= left + _BESIDE else 1
        facts = self._facts(unit, *found, width - left if abreast == 2 else width)
        if abreast == 2:
            drawn = [line.adjust_cell_length(most, self.plain) for line in drawn]
            rows = max(len(drawn), len(facts))
            drawn += [Strip.blank(most, self.plain)] * (rows - len(drawn))
            facts += [styled(("", self.plain))] * (rows - len(facts))
            lines = tiled((drawn, facts), 2, GAP, self.plain)
        else:
            lines = [*drawn, *facts]
        if survey is not None:
            lines += self._top_images(survey, unit, width)
        return [line.crop(0, width) for line in lines]

    def _facts(self, unit: int, step: int, W: Floats, width: int) -> list[Strip]:
        """What it is like, and for which classes."""
        survey = self.snapshot.survey
        plain, muted, bold = self.plain, self.muted, self.plain + Style(bold=True)
        length = number(float(lengths(W[[unit]])[0]))
        lines = [
            styled((f"{W.shape[1]:,} weights, their length {length}", plain)),
            styled((legend(self.pictures, width), muted)),
        ]
        if self.depth:
            lines.append(styled(("seen through the layers below, as if linear"[:width], muted)))
        if survey is None:
            return [*lines, styled(("Nobody has looked at its activity yet.", muted))]
        units, images = survey.layers[self.depth], f"{survey.images:,} training images"
        if units.dead[unit]:
            since = units.dead_since[unit]
            error = bold + self.blended("text-error")
            lines.append(
                styled((f"× dead since step {since:,} or before: no image excites it", error))
            )
        else:
            share = percent(float(units.active_share[unit]))
            lines.append(styled((f"above 0 for {share} of {images}", plain)))
        at = f", step {survey.step:,}" if survey.step != step else ""
        mean = f"mean {number(float(units.mean[unit]))}{at}"
        lines += [styled((mean, plain)), styled(("", plain))]
        return lines + self._by_class(units, unit, width)

    def _by_class(self, units: LayerUnits, unit: int, width: int) -> list[Strip]:
        """A row a class: the mean activity for its images, and the votes for it."""
        run = self.snapshot.run
        assert run is not None
        names, plain, muted = run.dataset.class_names, self.plain, self.muted
        activity, logit_effects = units.activity[unit], units.logit_effects[unit]
        most, farthest = _most(activity), _most(logit_effects)
        last = units.activation == "logits"
        cells = max(3, min(_LONGEST, (width - _NAME - 2 * _FIGURE - 5) // 2)) | 1
        if last:
            cells = max(3, min(_LONGEST, width - _NAME - _FIGURE - 2)) | 1
        draw = balance if (activity < 0).any() else bar
        head = f"{'class':>{_NAME}} {'mean activity for it':{cells + _FIGURE + 1}}"
        lines = [styled(((head if last else f"{head} votes for it*")[:width], muted))]
        best = int(np.nan_to_num(activity, nan=-np.inf).argmax()) if activity.any() else -1
        for of, name in enumerate(names):
            style = plain + Style(bold=True) if of == best else plain
            row = f"{fit(name, _NAME)} {draw(activity[of] / most, cells)}"
            row += f"{number(activity[of], 2):>{_FIGURE}}"
            if not last:
                effect = logit_effects[of]
                row += f"  {balance(effect / farthest, cells)}{number(effect, 2):>{_FIGURE}}"
            lines.append(styled((row, style)))
        if not last:
            lines.append(styled(("* through the weights, as if all were linear"[:width], muted)))
        return lines

    def _top_images(self, survey: UnitSurvey, unit: int, width: int) -> list[Strip]:
        """The images that excite it most, the first first."""
        run, units = self.snapshot.run, survey.layers[self.depth]
        assert run is not None
        chosen = [index for index in units.top_images[unit].tolist() if index >= 0]
        if not chosen:
            return []
        images, names = run.dataset.train_images, run.dataset.class_names
        labels = run.dataset.train_labels
        tile = max(1, min(_COLUMNS, width, max(_NARROW, (width + GAP) // _ABREAST - GAP)))
        size = picture_size(images.shape[1:], _ROWS, tile)
        across = TileGrid.fit((width, 1), (tile, 1)).columns
        lines = [
            styled(("", self.plain)),
            styled(("Training images that excite it most:", self.muted)),
        ]
        tiles = []
        for index, height in zip(chosen, units.top_activations[unit].tolist(), strict=False):
            drawn = picture(images[index], size, self.pictures, self.plain)
            figure = number(height)
            name = set_cell_size(names[labels[index]], max(0, tile - len(figure) - 1))
            caption = styled((name, self.plain), (f" {figure}", self.muted))
            tiles.append([line.adjust_cell_length(tile, self.plain) for line in (*drawn, caption)])
        return lines + tiled(tiles, across, GAP, self.plain)


def _most(values: np.ndarray) -> float:
    """The largest of the finite ones, without its sign; never 0."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0)) or 1.0
