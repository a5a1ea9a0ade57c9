"""What was worked out of a step that was taken apart, kept so that it is drawn anew at no cost."""

from dataclasses import dataclass

import numpy as np

from core.inspection.stages import Shape, Stage, stages
from core.inspection.statistics import Histogram, Statistics, histogram, statistics
from core.inspection.step_trace import Anatomy, OneImage, of_image
from core.inspection.updates import update_ratios

_MOST = 300_000  # numbers that are looked at; of more, every so many-th: a screen must not wait

Place = tuple[str, int, int]
"""A number of a parameter: its name, row and column."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An array that came out of a stage: in figures of every `every`-th of its numbers.

    histogram: of those that are not 0, or the zeros of a relu would dwarf all others.
    """

    name: str
    shape: Shape
    statistics: Statistics
    histogram: Histogram
    every: int


class Findings:
    """Of one anatomy, and only what is asked for."""

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        self.plan = stages(anatomy.config)
        self._outcomes: dict[tuple[int, str, int], Outcome] = {}
        self._image: tuple[int, OneImage] | None = None
        self._ratios: tuple[float, ...] | None = None
        self._largest: dict[str, Place] = {}

    def outcome(self, at: int, name: str, bins: int) -> Outcome:
        """The array of this name as it came out of the stage at this place of the plan.

        Of the update: how far it moved the parameter.
        """
        key = at, name, bins
        if key not in self._outcomes:
            stage = self.plan[at]
            array = self.anatomy.array(name, stage if name != "X" else None)
            every = -(-self._numbers(stage) // _MOST)
            sample = array.ravel()[::every]
            if stage.kind == "update":
                sample = sample - self.anatomy.before[name].ravel()[::every]
            bars = histogram(sample[sample != 0], bins)
            shape = self.anatomy.shapes[name]
            self._outcomes[key] = Outcome(name, shape, statistics(sample), bars, every)
        return self._outcomes[key]

    def image(self, column: int) -> OneImage:
        """The image in this column of the batch."""
        if self._image is None or self._image[0] != column:
            self._image = column, of_image(self.anatomy, column)
        return self._image[1]

    @property
    def ratios(self) -> tuple[float, ...]:
        """How far the weights of each layer move, as a power of ten of their size."""
        if self._ratios is None:
            self._ratios = update_ratios(self.anatomy)
        return self._ratios

    def largest(self, name: str) -> Place:
        """The number of a parameter that changes most."""
        if name not in self._largest:
            change = np.abs(self.anatomy.array(name) - self.anatomy.before[name])
            row, column = divmod(int(change.argmax()), change.shape[1])
            self._largest[name] = name, row, column
        return self._largest[name]

    def _numbers(self, stage: Stage) -> int:
        """How many numbers come out of a stage; of an update, one parameter at a time is seen."""
        shapes = self.anatomy.shapes
        sizes = [rows * columns for rows, columns in (shapes[name] for name in stage.gives)]
        return max(sizes) if stage.kind == "update" else sum(sizes)
