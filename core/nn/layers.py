"""The layers between the images and the logits: each turns a batch into the next one.

A batch is (units, images), a column an image, as the notebook writes it: Z = W A + b. That is
also the fastest order for NumPy. A layer keeps what its backward needs, in memory of its own.
"""

from typing import Protocol

import numpy as np

from core.nn.buffers import Buffer
from core.types import Floats


class Layer(Protocol):
    """What every layer does; what it returns is its own and valid until its next call."""

    def forward(self, A: Floats) -> Floats:
        """A: (n_in, m). Returns (n_out, m)."""

    def backward(self, dZ: Floats) -> Floats:
        """dZ: dL/d(output) of the last forward, (n_out, m). Returns dL/dA: (n_in, m)."""


class Linear:
    """An affine map, Z = s W A + b.

    W: (n_out, n_in), b: (n_out, 1), and their gradients dW, db of the same shapes are views
    into the network's flat vectors. The scale s is 1 but for the layer at the images, which
    come as 0..255: to multiply Z by 1/255 is cheaper than to multiply every pixel.
    """

    def __init__(
        self, W: Floats, b: Floats, dW: Floats, db: Floats, scale: float | None = None
    ) -> None:
        self.W, self.b, self.dW, self.db = W, b, dW, db
        self.scale = scale
        n_out, n_in = W.shape
        self._Z, self._dA, self._sdZ = (Buffer(n, W.dtype) for n in (n_out, n_in, n_out))
        self.A: Floats = np.empty((n_in, 0), W.dtype)

    def forward(self, A: Floats) -> Floats:
        """Z = s W A + b."""
        self.A = A
        Z = np.matmul(self.W, A, out=self._Z(A.shape[1]))
        if self.scale is not None:
            Z *= self.scale
        Z += self.b
        return Z

    def gradients(self, dZ: Floats) -> tuple[Floats, Floats]:
        """Fills and returns dW = s dZ Aᵀ and db = the sum of dZ over the batch.

        The 1/m of the mean is in dZ already; the notebook's equations leave it out.
        """
        np.add.reduce(dZ, axis=1, keepdims=True, out=self.db)
        if self.scale is not None:
            dZ = np.multiply(dZ, self.scale, out=self._sdZ(dZ.shape[1]))
        np.matmul(dZ, self.A.T, out=self.dW)
        return self.dW, self.db

    def backward(self, dZ: Floats) -> Floats:
        """dA = s Wᵀ dZ."""
        dA = np.matmul(self.W.T, dZ, out=self._dA(dZ.shape[1]))
        if self.scale is not None:
            dA *= self.scale
        return dA
