"""The horizontal axis of a chart: what it counts, and where a step lies on it."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.history.branch_history import OtherBranchCurves
from core.history.curves import Curves
from core.history.snapshot import Snapshot
from tui.drawing.axes import Axis

Across = Literal["steps", "epochs", "images", "seconds"]
ACROSS: tuple[Across, ...] = get_args(Across)

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """The place of each step on an axis, linear between the steps where it is known.

    steps, places: (n,), both ascending; without any, the place of a step is its number.
    """

    steps: Numbers
    places: Numbers

    def place(self, steps: float | Numbers) -> Numbers:
        """Returns the places of steps."""
        if not len(self.steps):
            return np.asarray(steps, np.float64)
        return np.asarray(np.interp(steps, self.steps, self.places))

    def step(self, place: float) -> float:
        """Returns the step at a place."""
        return float(np.interp(place, self.places, self.steps)) if len(self.steps) else place


STEPS = Scale(np.empty(0), np.empty(0))
"""The scale of an axis that counts steps."""


def scale_of(snapshot: Snapshot, across: Across) -> Scale:
    """Returns the scale of the current run, from its start to the current step."""
    return _scale(snapshot, across, snapshot.training_curves, 0.0, 0.0)


def scale_after(run: Scale, snapshot: Snapshot, across: Across, part: OtherBranchCurves) -> Scale:
    """Returns the scale of another branch after it leaves the run, whose scale is `run`."""
    start = float(run.place(part.since))
    return _scale(snapshot, across, part.training_curves, float(part.since), start)


def _scale(snapshot: Snapshot, across: Across, curves: Curves, step: float, start: float) -> Scale:
    """The scale of curves that begin after a step, which lies at `start`."""
    if across == "steps":
        return STEPS
    curve = curves["seconds" if across == "seconds" else "images"]
    unit = snapshot.run.training_images if across == "epochs" and snapshot.run else 1
    steps = np.append(step, curve.last)
    # Going back and forward again measures the seconds again, perhaps a little fewer.
    places = np.maximum.accumulate(np.append(start, curve.high / max(unit, 1)))
    return Scale(steps, places)


@dataclass(frozen=True)
class StepAxis(Axis):
    """An axis whose values are steps. `low` and `high` are their places on `scale`."""

    scale: Scale = STEPS

    @property
    def places(self) -> Axis:
        """The same axis, but its values are places on the scale."""
        return Axis(self.low, self.high, self.cells, self.dots)

    def dot(self, values: ArrayLike) -> NDArray[np.int64]:
        return super().dot(self.scale.place(np.asarray(values, np.float64)))

    def value(self, cell: int) -> float:
        return self.scale.step(super().value(cell))

    @property
    def steps_per_cell(self) -> float:
        """At least 1."""
        span = self.value(self.cells - 1) - self.value(0)
        return max(1.0, span / max(self.cells - 1, 1))


def place_text(across: Across, place: float) -> str:
    """A place on an axis as text."""
    return f"{place:,.0f}" if across in ("steps", "images") else f"{place:,.2f}"
