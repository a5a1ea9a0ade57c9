"""Curves over the steps of a run, in a fixed amount of memory however long the run is.

A point is a step and the values of some quantities. Points are stored in buckets; when these are
full, neighbors are merged. A bucket keeps the minimum and maximum of its points, so that a spike of
a single step stays visible.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from math import nan

import numpy as np
from numpy.typing import NDArray

_CAPACITY = 8192  # buckets; up to this many points, each has its own
_RECENT = 2048  # latest points, which are also kept at full resolution
_PENDING = 1024  # new points that are put into buckets together
_ALLOCATED = 256  # buckets at first; twice as many whenever they are full


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One quantity over the steps, in buckets of neighboring points.

    first, last: (n,) int64, the first and last step of each bucket, ascending.
    low, high: (n,) float64, its minimum and maximum; NaN if it has no finite value.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)

    def between(self, start: float, end: float) -> "Curve":
        """Returns the buckets that overlap start..end."""
        a = int(np.searchsorted(self.last, start))
        b = int(np.searchsorted(self.first, end, side="right"))
        return Curve(self.first[a:b], self.last[a:b], self.low[a:b], self.high[a:b])

    def until(self, step: int) -> "Curve":
        """Returns the buckets that end at `step` or before."""
        end = int(np.searchsorted(self.last, step, side="right"))
        return Curve(self.first[:end], self.last[:end], self.low[:end], self.high[:end])

    def after(self, step: int) -> "Curve":
        """Returns the buckets that end after `step`."""
        return self.between(step + 1, math.inf)

    def at(self, step: int) -> "Curve":
        """Returns the bucket that contains `step`, or an empty curve."""
        return self.between(step, step)

    def highs(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the maximum of the bucket at or after each step; NaN if the curve is empty."""
        if not len(self):
            return np.full(len(steps), nan)
        buckets = np.searchsorted(self.last, steps)
        return self.high[np.minimum(buckets, len(self) - 1)]

    def nearest(self, step: int) -> "Curve":
        """Returns the bucket nearest to `step`, or an empty curve if this one is empty."""
        after = int(np.searchsorted(self.last, step))
        buckets = [bucket for bucket in (after - 1, after) if 0 <= bucket < len(self)]
        if not buckets:
            return self
        best = min(buckets, key=lambda n: max(self.first[n] - step, step - self.last[n]))
        return self.at(int(self.first[best]))


Curves = Mapping[str, Curve]  # by the name of the quantity


