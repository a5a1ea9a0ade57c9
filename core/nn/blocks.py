"""Goes over long vectors in blocks that stay in the processor's cache.

An update of many parameters reads and writes several vectors in several passes. Over whole vectors,
each pass would fetch them from memory again; over blocks, only the first one does.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from core.nn.thread_pool import ThreadPool
from core.types import Floats

_LENGTH = 65_536
"""Numbers in a block: five blocks of float32 take 1.3 MB. In shorter ones, the overhead of the
calls to NumPy exceeds the gain."""


class Blocks:
    """Blocks of vectors of `length` numbers. They are shared among the threads of `pool`."""

    def __init__(self, length: int, dtype: np.dtype, pool: ThreadPool | None = None) -> None:
        self._pool = pool or ThreadPool()
        self._parts = [
            (_blocks(part), np.empty(min(_LENGTH, length), dtype))
            for part in self._pool.ranges(length)
        ]

    def run(self, update: Callable[..., None], *vectors: Floats) -> None:
        """Calls `update` with each block of the vectors, and with scratch space as long as it."""
        self._pool.run(
            [partial(_update, update, blocks, vectors, scratch) for blocks, scratch in self._parts]
        )


def _update(
    update: Callable[..., None],
    blocks: list[slice],
    vectors: tuple[Floats, ...],
    scratch: Floats,
) -> None:
    for block in blocks:
        update(*[vector[block] for vector in vectors], scratch[: block.stop - block.start])


def _blocks(part: slice) -> list[slice]:
    starts = range(part.start, part.stop, _LENGTH)
    return [slice(start, min(start + _LENGTH, part.stop)) for start in starts]
