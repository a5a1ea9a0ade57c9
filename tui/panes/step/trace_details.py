"""Results computed from a step trace, cached so that redrawing is cheap."""

from dataclasses import dataclass

import numpy as np

from core.inspection.histogram import Histogram, histogram
from core.inspection.stages import Shape, Stage, stages
from core.inspection.statistics import Statistics, statistics
from core.inspection.step_trace import ImageTrace, StepTrace, trace_image
from core.inspection.updates import update_ratios

_MAX_VALUES = 300_000  # larger stages are sampled, to keep the screen responsive

ParameterIndex = tuple[str, int, int]
"""One number of a parameter array: name, row and column."""


@dataclass(frozen=True, slots=True)
class ArraySummary:
    """Statistics and histogram of every `stride`-th value of an array."""

    shape: Shape
    statistics: Statistics
    histogram: Histogram
    stride: int


class TraceDetails:
    """Details of one step trace, each computed when it is first needed."""

    def __init__(self, trace: StepTrace) -> None:
        self.trace = trace
        self.plan = stages(trace.config)
        self._summaries: dict[tuple[int, str], ArraySummary] = {}
        self._image: tuple[int, ImageTrace] | None = None
        self._ratios: tuple[float, ...] | None = None
        self._largest: dict[str, ParameterIndex] = {}

    def summary(self, stage_index: int, name: str) -> ArraySummary:
        """Returns the summary of an output of a stage; at the update, of the parameter's change."""
        key = stage_index, name
        if key not in self._summaries:
            stage = self.plan[stage_index]
            array = self.trace.array(name, stage if name != "X" else None)
            stride = -(-self._size(stage) // _MAX_VALUES)
            values = array.ravel()[::stride]
            if stage.kind == "update":
                values = values - self.trace.parameters_before[name].ravel()[::stride]
            self._summaries[key] = ArraySummary(
                self.trace.shapes[name], statistics(values), histogram(values), stride
            )
        return self._summaries[key]

    def image(self, column: int) -> ImageTrace:
        """Returns the trace of the image in this column of the batch."""
        if self._image is None or self._image[0] != column:
            self._image = column, trace_image(self.trace, column)
        return self._image[1]

    @property
    def ratios(self) -> tuple[float, ...]:
        """log10(‖change of W‖ / ‖W‖) of each layer."""
        if self._ratios is None:
            self._ratios = update_ratios(self.trace)
        return self._ratios

    def largest_change(self, name: str) -> ParameterIndex:
        """Returns the number of a parameter array that changes most."""
        if name not in self._largest:
            change = np.abs(self.trace.array(name) - self.trace.parameters_before[name])
            row, column = divmod(int(change.argmax()), change.shape[1])
            self._largest[name] = name, row, column
        return self._largest[name]

    def _size(self, stage: Stage) -> int:
        """Returns how many values are summarized at once; at the update it is one array."""
        shapes = self.trace.shapes
        sizes = [rows * columns for rows, columns in (shapes[name] for name in stage.outputs)]
        return max(sizes) if stage.kind == "update" else sum(sizes)
