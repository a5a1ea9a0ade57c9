"""What was worked out of a step that was taken apart, kept so that it is drawn anew at no cost."""

from dataclasses import dataclass

import numpy as np

from core.inspection.histogram import Histogram, histogram
from core.inspection.stages import Shape, Stage, stages
from core.inspection.statistics import Statistics, statistics
from core.inspection.step_trace import ImageTrace, StepTrace, trace_image
from core.inspection.updates import update_ratios

_MOST = 300_000  # numbers that are looked at; of more, every so many-th: a screen must not wait

ParameterIndex = tuple[str, int, int]
"""A number of a parameter: its name, row and column."""


@dataclass(frozen=True, slots=True)
class ArraySummary:
    """Statistics and histogram of every `every`-th value of an array that a stage computes."""

    name: str
    shape: Shape
    statistics: Statistics
    histogram: Histogram
    every: int


class TraceDetails:
    """Of one anatomy, and only what is asked for."""

    def __init__(self, trace: StepTrace) -> None:
        self.trace = trace
        self.plan = stages(trace.config)
        self._summaries: dict[tuple[int, str], ArraySummary] = {}
        self._image: tuple[int, ImageTrace] | None = None
        self._ratios: tuple[float, ...] | None = None
        self._largest: dict[str, ParameterIndex] = {}

    def summary(self, at: int, name: str) -> ArraySummary:
        """The array of this name as it came out of the stage at this place of the plan.

        Of the update: how far it moved the parameter.
        """
        key = at, name
        if key not in self._summaries:
            stage = self.plan[at]
            array = self.trace.array(name, stage if name != "X" else None)
            every = -(-self._numbers(stage) // _MOST)
            sample = array.ravel()[::every]
            if stage.kind == "update":
                sample = sample - self.trace.parameters_before[name].ravel()[::every]
            self._summaries[key] = ArraySummary(
                name, self.trace.shapes[name], statistics(sample), histogram(sample), every
            )
        return self._summaries[key]

    def image(self, column: int) -> ImageTrace:
        """The image in this column of the batch."""
        if self._image is None or self._image[0] != column:
            self._image = column, trace_image(self.trace, column)
        return self._image[1]

    @property
    def ratios(self) -> tuple[float, ...]:
        """How far the weights of each layer move, as a power of ten of their size."""
        if self._ratios is None:
            self._ratios = update_ratios(self.trace)
        return self._ratios

    def largest(self, name: str) -> ParameterIndex:
        """The number of a parameter that changes most."""
        if name not in self._largest:
            change = np.abs(self.trace.array(name) - self.trace.parameters_before[name])
            row, column = divmod(int(change.argmax()), change.shape[1])
            self._largest[name] = name, row, column
        return self._largest[name]

    def _numbers(self, stage: Stage) -> int:
        """How many numbers come out of a stage; of an update, one parameter at a time is seen."""
        shapes = self.trace.shapes
        sizes = [rows * columns for rows, columns in (shapes[name] for name in stage.outputs)]
        return max(sizes) if stage.kind == "update" else sum(sizes)
