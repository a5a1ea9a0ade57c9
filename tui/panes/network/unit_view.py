"""One unit: its weights, its activity and effect by class, and its top training images."""

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
from tui.drawing.text import beside, longest, paragraph, styled, tiled
from tui.drawing.tile_grid import GAP, TileGrid
from tui.drawing.weight_pictures import legend, weight_picture
from tui.panes.network.network_view import NetworkView
from tui.panes.network.switched_off_text import worth_sentence
from tui.panes.network.unit_order import UnitOrder

_ROWS, _COLUMNS = 14, 28  # of a picture: the pixels of Fashion-MNIST, in half-blocks
_MIN_ABREAST = 4  # top images in a row, if each is at least _MIN_TILE wide
_MIN_TILE = 12
_NAME, _NUMBER = 11, 8
_MAX_BAR = 31
_LARGE = (140, 44)  # the pane size from which on the weights are drawn twice as large
_BESIDE, _BESIDE_GAP = 40, 2  # cells that the facts need beside the picture, and before them

# How weights and effects of a layer that is not beside them are computed; the shorter fit _BESIDE.
_PRECEDING = (
    "weights through the preceding layers, ignoring activations",
    "preceding layers, ignoring activations",
)
_FOLLOWING = (
    "* through the following layers, ignoring activations",
    "* following layers, ignoring activations",
)


