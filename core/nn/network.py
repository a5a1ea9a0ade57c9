"""A dense network: a list of layers over one flat parameter vector.

One vector makes an optimiser one pass, a saved state one array, a rewind one copy.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from core.nn.activations import ACTIVATIONS
from core.nn.batch_norm import BatchNorm
from core.nn.dropout import Dropout
from core.nn.initializations import draw
from core.nn.layers import Layer, Linear
from core.types import Floats, Observer, ignore


class Network:
    """sizes[0] inputs, hidden layers, sizes[-1] logits: Linear, [BatchNorm], activation, Dropout
    for each hidden layer, and a Linear one at the end.

    parameters: (n,) layer by layer, W row by row, then b, then γ and β of a BatchNorm.
    gradient: (n,) dL/dparameters of the last `backward`, in the same order.
    statistics: (s,) the running means and variances of the BatchNorms, which nothing trains.
    scale: what the inputs are multiplied by, 1/255 for images as bytes.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        batch_norm: bool = False,
        scale: float | None = None,
        dtype: DTypeLike = np.float32,
        dropout: np.random.Generator | None = None,
    ) -> None:
        self.sizes = tuple(sizes)
        self.layers: list[Layer] = []
        hidden = self.sizes[1:-1]
        norms = 2 * sum(hidden) if batch_norm else 0
        count = sum((i + 1) * o for i, o in pairwise(self.sizes)) + norms
        self.parameters: Floats = np.zeros(count, dtype)
        self.gradient: Floats = np.zeros(count, dtype)
        self.statistics: Floats = np.zeros(norms, dtype)
        kind = self.parameters.dtype
        rng = dropout or np.random.default_rng(0)
        make = ACTIVATIONS[activation]
        at = _Cursor(self.parameters, self.gradient)
        running = _Cursor(self.statistics)
        for number, (n_in, n_out) in enumerate(pairwise(self.sizes)):
            (W, dW), (b, db) = at.take(n_out, n_in), at.take(n_out, 1)
            self.layers.append(Linear(W, b, dW, db, scale if number == 0 else None))
            if number < len(hidden):
                if batch_norm:
                    (gamma, dgamma), (beta, dbeta) = at.take(n_out, 1), at.take(n_out, 1)
                    [statistics] = running.take(2, n_out)
                    norm = BatchNorm(gamma, beta, dgamma, dbeta, statistics[:, :, None])
                    self.layers.append(norm)
                self.layers.append(make(n_out, kind))
                self.layers.append(Dropout(n_out, kind, rng))
        self._reset_norms()

    @property
    def linears(self) -> list[Linear]:
        return [layer for layer in self.layers if isinstance(layer, Linear)]

    def initialize(self, scheme: str, rng: np.random.Generator, deviation: float = 1.0) -> None:
        """Draws the first parameters; biases are 0, but for "normal", as the notebook does."""
        for layer in self.linears:
            layer.W[:] = draw(scheme, deviation, layer.W.shape, rng)
            layer.b[:] = draw("normal", deviation, layer.b.shape, rng) if scheme == "normal" else 0
        self._reset_norms()

    def set_dropout(self, rate: float) -> None:
        """How many of the hidden units' outputs are dropped in training, 0 to below 1."""
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.rate = rate

    def forward(self, A: Floats, training: bool = False, see: Observer = ignore) -> Floats:
        """A: (sizes[0], m), a column an image. Returns logits: (sizes[-1], m), valid until the
        next call. In training, dropout drops and batch normalisation uses the batch.

        see: is shown the output of each layer that does something.
        """
        for layer in self.layers:
            if isinstance(layer, Dropout | BatchNorm):
                layer.training = training
            below, A = A, layer.forward(A)
            if A is not below:  # as it is when dropout drops nothing
                see(A)
        return A

    def backward(self, dlogits: Floats, see: Observer = ignore) -> None:
        """Fills `gradient` by the chain rule, from dL/dlogits of the last forward: (K, m).

        see: is shown, layer by layer from the last one, the gradients of its parameters, if it has
        any, and dL/d(its input).
        """
        delta = dlogits
        for layer in reversed(self.layers):
            found = layer.gradients(delta) if isinstance(layer, Linear | BatchNorm) else ()
            if layer is self.layers[0]:
                see(*found)  # nothing below it is trained, so its input needs no gradient
                return
            above, delta = delta, layer.backward(delta)
            if delta is not above:
                see(*found, delta)

    def _reset_norms(self) -> None:
        for layer in self.layers:
            if isinstance(layer, BatchNorm):
                layer.gamma[:], layer.beta[:] = 1, 0
                layer.mean[:], layer.variance[:] = 0, 1


class _Cursor:
    """Hands out views into flat vectors, one after the other."""

    def __init__(self, *vectors: Floats) -> None:
        self._vectors = vectors
        self._start = 0

    def take(self, rows: int, columns: int) -> list[Floats]:
        """The next rows·columns numbers of each vector, as (rows, columns)."""
        end = self._start + rows * columns
        views = [vector[self._start : end].reshape(rows, columns) for vector in self._vectors]
        self._start = end
        return views