class Recorder:
    """Records curves of several quantities, point by point.

    Curves that were returned earlier do not change. Up to `capacity` points nothing is merged.
    """

    def __init__(self, *quantities: str, capacity: int = _CAPACITY, recent: int = _RECENT) -> None:
        self._quantities = quantities
        self._capacity = capacity
        self._pending: list[tuple[float, ...]] = []
        self._max_recent = recent
        self._recent = np.empty((1 + len(quantities), 0))
        self._points = 0  # in buckets
        self._size = 1  # points in a full bucket
        self._steps = np.empty((2, 0), np.int64)  # first, last
        self._values = np.empty((2, len(quantities), 0))  # low, high
        self._allocate(min(_ALLOCATED, capacity))

    @property
    def nbytes(self) -> int:
        """The memory of the points, in bytes."""
        return self._steps.nbytes + self._values.nbytes + self._recent.nbytes

    def add(self, step: int, *values: float) -> None:
        """Adds a point: a step after all earlier ones, and a value of each quantity.

        Values that are not finite are left out.
        """
        self._pending.append((step, *values))
        if len(self._pending) == _PENDING:
            self._flush()

    def with_earlier(self, step: int, *values: float) -> "Recorder":
        """Returns a recorder with one more point, at a step before the last one.

        It is the same recorder if that has a point there, or if its points are merged.
        """
        later = list(self.whole(step - 1).values())
        steps = later[0].last
        if step in steps or self._size > 1:
            return self
        other = self.until(step)
        other.add(step, *values)
        other.extend(np.stack((steps, *(curve.low for curve in later))))
        return other

    def extend(self, points: NDArray[np.float64]) -> None:
        """Adds points, (1 + quantities, n): the steps, and a row for each quantity. Keeps them."""
        self._flush()
        for start in range(0, points.shape[1], _PENDING):
            self._add(points[:, start : start + _PENDING])

    def whole(self, after: int = -1) -> Curves:
        """Returns the curves of all points, without the buckets that end at `after` or before."""
        self._flush()
        start, end = np.searchsorted(self._steps[1, : self._buckets], after, "right"), self._buckets
        steps, values = self._steps[:, start:end].copy(), self._values[:, :, start:end].copy()
        return self._curves(steps, values)

    def until(self, step: int) -> "Recorder":
        """Returns a copy with the points up to `step`.

        A bucket that ends after it keeps only its points that are among the recent ones.
        """
        self._flush()
        other = Recorder(*self._quantities, capacity=self._capacity, recent=self._max_recent)
        n = int(np.searchsorted(self._steps[1, : self._buckets], step, side="right"))
        other._allocate(n)
        other._size, other._points = self._size, min(n * self._size, self._points)
        other._steps[:, :n] = self._steps[:, :n]
        other._values[:, :, :n] = self._values[:, :, :n]
        recent = self._recent[:, self._recent[0] <= step]
        in_buckets = (
            int(np.searchsorted(recent[0], other._steps[1, n - 1], side="right")) if n else 0
        )
        other._recent = recent[:, :in_buckets].copy()
        other._pending = [tuple(point) for point in recent[:, in_buckets:].T.tolist()]
        return other

    def thin(self) -> None:
        """Halves the memory: merges neighboring buckets, and drops half of the recent points."""
        self._flush()
        self._merge()
        self._allocate(self._buckets)
        self._recent = self._recent[:, self._recent.shape[1] // 2 :].copy()

    def recent(self) -> Curves:
        """Returns the curves of the latest points, without merging."""
        self._flush()
        steps, values = self._recent[0].astype(np.int64), self._recent[1:]
        return self._curves(np.stack((steps, steps)), np.stack((values, values)))

    @property
    def _buckets(self) -> int:
        return -(-self._points // self._size)

    def _curves(self, steps: NDArray[np.int64], values: NDArray[np.float64]) -> Curves:
        steps.flags.writeable = values.flags.writeable = False
        (first, last), (low, high) = steps, values
        return {
            name: Curve(first, last, low[row], high[row])
            for row, name in enumerate(self._quantities)
        }

    def _flush(self) -> None:
        """Puts the pending points into buckets."""
        if not self._pending:
            return
        points = np.fromiter(chain.from_iterable(self._pending), np.float64)
        points = points.reshape(len(self._pending), -1).T
        self._pending.clear()
        self._add(points)

    def _add(self, points: NDArray[np.float64]) -> None:
        points[~np.isfinite(points)] = np.nan
        self._recent = np.concatenate((self._recent, points), axis=1)[:, -self._max_recent :]
        count = points.shape[1]
        while self._points + count > self._size * self._capacity:
            self._merge()
        needed, allocated = -(-(self._points + count) // self._size), self._steps.shape[1]
        if needed > allocated:
            self._allocate(min(max(needed, 2 * allocated), self._capacity))
        bucket = np.arange(self._points, self._points + count) // self._size
        starts = np.flatnonzero(np.diff(bucket, prepend=-1))
        steps = points[0].astype(np.int64)
        first, last = steps[starts], steps[np.append(starts[1:], count) - 1]
        low, high = _extremes(points[1:], points[1:], starts)
        where = slice(bucket[0], bucket[-1] + 1)
        if self._points % self._size:  # the first of these buckets already has points
            n = bucket[0]
            first[0] = self._steps[0, n]
            low[:, 0] = np.fmin(low[:, 0], self._values[0, :, n])
            high[:, 0] = np.fmax(high[:, 0], self._values[1, :, n])
        self._steps[:, where] = first, last
        self._values[:, :, where] = low, high
        self._points += count

    def _allocate(self, buckets: int) -> None:
        """Makes room for so many buckets; those in use keep their values."""
        n = min(buckets, self._buckets)
        steps, values = self._steps, self._values
        self._steps = np.empty((2, buckets), np.int64)
        self._values = np.empty((2, len(self._quantities), buckets))
        self._steps[:, :n], self._values[:, :, :n] = steps[:, :n], values[:, :, :n]

    def _merge(self) -> None:
        """Merges each pair of neighboring buckets."""
        n = self._buckets
        starts = np.arange(0, n, 2)
        first, last = self._steps[:, :n]
        (low, high), m = self._values[:, :, :n], len(starts)
        self._steps[:, :m] = first[starts], last[np.minimum(starts + 1, n - 1)]
        self._values[:, :, :m] = _extremes(low, high, starts)
        self._size *= 2


def _extremes(
    low: NDArray[np.float64], high: NDArray[np.float64], starts: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the minima and maxima over the columns from each of `starts` to the next."""
    return np.fmin.reduceat(low, starts, axis=1), np.fmax.reduceat(high, starts, axis=1)
