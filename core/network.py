"""A dense network: a list of layers over one flat parameter vector.

One vector makes an optimiser one pass, a saved state one array, a rewind one copy.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from core.layers import Layer, Linear, ReLU
from core.types import Floats


class Network:
    """sizes[0] inputs, hidden layers with ReLU, sizes[-1] logits (no activation after the last).

    parameters: (n,) all weights and biases, layer by layer, W then b, W row by row.
    gradient: (n,) dL/dparameters of the last `backward`, in the same order.
    """

    def __init__(self, sizes: Sequence[int], dtype: DTypeLike = np.float32) -> None:
        self.sizes = tuple(sizes)
        shapes = list(zip(self.sizes[:-1], self.sizes[1:], strict=True))
        self.parameters: Floats = np.zeros(sum((i + 1) * o for i, o in shapes), dtype)
        self.gradient: Floats = np.zeros_like(self.parameters)
        self.layers: list[Layer] = []
        start = 0
        for n_in, n_out in shapes:
            if start:
                self.layers.append(ReLU(n_in, self.parameters.dtype))
            middle, end = start + n_in * n_out, start + (n_in + 1) * n_out
            W, dW = (v[start:middle].reshape(n_in, n_out) for v in (self.parameters, self.gradient))
            b, db = (v[middle:end] for v in (self.parameters, self.gradient))
            self.layers.append(Linear(W, b, dW, db))
            start = end

    @property
    def linears(self) -> list[Linear]:
        return [layer for layer in self.layers if isinstance(layer, Linear)]

    def initialize(self, scheme: str, rng: np.random.Generator) -> None:
        """Draws the first parameters.

        "he": W ~ N(0, 2/n_in), b = 0, so that a ReLU layer keeps the size of its signal
        (He et al. 2015, "Delving Deep into Rectifiers", https://arxiv.org/abs/1502.01852).
        "normal": W, b ~ N(0, 1), as the notebook does.
        """
        for layer in self.linears:
            if scheme == "he":
                deviation = np.sqrt(2 / len(layer.W))
                layer.W[:] = rng.standard_normal(layer.W.shape) * deviation
                layer.b[:] = 0
            else:
                layer.W[:] = rng.standard_normal(layer.W.shape)
                layer.b[:] = rng.standard_normal(layer.b.shape)

    def forward(self, x: Floats) -> Floats:
        """x: (batch, sizes[0]). Returns logits: (batch, sizes[-1]), valid until the next call."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dlogits: Floats) -> None:
        """Fills `gradient` by the chain rule, from dL/dlogits of the last forward, (batch, K)."""
        delta = dlogits
        for layer in reversed(self.layers):
            if isinstance(layer, Linear):
                layer.gradients(delta)
            # Nothing below the first layer is trained, so its input needs no gradient.
            if layer is not self.layers[0]:
                delta = layer.backward(delta)
