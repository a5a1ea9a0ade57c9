"""Softmax cross-entropy: how wrong the logits are, and in which direction to change them."""

import numpy as np

from core.nn.buffers import Buffer
from core.types import Bytes, Floats, Indices


class CrossEntropy:
    """L_i = -Σ_k q_ik log p_ik with p = softmax(z), for logits z: (K, m), a column an image.

    q is 1 at the label and 0 elsewhere; with label smoothing ε it is 1 - ε + ε/K there and ε/K
    elsewhere (Szegedy et al. 2016, arXiv:1512.00567, section 7). In nats.
    """

    def __init__(self, classes: int, dtype: np.dtype, smoothing: float = 0.0) -> None:
        self.smoothing = smoothing
        self._classes = classes
        self._p, self._dz = Buffer(classes, dtype), Buffer(classes, dtype)
        self._columns = np.arange(0)
        self.probabilities: Floats = np.empty((classes, 0), dtype)

    def forward(self, logits: Floats, labels: Bytes | Indices) -> Floats:
        """The loss of each image, (m,), for labels: (m,); keeps `probabilities`: (K, m), and
        `plain`: (m,), the losses without smoothing, which compare with those of an evaluation.

        log p_k = z_k - log Σ exp(z): from the logits, so that no probability is ever rounded to
        0 under the logarithm; the largest logit is taken away first, so that exp() stays finite.
        """
        m = logits.shape[1]
        if m != len(self._columns):
            self._columns = np.arange(m)
        # Where the labels' own entries stand in the flat array: one index is faster than two.
        self._right = labels.astype(np.intp) * m + self._columns
        p = np.subtract(logits, logits.max(axis=0), out=self._p(m))
        chosen = p.reshape(-1)[self._right]
        spread = self.smoothing * (chosen - p.mean(axis=0)) if self.smoothing else None
        np.exp(p, out=p)
        total = p.sum(axis=0)
        p /= total
        self.probabilities = p
        self.plain: Floats = np.log(total) - chosen
        return self.plain if spread is None else self.plain + spread

    def backward(self) -> Floats:
        """dL/dz of the mean loss over the batch, (p - q) / m: (K, m)."""
        p = self.probabilities
        m = p.shape[1]
        dz = np.multiply(p, 1 / m, out=self._dz(m))
        if self.smoothing:
            dz -= self.smoothing / self._classes / m
        dz.reshape(-1)[self._right] -= (1 - self.smoothing) / m
        return dz
