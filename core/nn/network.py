"""A fully connected network: a list of layers over one flat parameter vector.

With one vector, an optimizer step is one vectorized pass, a checkpoint one array and a rewind
one copy.
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from core.nn.activations import ACTIVATIONS
from core.nn.batch_norm import BatchNorm
from core.nn.blas_threads import one_blas_thread
from core.nn.dropout import Dropout
from core.nn.initializations import draw
from core.nn.layers import Layer, Linear
from core.nn.thread_pool import ThreadPool
from core.types import Bytes, Floats, Indices, Observer, ignore

_BATCH = 500  # images at a time, which bounds the memory for activations


class Network:
    """A classifier with sizes[0] inputs, hidden layers and sizes[-1] logits.

    Each hidden layer is Linear, [BatchNorm], activation, Dropout; the last layer is Linear.

    scale: factor of the inputs, 1/255 for images of bytes.
    dropout_rng: draws the dropout masks. pool: the threads that share its large products.
    parameters: (n,), layer by layer: W row by row, b, then γ and β of BatchNorm.
    gradient: (n,), dL/dparameters of the last `backward`, in the same order.
    statistics: (s,), the running means and variances of BatchNorm, which are not trained.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        batch_norm: bool = False,
        scale: float | None = None,
        dtype: DTypeLike = np.float32,
        dropout_rng: np.random.Generator | None = None,
        pool: ThreadPool | None = None,
    ) -> None:
        self.sizes = tuple(sizes)
        self.pool = pool or ThreadPool()
        self.layers: list[Layer] = []
        hidden = self.sizes[1:-1]
        norms = 2 * sum(hidden) if batch_norm else 0
        count = sum((i + 1) * o for i, o in pairwise(self.sizes)) + norms
        self.parameters: Floats = np.zeros(count, dtype)
        self.gradient: Floats = np.zeros(count, dtype)
        self.statistics: Floats = np.zeros(norms, dtype)
        array_type = self.parameters.dtype
        rng = dropout_rng or np.random.default_rng(0)
        create_activation = ACTIVATIONS[activation]
        views = _Cursor(self.parameters, self.gradient)
        running = _Cursor(self.statistics)
        for number, (n_in, n_out) in enumerate(pairwise(self.sizes)):
            (W, dW), (b, db) = views.take(n_out, n_in), views.take(n_out, 1)
            self.layers.append(Linear(W, b, dW, db, scale if number == 0 else None, self.pool))
            if number < len(hidden):
                if batch_norm:
                    (gamma, dgamma), (beta, dbeta) = views.take(n_out, 1), views.take(n_out, 1)
                    [statistics] = running.take(2, n_out)
                    norm = BatchNorm(gamma, beta, dgamma, dbeta, statistics[:, :, None])
                    self.layers.append(norm)
                self.layers.append(create_activation(n_out, array_type))
                self.layers.append(Dropout(n_out, array_type, rng))
        self._reset_norms()
        self._like = partial(Network, sizes, activation, batch_norm, scale, dtype, pool=self.pool)

    def copy(self) -> "Network":
        """Returns a network with the same numbers, which can be changed without changing this one.

        Its dropout is off, and its gradient is 0.
        """
        copy = self._like()
        copy.parameters[:], copy.statistics[:] = self.parameters, self.statistics
        return copy

    @property
    def linears(self) -> list[Linear]:
        return [layer for layer in self.layers if isinstance(layer, Linear)]

    def initialize(self, scheme: str, rng: np.random.Generator, deviation: float = 1.0) -> None:
        """Draws the initial weights. Biases are 0, except with "normal", as in the notebook."""
        for layer in self.linears:
            layer.W[:] = draw(scheme, deviation, layer.W.shape, rng)
            layer.b[:] = draw("normal", deviation, layer.b.shape, rng) if scheme == "normal" else 0
        self._reset_norms()

    def set_dropout(self, rate: float) -> None:
        """Sets the fraction of the hidden outputs dropped in training, at least 0 and below 1."""
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.rate = rate

    def forward(self, A: Floats, training: bool = False, observe: Observer = ignore) -> Floats:
        """Returns the logits: (sizes[-1], m), valid until the next call. A: (sizes[0], m).

        training: turns dropout on and makes batch normalization use the batch.
        observe: called with the output of each layer, except dropout that drops nothing.
        """
        for layer in self.layers:
            if isinstance(layer, Dropout | BatchNorm):
                layer.training = training
            before, A = A, layer.forward(A)
            if A is not before:
                observe(A)
        return A

    def predict(self, images: Bytes) -> Indices:
        """Returns the most probable class of each image: (m,). images: as for `probabilities`."""
        return self.probabilities(images).argmax(axis=1)

    @one_blas_thread()
    def probabilities(self, images: Bytes) -> Floats:
        """Returns the probability of each class: (m, K), softmax of the logits, a row per image.

        images: (m, height, width) uint8, 0 to 255 as in the files. Does not change the network.
        Raises ValueError if they are not, or have another number of pixels than the input.
        """
        pixels, classes = self.sizes[0], self.sizes[-1]
        if images.dtype != np.uint8 or images.ndim != 3 or images[0:1].size not in (0, pixels):
            raise ValueError(
                f"pass images of {pixels} pixels as a uint8 array (images, height, width), "
                f"not {images.dtype} {images.shape}; for one image, pass image[None]"
            )
        probabilities = np.empty((len(images), classes), self.parameters.dtype)
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH]
            logits = self.forward(batch.reshape(len(batch), -1).astype(self.parameters.dtype).T)
            p = np.exp(logits - logits.max(axis=0))
            probabilities[start : start + _BATCH] = (p / p.sum(axis=0)).T
        return probabilities

    def backward(self, dlogits: Floats, observe: Observer = ignore) -> None:
        """Computes `gradient` by the chain rule. dlogits: (K, m), dL/dlogits of the last forward.

        observe: called for each layer, the last one first, with the gradients of its parameters,
        if it has any, and dL/d(its input).
        """
        delta = dlogits
        for layer in reversed(self.layers):
            gradients = layer.gradients(delta) if isinstance(layer, Linear | BatchNorm) else ()
            if layer is self.layers[0]:
                observe(*gradients)  # the images are not trained, so they need no gradient
                return
            before, delta = delta, layer.backward(delta)
            if delta is not before:
                observe(*gradients, delta)

    def _reset_norms(self) -> None:
        for layer in self.layers:
            if isinstance(layer, BatchNorm):
                layer.gamma[:], layer.beta[:] = 1, 0
                layer.mean[:], layer.variance[:] = 0, 1


class _Cursor:
    """Returns consecutive views into flat vectors."""

    def __init__(self, *vectors: Floats) -> None:
        self._vectors = vectors
        self._start = 0

    def take(self, rows: int, columns: int) -> list[Floats]:
        """Returns the next rows·columns numbers of each vector, as (rows, columns)."""
        end = self._start + rows * columns
        views = [vector[self._start : end].reshape(rows, columns) for vector in self._vectors]
        self._start = end
        return views
