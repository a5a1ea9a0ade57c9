"""The interface of all layers, and the linear layer.

A batch is (units, images), one column per image, as in the notebook: Z = W A + b. NumPy is also
fastest in this order. A layer keeps what `backward` needs in its own buffers.
"""

from typing import Protocol

import numpy as np

from core.nn.buffers import Buffer
from core.nn.thread_pool import ThreadPool
from core.types import Floats


class Layer(Protocol):
    """Any layer of the network. Its results are its own buffers, valid until its next call."""

    def forward(self, A: Floats) -> Floats:
        """Computes the output: A is (n_in, m), the result (n_out, m)."""

    def backward(self, dZ: Floats) -> Floats:
        """Computes dL/dA: (n_in, m) from dZ = dL/d(output of the last forward): (n_out, m)."""


class Linear:
    """The linear layer, Z = s W A + b.

    W: (n_out, n_in), b: (n_out, 1) and their gradients dW, db are views into the network's flat
    vectors. The scale s is 1, except in the first layer, whose input is pixels from 0 to 255:
    multiplying Z by 1/255 is cheaper than multiplying every pixel. pool: computes the products.
    """

    def __init__(
        self,
        W: Floats,
        b: Floats,
        dW: Floats,
        db: Floats,
        scale: float | None = None,
        pool: ThreadPool | None = None,
    ) -> None:
        self.W, self.b, self.dW, self.db = W, b, dW, db
        self.scale = scale
        self._matmul = (pool or ThreadPool()).matmul
        n_out, n_in = W.shape
        self._Z, self._dA, self._sdZ = (Buffer(n, W.dtype) for n in (n_out, n_in, n_out))
        self.A: Floats = np.empty((n_in, 0), W.dtype)

    def forward(self, A: Floats) -> Floats:
        """Z = s W A + b."""
        self.A = A
        Z = self._matmul(self.W, A, self._Z(A.shape[1]))
        if self.scale is not None:
            Z *= self.scale
        Z += self.b
        return Z

    def gradients(self, dZ: Floats) -> tuple[Floats, Floats]:
        """Sets and returns dW = s dZ Aᵀ and db = Σ dZ over the batch.

        dZ already contains the 1/m of the mean loss, which the notebook's equations leave out.
        """
        np.add.reduce(dZ, axis=1, keepdims=True, out=self.db)
        if self.scale is not None:
            dZ = np.multiply(dZ, self.scale, out=self._sdZ(dZ.shape[1]))
        self._matmul(dZ, self.A.T, self.dW)
        return self.dW, self.db

    def backward(self, dZ: Floats) -> Floats:
        """dA = s Wᵀ dZ."""
        dA = self._matmul(self.W.T, dZ, self._dA(dZ.shape[1]))
        if self.scale is not None:
            dA *= self.scale
        return dA
