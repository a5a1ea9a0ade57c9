"""The layers of a network: each turns a batch into the next one, and sends gradients back.

X is (batch, features) here; the notebook writes the transpose, features by batch.
Every layer keeps the arrays it writes into and makes new ones only for a larger batch.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.types import Floats


class Buffer:
    """Rows of `width` numbers, as many as the largest batch so far needed."""

    def __init__(self, width: int, dtype: np.dtype) -> None:
        self._rows = np.empty((0, width), dtype)

    def __call__(self, batch: int) -> Floats:
        """(batch, width), contiguous, holding whatever was left there."""
        if batch > len(self._rows):
            self._rows = np.empty((batch, self._rows.shape[1]), self._rows.dtype)
        return self._rows[:batch]


class Layer(Protocol):
    """What every layer does; what it returns is its own and valid until its next call."""

    def forward(self, x: Floats) -> Floats:
        """x: (batch, n_in). Returns (batch, n_out)."""

    def backward(self, dy: Floats) -> Floats:
        """dy: dL/dy of the last forward, (batch, n_out). Returns dL/dx: (batch, n_in)."""


class Linear:
    """An affine map, Z = X W + b.

    W: (n_in, n_out), b: (n_out,), and their gradients dW, db of the same shapes are views into
    the network's flat vectors. X: (batch, n_in), Z: (batch, n_out).
    """

    def __init__(self, W: Floats, b: Floats, dW: Floats, db: Floats) -> None:
        self.W, self.b, self.dW, self.db = W, b, dW, db
        self._Z = Buffer(W.shape[1], W.dtype)
        self._dX = Buffer(W.shape[0], W.dtype)
        self._X: Floats = np.empty((0, W.shape[0]), W.dtype)

    def forward(self, x: Floats) -> Floats:
        """Z = X W + b."""
        self._X = x
        Z = np.matmul(x, self.W, out=self._Z(len(x)))
        Z += self.b
        return Z

    def gradients(self, dy: Floats) -> None:
        """Fills dW = Xᵀ dZ and db = the sum of dZ over the batch.

        The 1/m of the mean is in dZ already; the notebook's equations leave it out.
        """
        np.matmul(self._X.T, dy, out=self.dW)
        np.sum(dy, axis=0, out=self.db)

    def backward(self, dy: Floats) -> Floats:
        """dX = dZ Wᵀ."""
        return np.matmul(dy, self.W.T, out=self._dX(len(dy)))


class ReLU:
    """The rectifier, A = max(Z, 0); dZ = dA where Z > 0 and 0 elsewhere."""

    def __init__(self, width: int, dtype: np.dtype) -> None:
        self._A = Buffer(width, dtype)
        self._dZ = Buffer(width, dtype)
        self._active: NDArray[np.bool_] = np.empty((0, width), np.bool_)

    def forward(self, x: Floats) -> Floats:
        """A = max(Z, 0)."""
        self._active = x > 0
        return np.maximum(x, 0, out=self._A(len(x)))

    def backward(self, dy: Floats) -> Floats:
        """dZ = dA · [Z > 0]."""
        return np.multiply(dy, self._active, out=self._dZ(len(dy)))
