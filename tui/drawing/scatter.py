"""Points of several classes in a grid of cells: pure functions, tested without an app."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.types import Indices

Directions = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_ASIDE = 4  # steps in the direction of the key that cost as much as one step aside
_HIGH = 2  # a cell is as high as two are wide


@dataclass(frozen=True, eq=False)
class Frame:
    """The part of the plane that is drawn: low and high are (x, y)."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def around(cls, points: NDArray[np.float32], before: "Frame | None" = None) -> "Frame":
        """The frame that holds all points; the one before if they fit and fill most of it.

        So a map whose points move a little does not jump.
        """
        low = points.min(axis=0).astype(np.float64)
        high = points.max(axis=0).astype(np.float64)
        size = np.where(high > low, high - low, 1.0)
        if before is not None:
            room = before.high - before.low
            inside = (low >= before.low).all() and (high <= before.high).all()
            if inside and (size >= 0.7 * room).all():
                return before
        return cls(low - 0.03 * size, low + 1.03 * size)


@dataclass(frozen=True, eq=False)
class Scatter:
    """Points in `columns` by `rows` cells; the first row is at the top.

    points: (n, 2); labels: (n,) their classes; classes: how many there are.
    """

    points: NDArray[np.float32]
    labels: NDArray[np.uint8]
    classes: int
    frame: Frame
    columns: int
    rows: int

    @cached_property
    def places(self) -> Indices:
        """(n, 2) the column and row of each point."""
        frame, size = self.frame, np.array([self.columns, self.rows])
        shares = (self.points - frame.low) / (frame.high - frame.low)
        shares[:, 1] = 1 - shares[:, 1]
        return (shares * size).astype(np.intp).clip(0, size - 1)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """(rows, columns, classes) how many points of each class lie in a cell."""
        column, row = self.places.T
        cells = (row * self.columns + column) * self.classes + self.labels
        found = np.bincount(cells, minlength=self.rows * self.columns * self.classes)
        return found.reshape(self.rows, self.columns, self.classes)

    def shown(self, label: int | None = None) -> NDArray[np.int64]:
        """(rows, columns) the class that is drawn: the most frequent one; -1 in an empty cell.

        label: is drawn wherever one of its points lies.
        """
        most = self.counts.argmax(axis=2)
        if label is not None:
            most[self.counts[:, :, label] > 0] = label
        most[self.counts.sum(axis=2) == 0] = -1
        return most

    def in_cell(self, place: int, label: int | None = None) -> Indices:
        """The points in the cell of a point, of one class if there is a label; in order."""
        here = (self.places == self.places[place]).all(axis=1)
        if label is not None:
            here &= self.labels == label
        return np.flatnonzero(here)

    def move(self, place: int, direction: tuple[int, int], label: int | None = None) -> int:
        """The next point in a direction (across, down), of one class if there is a label.

        Stays where it is if there is none.
        """
        offsets = (self.places - self.places[place]) * np.array([1, _HIGH])
        along = offsets @ direction
        aside = np.abs(offsets @ direction[::-1])
        cost = np.where(along > 0, along + _ASIDE * aside, np.inf)
        return self._least(cost, place, label)

    def nearest(self, column: float, row: float, label: int | None = None) -> int:
        """The point closest to a cell, of one class if there is a label."""
        offsets = (self.places - np.array([column, row])) * np.array([1, _HIGH])
        return self._least(np.square(offsets).sum(axis=1), 0, label)

    def _least(self, cost: NDArray[np.float64], otherwise: int, label: int | None) -> int:
        """The point of least cost; of those in one cell, one of the class that is drawn there."""
        column, row = self.places.T
        is_drawn = self.shown(label)[row, column] == self.labels
        cost = cost + np.where(is_drawn, 0, 0.25)
        if label is not None:
            cost = np.where(self.labels == label, cost, np.inf)
        best = int(cost.argmin())
        return best if np.isfinite(cost[best]) else otherwise
