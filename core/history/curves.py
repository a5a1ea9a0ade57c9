"""Curves over the steps of a run, however long, in a fixed amount of memory.

A point is a step with the values of some quantities. Points are kept in buckets; when these are
all taken, neighbours are merged. What a bucket keeps of its points is the least and the greatest
value, so that a spike of one step never gets lost.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from math import nan

import numpy as np
from numpy.typing import NDArray

_CAPACITY = 8192  # buckets, of one point each up to so many steps
_RECENT = 2048  # points that are kept besides, each by itself
_PENDING = 1024  # points that wait to be sorted into buckets together


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One quantity over the steps, in buckets of neighbouring points.

    first, last: (n,) int64, the first and last step of each bucket, rising.
    low, high: (n,) float64, the least and greatest finite value in it; NaN if there was none.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)

    def between(self, start: float, end: float) -> "Curve":
        """The buckets that have something of start..end."""
        a = int(np.searchsorted(self.last, start))
        b = int(np.searchsorted(self.first, end, side="right"))
        return Curve(self.first[a:b], self.last[a:b], self.low[a:b], self.high[a:b])

    def until(self, step: int) -> "Curve":
        """The buckets of which nothing is after `step`."""
        end = int(np.searchsorted(self.last, step, side="right"))
        return Curve(self.first[:end], self.last[:end], self.low[:end], self.high[:end])

    def after(self, step: int) -> "Curve":
        """The buckets of which something is after `step`."""
        return self.between(step + 1, math.inf)

    def at(self, step: int) -> "Curve":
        """The bucket that holds `step`, if there is one."""
        return self.between(step, step)

    def highs(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """The greatest value around each of some steps; of an empty curve, NaN."""
        if not len(self):
            return np.full(len(steps), nan)
        places = np.searchsorted(self.last, steps)
        return self.high[np.minimum(places, len(self) - 1)]

    def nearest(self, step: int) -> "Curve":
        """The bucket that is nearest to `step`; none of an empty curve."""
        after = int(np.searchsorted(self.last, step))
        places = [place for place in (after - 1, after) if 0 <= place < len(self)]
        if not places:
            return self
        best = min(places, key=lambda n: max(self.first[n] - step, step - self.last[n]))
        return self.at(int(self.first[best]))


Curves = Mapping[str, Curve]  # by the name of their quantity


class Recorder:
    """Curves of some quantities that grow by a point at a time.

    Curves taken before stay as they were. While all points have a bucket each, nothing is lost.
    """

    def __init__(self, *quantities: str, capacity: int = _CAPACITY, recent: int = _RECENT) -> None:
        self._quantities = quantities
        self._pending: list[tuple[float, ...]] = []
        self._kept = recent
        self._recent = np.empty((1 + len(quantities), 0))
        self._points = 0  # in buckets so far
        self._size = 1  # points that a full bucket holds
        self._steps = np.empty((2, capacity), np.int64)  # first and last
        self._values = np.empty((2, len(quantities), capacity))  # low and high

    def add(self, step: int, *values: float) -> None:
        """A value of each quantity, at a step after all before; what is not finite is left out."""
        self._pending.append((step, *values))
        if len(self._pending) == _PENDING:
            self._settle()

    def whole(self) -> Curves:
        """From the first point to the last."""
        self._settle()
        n = self._buckets
        steps, values = self._steps[:, :n].copy(), self._values[:, :, :n].copy()
        return self._curves(steps, values)

    def until(self, step: int) -> "Recorder":
        """A recorder of its own of the points up to `step`. Of a bucket that goes further, only
        those points are left that are among the recent ones."""
        self._settle()
        capacity, n = self._steps.shape[1], self._buckets
        other = Recorder(*self._quantities, capacity=capacity, recent=self._kept)
        n = int(np.searchsorted(self._steps[1, :n], step, side="right"))
        other._size, other._points = self._size, min(n * self._size, self._points)
        other._steps[:, :n] = self._steps[:, :n]
        other._values[:, :, :n] = self._values[:, :, :n]
        recent = self._recent[:, self._recent[0] <= step]
        settled = int(np.searchsorted(recent[0], other._steps[1, n - 1], side="right")) if n else 0
        other._recent = recent[:, :settled].copy()
        other._pending = [tuple(point) for point in recent[:, settled:].T.tolist()]
        return other

    def recent(self) -> Curves:
        """The last points, each in a bucket of its own."""
        self._settle()
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

    def _settle(self) -> None:
        """Sorts the points that wait into the buckets."""
        if not self._pending:
            return
        points = np.fromiter(chain.from_iterable(self._pending), np.float64)
        points = points.reshape(len(self._pending), -1).T
        self._pending.clear()
        points[~np.isfinite(points)] = np.nan
        self._recent = np.concatenate((self._recent, points), axis=1)[:, -self._kept :]
        count = points.shape[1]
        while self._points + count > self._size * self._steps.shape[1]:
            self._merge()
        bucket = np.arange(self._points, self._points + count) // self._size
        begins = np.flatnonzero(np.diff(bucket, prepend=-1))
        steps = points[0].astype(np.int64)
        first, last = steps[begins], steps[np.append(begins[1:], count) - 1]
        low, high = _extremes(points[1:], points[1:], begins)
        where = slice(bucket[0], bucket[-1] + 1)
        if self._points % self._size:  # the first of these buckets has points already
            n = bucket[0]
            first[0] = self._steps[0, n]
            low[:, 0] = np.fmin(low[:, 0], self._values[0, :, n])
            high[:, 0] = np.fmax(high[:, 0], self._values[1, :, n])
        self._steps[:, where] = first, last
        self._values[:, :, where] = low, high
        self._points += count

    def _merge(self) -> None:
        """Makes one bucket of each two neighbours."""
        n = self._buckets
        begins = np.arange(0, n, 2)
        first, last = self._steps
        (low, high), m = self._values[:, :, :n], len(begins)
        self._steps[:, :m] = first[begins], last[np.minimum(begins + 1, n - 1)]
        self._values[:, :, :m] = _extremes(low, high, begins)
        self._size *= 2


def _extremes(
    low: NDArray[np.float64], high: NDArray[np.float64], begins: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each run of columns, from one of `begins` to the next, the least and the greatest."""
    return np.fmin.reduceat(low, begins, axis=1), np.fmax.reduceat(high, begins, axis=1)