class UnitView(NetworkView):
    """The weights, beside them the figures by class, and below the images that activate it most."""

    HINT = "←→ unit  Enter all units  O off  o order  i picture"
    BINDINGS = [
        Binding("right", "move(1)", "Next unit", show=False),
        Binding("left", "move(-1)", "Previous unit", show=False),
        Binding("escape,enter", "leave", "All units", show=False),
    ]

    order: reactive[UnitOrder] = reactive(UnitOrder.NORM, repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

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
        self._select(order, min(max(self.place(order) + by, 0), len(order) - 1), by)

    def action_leave(self) -> None:
        self.post_message(self.ViewRequested("units"))

    def draw(self, width: int, height: int) -> list[Strip]:
        run, weights, order = self.snapshot.run, self.weights(), self.ranked(self.order)
        if run is None or weights is None:
            self.set_border("Network: one unit")
            return [styled((self.why_empty(f"The units are {self.why_not_measured}."), self.muted))]
        survey, unit = self.snapshot.survey, int(order[self.place(order)])
        name = self.unit_name(self.depth, unit)
        self.set_border(
            f"Network: {name} of {self.layer_name(self.depth)}, after step {weights[0]:,}",
            f"{self.place(order) + 1:,} of {len(order):,}, {self.order.value}",
        )

        shape = run.dataset.train_images.shape[1:]
        scale = 1 + (width >= _LARGE[0] and height >= _LARGE[1])
        columns = min(scale * _COLUMNS, width)
        size = picture_size(shape, min(scale * _ROWS, max(1, height - 1)), columns)
        [pattern] = self.patterns(np.array([unit]))
        drawn = weight_picture(pattern, size, self.pictures, self.plain)
        left = columns + _BESIDE_GAP
        if width >= left + _BESIDE:
            lines = beside(drawn, self._facts(unit, *weights, width - left), left, self.plain)
        else:
            lines = [*drawn, *self._facts(unit, *weights, width)]
        if survey is not None:
            lines += self._top_images(survey, unit, width)
        return [line.crop(0, width) for line in lines]

    def _facts(self, unit: int, step: int, W: Floats, width: int) -> list[Strip]:
        """The weights and the activity in words, and the figures by class."""
        survey = self.snapshot.survey
        plain, muted, bold = self.plain, self.muted, self.plain + Style(bold=True)
        norm = number(float(lengths(W[[unit]])[0]))
        lines = [
            styled((f"{W.shape[1]:,} weights, L2 norm {norm}", plain)),
            styled((legend(self.pictures, width), muted)),
        ]
        if self.depth:
            lines.append(styled((longest(_PRECEDING, width), muted)))
        lines += self._what_if(unit, width)
        if survey is None:
            return [*lines, styled((f"Unit activity is {self.why_not_measured}."[:width], muted))]
        units, images = survey.layers[self.depth], f"{survey.images:,} training images"
        if units.dead[unit]:
            since = units.dead_since[unit]
            error = bold + self.blended("text-error")
            lines.append(styled((f"× dead since step {since:,} or earlier", error)))
            lines.append(styled((f"output 0 for all {images}", plain)))
        else:
            share = percent(float(units.active_share[unit]))
            lines.append(styled((f"output > 0 for {share} of {images}", plain)))
        at = f", step {survey.step:,}" if survey.step != step else ""
        mean = f"mean output for these images: {number(float(units.mean[unit]))}{at}"
        lines += [styled((mean, plain)), styled(("", plain))]
        return lines + self._by_class(units, unit, width)

    def _what_if(self, unit: int, width: int) -> list[Strip]:
        """What is lost without the unit, and the predictions without those that are off."""
        run, worth, lines = self.snapshot.run, self.worth, []
        assert run is not None
        if worth is not None and worth.done == 1:
            of = worth, self.depth, unit, run.evaluation_set, run.dataset.class_names
            lines = paragraph(worth_sentence(*of), width, self.plain)
        if forms := self.off_forms():
            sign = "○ " if (self.depth, unit) in self.off else ""
            style = self.plain + Style(bold=True) + self.blended("text-warning")
            lines += paragraph(f"{sign}{forms[0]}", width, style)
        return lines

    def _by_class(self, units: LayerUnits, unit: int, width: int) -> list[Strip]:
        """A row per class: the mean output for its images, and the effect on its logit."""
        run = self.snapshot.run
        assert run is not None
        names, plain, muted = run.dataset.class_names, self.plain, self.muted
        activity, effects = units.activity[unit], units.logit_effects[unit]
        max_activity, max_effect = _max_abs(activity), _max_abs(effects)
        last = units.activation == "logits"
        cells = max(3, min(_MAX_BAR, (width - _NAME - 2 * _NUMBER - 5) // 2)) | 1
        if last:
            cells = max(3, min(_MAX_BAR, width - _NAME - _NUMBER - 2)) | 1
        draw = balance if (activity < 0).any() else bar
        head = f"{'class':>{_NAME}} {'mean output':{cells + _NUMBER + 1}}"
        lines = [styled(((head if last else f"{head} effect on logit*")[:width], muted))]
        best = int(np.nan_to_num(activity, nan=-np.inf).argmax()) if activity.any() else -1
        for label, name in enumerate(names):
            style = plain + Style(bold=True) if label == best else plain
            row = f"{fit(name, _NAME)} {draw(activity[label] / max_activity, cells)}"
            row += f"{number(activity[label], 2):>{_NUMBER}}"
            if not last:
                effect = effects[label]
                row += f"  {balance(effect / max_effect, cells)}{number(effect, 2):>{_NUMBER}}"
            lines.append(styled((row, style)))
        if not last:
            lines.append(styled((longest(_FOLLOWING, width), muted)))
        return lines

    def _top_images(self, survey: UnitSurvey, unit: int, width: int) -> list[Strip]:
        """The training images that activate the unit most."""
        run, units = self.snapshot.run, survey.layers[self.depth]
        assert run is not None
        indices = [index for index in units.top_images[unit].tolist() if index >= 0]
        if not indices:
            return []
        images, names = run.dataset.train_images, run.dataset.class_names
        labels = run.dataset.train_labels
        tile = max(1, min(_COLUMNS, width, max(_MIN_TILE, (width + GAP) // _MIN_ABREAST - GAP)))
        size = picture_size(images.shape[1:], _ROWS, tile)
        across = TileGrid.fit((width, 1), (tile, 1)).columns
        lines = [
            styled(("", self.plain)),
            styled(("Training images that activate it most:", self.muted)),
        ]
        tiles = []
        for index, activation in zip(indices, units.top_activations[unit].tolist(), strict=False):
            drawn = picture(images[index], size, self.pictures, self.plain)
            text = number(activation)
            name = set_cell_size(names[labels[index]], max(0, tile - len(text) - 1))
            caption = styled((name, self.plain), (f" {text}", self.muted))
            tiles.append([line.adjust_cell_length(tile, self.plain) for line in (*drawn, caption)])
        return lines + tiled(tiles, across, GAP, self.plain)


def _max_abs(values: np.ndarray) -> float:
    """The largest absolute value of the finite ones; 1 if that is 0."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0)) or 1.0
