"""Reused memory for arrays of one batch, so that a training step allocates nothing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Buffer:
    """Returns a contiguous (rows, batch) array with its old content, at first 0.

    It allocates only for a batch larger than all before; the same size returns the same array.
    """

    def __init__(self, rows: int, dtype: np.dtype) -> None:
        self._rows = rows
        self._flat: NDArray[Any] = np.empty(0, dtype)
        self._last: NDArray[Any] = np.empty((rows, 0), dtype)

    def __call__(self, batch: int) -> NDArray[Any]:
        if batch != self._last.shape[1]:
            if self._rows * batch > len(self._flat):
                self._flat = np.zeros(self._rows * batch, self._flat.dtype)
            self._last = self._flat[: self._rows * batch].reshape(self._rows, batch)
        return self._last
