"""The loss and accuracy of a run over its steps, as a picture and as text."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.style import Style

from core.events import Change
from core.history.curves import Curve
from core.metrics import AVERAGED
from core.runs.run import Run
from core.text import printable
from tui.drawing.axes import Axis, labels, ticks
from tui.drawing.figure import Figure
from tui.drawing.glyphs import UNICODE
from tui.drawing.marks import describe, epoch_ends, mark_changes
from tui.drawing.plotting import Line, plot
from tui.drawing.thinning import thin
from tui.export import svg
from tui.panes.curves.readout import number
from tui.panes.curves.value_axis import early_end, value_axis, value_range, x_ticks

_WIDTH, _HEIGHT = 900, 300  # of one chart, in pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 44, 36  # around it
_COLUMNS, _ROWS = 100, 18  # of one chart as text
_EPOCHS = 30  # at most, that are marked
_NAMES = {"loss": "Loss (mean cross-entropy, in nats)", "accuracy": "Accuracy"}

Numbers = NDArray[np.float64]
ToPixels = Callable[[Numbers | float], Numbers]


class RunCurves:
    """The curves of a run up to its current step, through all branches that lead to it."""

    def __init__(self, run: Run) -> None:
        record = run.records()[run.branch]
        self.name, self.evaluation_set = run.name, str(run.meta["evaluation_set"])
        self.start = run.start_step
        self.end = max(run.step, self.start + 1)
        self.training = record.training_curves(run.step)
        self.evaluation = record.evaluation_curves(run.step)
        self.changes = run.changes()

    @property
    def epochs(self) -> Curve:
        return self.training["epoch"]

    def lines(self, quantity: str, columns: int) -> list[tuple[Numbers, Numbers]]:
        """Returns x and y of each batch, of the average, and of the evaluations."""
        curves = (
            *(self.training[quantity], self.training[f"average {quantity}"]),
            self.evaluation[quantity],
        )
        return [thin(curve, self.start, self.end, columns) for curve in curves]


def as_svg(run: Run) -> str:
    """Returns a picture of both charts, one below the other."""
    curves = RunCurves(run)
    elements = [
        svg.element("g", "\n".join(_chart(curves, name)), transform=f"translate(0 {top})")
        for name, top in (("loss", 0), ("accuracy", _HEIGHT))
    ]
    return svg.document(_WIDTH, 2 * _HEIGHT, f"Curves of {curves.name}", elements)


def _chart(curves: RunCurves, quantity: str) -> Iterator[str]:
    batches, average, evaluation = curves.lines(quantity, 600)
    low, high = _range(quantity, np.concatenate((average[1], evaluation[1])), batches[1])
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(steps: Numbers | float) -> Numbers:
        share = (np.asarray(steps) - curves.start) / (curves.end - curves.start)
        return _LEFT + share * (right - _LEFT)

    def y(values: Numbers | float) -> Numbers:
        share = (np.clip(values, low, high) - low) / (high - low)
        return bottom - share * (bottom - _TOP)

    yield svg.text(_LEFT, 18, _NAMES[quantity], font_weight="bold")
    for place, color, words in (
        (360, "#9dc3e0", "each batch"),
        (470, svg.BLUE, f"average of {AVERAGED} batches"),
        (650, svg.ORANGE, f"{curves.evaluation_set} set"),
    ):
        yield svg.element("circle", cx=place - 9, cy=14, r=4, fill=color)
        yield svg.text(place, 18, words)
    values = ticks(low, high, 6)
    for value, label in zip(values, labels(values, quantity == "accuracy"), strict=True):
        yield _line(_LEFT, y(value), right, y(value), svg.FAINT)
        yield svg.text(_LEFT - 6, float(y(value)) + 4, label, "end")
    for step in epoch_ends(curves.epochs, _EPOCHS):
        yield _line(x(step), _TOP, x(step), bottom, svg.FAINT, "2 3")
    yield _path(x(batches[0]), y(batches[1]), "#9dc3e0", 1)
    yield _path(x(average[0]), y(average[1]), svg.BLUE, 2)
    for cx, cy in zip(x(evaluation[0]), y(evaluation[1]), strict=True):
        yield svg.element("circle", cx=float(cx), cy=float(cy), r=3.5, fill=svg.ORANGE)
    yield from _change_marks(curves.changes, x, bottom)
    yield _line(_LEFT, bottom, right, bottom, svg.INK)
    for tick in ticks(curves.start, curves.end, 8):
        yield svg.text(float(x(tick)), bottom + 16, f"{tick:,.0f}", "middle")
    yield svg.text(right, bottom + 30, "step", "end", fill=svg.GRAY)


def _range(quantity: str, strong: Numbers, faint: Numbers) -> tuple[float, float]:
    """The range of the vertical axis; only a loss can have values that are too high to show."""
    if quantity == "loss":
        return value_range(strong, faint, False)
    return 0.0, min(1.0, 1.1 * max([*strong, 0.1]))


def _change_marks(changes: Sequence[Change], x: ToPixels, bottom: float) -> Iterator[str]:
    """Lines where settings changed, with their labels in three rows in turn."""
    for order, change in enumerate(changes[-_EPOCHS:]):
        place = float(x(change.step))
        anchor, gap = ("end", -3.0) if place > _WIDTH * 0.8 else ("start", 3.0)
        yield _line(place, _TOP, place, bottom, svg.RED)
        yield svg.text(
            *(place + gap, _TOP + 10 + 12 * (order % 3), describe(change, UNICODE), anchor),
            fill=svg.RED,
            font_size=10,
            stroke="white",  # around the letters, over the curves
            stroke_width=3,
            paint_order="stroke",
        )


def _line(
    x1: Numbers | float,
    y1: Numbers | float,
    x2: Numbers | float,
    y2: Numbers | float,
    color: str,
    dashes: str = "none",
) -> str:
    return svg.element(
        *("line", ""),
        x1=float(x1),
        y1=float(y1),
        x2=float(x2),
        y2=float(y2),
        stroke=color,
        stroke_dasharray=dashes,
    )


def _path(x: Numbers, y: Numbers, color: str, width: float) -> str:
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return svg.element("polyline", points=points, fill="none", stroke=color, stroke_width=width)


def as_text(run: Run) -> str:
    """Returns both charts in characters."""
    curves = RunCurves(run)
    rows = [
        f"{printable(curves.name)}: line average of {AVERAGED} batches, "
        f"{UNICODE.point} {curves.evaluation_set} set, over the steps"
    ]
    for quantity, name in _NAMES.items():
        rows += ["", name, *_text_chart(curves, quantity)]
    return "\n".join(row.rstrip() for row in rows) + "\n"


def _text_chart(curves: RunCurves, quantity: str) -> list[str]:
    # plotting tells the lines from the background by their style.
    glyphs, plain, strong_style = UNICODE, Style(), Style(bold=True)
    batches, average, evaluation = curves.lines(quantity, _COLUMNS)
    percent = quantity == "accuracy"  # none is too high to show
    learned = early_end(curves.epochs)  # from there on, values set the range, as on the screen
    if learned:
        strong = [values[steps > learned] for steps, values in (average, evaluation)]
        low, high = value_range(np.concatenate(strong), np.empty(0), False, whole=percent)
    else:
        low, high = _range(quantity, np.concatenate((average[1], evaluation[1])), batches[1])
    y, y_labels = value_axis(low, high, _ROWS, glyphs.dots[1], percent=percent)
    x = Axis(curves.start, curves.end, _COLUMNS, glyphs.dots[0])
    steps, values = evaluation
    shown = (steps > learned) | (y.low <= values) & (values <= y.high)
    points = steps[shown], values[shown].clip(y.low, y.high)
    lines = [
        Line(*average, strong_style, glyphs.lines),
        Line(*points, strong_style, glyphs.point, joined=False),
    ]
    canvas = plot(lines, x, y, plain)
    for first in average[1][:1]:
        if not y.low <= first <= y.high:
            row = 0 if first > y.high else _ROWS - 1
            canvas.write(row, 0, f"starts at {number(quantity, first)}", plain)
    changed = mark_changes(canvas, x, curves.changes, plain, glyphs)
    ends = x_ticks(x)
    figure = Figure(canvas, x, y_labels, ends, changed, glyphs, plain)
    return [strip.text for strip in (*figure.rows(None), *figure.axis_rows(None))]
