"""Small charts: each searched setting against the validation accuracy of its trials."""

from collections.abc import Sequence

import numpy as np
from textual.strip import Strip

from core.config.config import SETTINGS
from core.experiments.search_space import Range, Values, write
from core.experiments.sweep_state import SweepState
from core.experiments.trial import TrialResult
from core.text import significant
from tui.drawing.axes import Axis, log_ticks, ticks
from tui.drawing.figure import Figure
from tui.drawing.glyphs import ASCII, UNICODE
from tui.drawing.numbers import power_text
from tui.drawing.plotting import Line, plot
from tui.drawing.text import cut, paragraph, styled, tiled
from tui.panes.curves.value_axis import value_axis, value_range
from tui.panes.line_pane import LinePane

_MIN_WIDTH, _MIN_HEIGHT, _GAP = 26, 8, 2  # of a chart, in cells
_TICK = 8  # cells of a tick with its gap
_EMPTY = (
    "Charts of each searched setting against the validation accuracy of its trials appear here."
)


class FieldPlots(LinePane):
    """A chart for each searched setting, all with the same vertical axis.

    A point is a trial: complete, pruned, or the best one.
    """

    HINT = "↑↓ scroll"

    def __init__(self) -> None:
        super().__init__("field-plots")
        self._state = SweepState()

    def show(self, state: SweepState) -> None:
        """Shows the results of a sweep."""
        before, self._state = self._state, state
        if (before.results, before.importances) != (state.results, state.importances):
            self.redraw_soon(min_interval=0.5)

    def draw(self, width: int, height: int) -> list[Strip]:
        results = [one for one in self._state.results.values() if one.accuracy is not None]
        glyphs = ASCII if self.ascii else UNICODE
        self.set_border(
            f"Validation accuracy of each trial   {glyphs.point} complete   "
            f"{glyphs.bad} pruned   {glyphs.epoch_mean} best"
        )
        if self._state.plan is None or not results:
            return paragraph(_EMPTY, width, self.muted)
        dimensions = self._state.plan.space.dimensions
        columns = max(1, min(width // _MIN_WIDTH, len(dimensions)))
        rows = -(-len(dimensions) // columns)
        size = (width - _GAP * (columns - 1)) // columns, max(height // rows, _MIN_HEIGHT)
        charts = [self._chart(one, results, size) for one in dimensions]
        return tiled(charts, columns, _GAP, self.plain)

    def _chart(
        self, dimension: Values | Range, results: Sequence[TrialResult], size: tuple[int, int]
    ) -> list[Strip]:
        width, height = size
        name, rows = dimension.setting.name, height - 3
        glyphs = ASCII if self.ascii else UNICODE
        accuracies = np.array([one.accuracy for one in results], float)
        low, high = value_range(accuracies, np.empty(0), False, whole=True)
        y, labels = value_axis(low, high, rows, glyphs.dots[1], percent=True)
        cells = width - max(map(len, labels.values())) - 1
        x, x_labels = _axis(dimension, cells, glyphs.dots[0])
        best = self._state.best
        lines = []
        for wanted, style, marker in (
            ("pruned", self.blended("foreground", 0.5), glyphs.bad),
            ("complete", self.blended("primary"), glyphs.point),
            ("best", self.blended("success"), glyphs.epoch_mean),
        ):
            some = [one for one in results if _kind(one, best) == wanted and name in one.settings]
            places = [_place(dimension, one.settings[name]) for one in some]
            reached = [one.accuracy or 0.0 for one in some]
            if some:
                lines.append(Line(np.array(places), np.array(reached), style, marker, False))
        figure = Figure(plot(lines, x, y, self.plain), x, labels, x_labels, (), glyphs, self.plain)
        share = self._state.importances.get(name)
        importance = "" if share is None else f"  importance {share:.0%}"
        title = cut(f"{' ' * figure.left}{SETTINGS[name].label}{importance}", width)
        lines_of_text = [styled((title, self.muted)), *figure.rows(None), *figure.axis_rows(None)]
        return [line.crop_extend(0, width, self.plain) for line in lines_of_text]


def _kind(result: TrialResult, best: TrialResult | None) -> str:
    return "best" if best and result.number == best.number else result.state


def _place(dimension: Values | Range, value: object) -> float:
    """Returns where a value is on the horizontal axis."""
    if isinstance(dimension, Values):
        return float(_in_order(dimension).index(value))
    number = float(value)  # type: ignore[arg-type]
    return float(np.log10(number)) if dimension.is_log else number


def _axis(dimension: Values | Range, cells: int, dots: int) -> tuple[Axis, list[tuple[float, str]]]:
    """Returns the horizontal axis of a setting, with its labels: of values, a place for each."""
    setting = dimension.setting
    if isinstance(dimension, Values):
        values = _in_order(dimension)
        labels = [(float(n), write(setting, value)) for n, value in enumerate(values)]
        return Axis(-0.5, len(values) - 0.5, cells, dots), labels
    most = max(cells // _TICK, 2)
    if dimension.is_log:
        numbers = log_ticks(dimension.low, dimension.high, most)
        axis = Axis(float(np.log10(dimension.low)), float(np.log10(dimension.high)), cells, dots)
        return axis, [(float(np.log10(n)), power_text(n)) for n in numbers]
    numbers = ticks(dimension.low, dimension.high, most)
    return Axis(dimension.low, dimension.high, cells, dots), [
        (n, significant(n, 4)) for n in numbers
    ]


def _in_order(dimension: Values) -> list[object]:
    """Numbers in ascending order, others as they were given."""
    values = list(dimension.values)
    return sorted(values) if isinstance(values[0], int | float) else values
