"""Shares the work of a step among threads: large matrix products and updates of many parameters.

BLAS could use threads itself, but its threads wait for each other in busy loops, and beside another
busy program a step takes ten times longer. Here the calling thread also runs each task that no
other thread has started, so at worst it runs them all.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import pairwise
from queue import SimpleQueue
from threading import Thread

import numpy as np

from core.nn.blas_threads import usable_cores
from core.types import Floats

Task = Callable[[], object]

# Measured on two cores of 95 GFLOP/s: another thread takes about 0.1 ms to start, so two
# threads are slower than one for a product of 26 MFLOP, 1.1 times as fast for 51, 1.4 times for 67,
# 1.6 times for 103 and 1.7 times for 411. Smaller parts also copy the other factor too often.
_PART = 32e6
"""The fewest floating-point operations of a part of a product. A multiplication and an addition
count as two."""

_UPDATES = 100_000
"""The fewest parameters that a thread updates: with Adam, they take 0.3 ms."""

_ALIGNED = 16  # rows or columns, which BLAS computes together


class ThreadPool:
    """Up to `threads` threads. Results depend only on this number, bit for bit, and not on how many
    of them actually run."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def matmul(self, a: Floats, b: Floats, out: Floats) -> Floats:
        """out = a b, in parts along the longer side of `out` if the product is large."""
        if 2 * a.size * out.shape[1] < 2 * _PART:  # less than two parts
            return np.matmul(a, b, out=out)
        rows, columns = out.shape
        parts = self.sharers(rows, a.shape[1], columns)
        if rows >= columns:
            slices = _split(rows, parts)
            self.run([partial(np.matmul, a[part], b, out[part]) for part in slices])
        else:
            slices = _split(columns, parts)
            self.run([partial(np.matmul, a, b[:, part], out[:, part]) for part in slices])
        return out

    def sharers(self, rows: int, inner: int, columns: int) -> int:
        """Returns how many threads share the product of (rows, inner) and (inner, columns)."""
        return self._parts(2 * rows * inner * columns, _PART)

    def ranges(self, parameters: int) -> list[slice]:
        """Returns the ranges of a vector of parameters that threads should update in parallel."""
        return list(_split(parameters, self._parts(parameters, _UPDATES)))

    def run(self, tasks: Sequence[Task]) -> None:
        """Calls all tasks, in any order, and returns when they have ended.

        They should release the GIL, as NumPy does. In other threads, NumPy's floating-point
        warnings are off.
        """
        if len(tasks) == 1:
            tasks[0]()
            return
        job = _Job(tasks)
        jobs, helpers = _helpers(min(self.threads, usable_cores()) - 1)
        for _ in range(min(helpers, len(tasks) - 1)):
            jobs.put(job)
        try:
            job.work()
        finally:
            job.wait()

    def _parts(self, work: float, least: float) -> int:
        return min(self.threads, int(work / least)) or 1


class _Job:
    """Tasks that threads take one after another until none is left."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._waiting = list(tasks)
        self._count = len(tasks)
        self._ended: SimpleQueue[BaseException | None] = SimpleQueue()

    def work(self) -> None:
        while self._waiting:
            task: Task | None = None
            error: BaseException | None = None
            try:
                task = self._waiting.pop()
                task()
            except BaseException as raised:
                if task is None and isinstance(raised, IndexError):
                    return  # another thread has taken the last one
                error = raised
            finally:  # each task ends once, or `wait` would wait forever
                if task:
                    self._ended.put(error)

    def wait(self) -> None:
        """Waits for the end of all tasks; raises what one of them has raised."""
        for error in [self._ended.get() for _ in range(self._count)]:
            if error:
                raise error


def _split(length: int, parts: int) -> Iterator[slice]:
    """Yields that many slices of about the same length, or fewer if it is short."""
    per_part = -(-length // (parts * _ALIGNED)) * _ALIGNED
    for start, end in pairwise((*range(0, length, per_part), length)):
        yield slice(start, end)


@cache
def _helpers(wanted: int) -> tuple[SimpleQueue[_Job], int]:
    """Starts helping threads, which sleep until there is a job.

    Returns their queue and their number, which is smaller if the system refuses more threads.
    """
    jobs: SimpleQueue[_Job] = SimpleQueue()
    started = 0
    with suppress(RuntimeError):
        for _ in range(wanted):
            Thread(target=_help, args=(jobs,), name="pool", daemon=True).start()
            started += 1
    return jobs, started


if hasattr(os, "register_at_fork"):  # a child process has none of these threads
    os.register_at_fork(after_in_child=_helpers.cache_clear)


def _help(jobs: SimpleQueue[_Job]) -> None:
    np.seterr(all="ignore")  # the training loop checks for what is not finite
    while True:
        jobs.get().work()
