"""Dropout: sets random outputs of the hidden units to 0 during training."""

import numpy as np

from core.nn.buffers import Buffer
from core.types import Floats


class Dropout:
    """Sets each output to 0 with probability `rate` and divides the others by 1 - rate.

    Outside training, or with rate 0, it returns its input.
    Source: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html.
    """

    def __init__(self, units: int, dtype: np.dtype, rng: np.random.Generator) -> None:
        self.rate = 0.0
        self.training = False
        self._rng = rng
        self._draw, self._A, self._dZ = (Buffer(units, np.dtype(t)) for t in ("f4", dtype, dtype))
        self._mask: Floats | None = None

    def forward(self, A: Floats) -> Floats:
        """A · M / (1 - rate), with a new random mask M for each batch."""
        if not (self.training and self.rate):
            self._mask = None
            return A
        draw = self._draw(A.shape[1])
        self._rng.random(dtype=np.float32, out=draw)
        mask = np.greater_equal(draw, self.rate, out=draw, casting="unsafe")
        mask *= 1 / (1 - self.rate)
        self._mask = mask
        return np.multiply(A, mask, out=self._A(A.shape[1]))

    def backward(self, dZ: Floats) -> Floats:
        """dA = dZ · M / (1 - rate)."""
        if self._mask is None:
            return dZ
        return np.multiply(dZ, self._mask, out=self._dZ(dZ.shape[1]))
