"""Softmax cross-entropy: the loss of the logits and its gradient."""

import numpy as np

from core.nn.buffers import Buffer
from core.types import Bytes, Floats, Indices


class CrossEntropy:
    """L_i = -Σ_k q_ik log p_ik in nats, with p = softmax(z) and logits z: (K, m).

    q is 1 at the label and 0 elsewhere; with label smoothing ε, it is 1 - ε + ε/K at the label and
    ε/K elsewhere (Szegedy et al. 2016, arXiv:1512.00567, section 7).
    """

    def __init__(self, classes: int, dtype: np.dtype, smoothing: float = 0.0) -> None:
        self.smoothing = smoothing
        self._classes = classes
        self._p, self._dz = Buffer(classes, dtype), Buffer(classes, dtype)
        self._columns = np.arange(0)
        self.probabilities: Floats = np.empty((classes, 0), dtype)

    def forward(self, logits: Floats, labels: Bytes | Indices) -> Floats:
        """Returns the loss of each image: (m,). labels: (m,).

        Sets `probabilities`: (K, m), and `unsmoothed`: (m,), the losses without label smoothing,
        which can be compared with those of an evaluation.

        log p_k = z_k - log Σ exp(z) uses the logits, so no probability is rounded to 0 before the
        logarithm. Subtracting the largest logit first keeps exp() finite.
        """
        m = logits.shape[1]
        if m != len(self._columns):
            self._columns = np.arange(m)
        # The flat index of each image's true class: one index array is faster than two.
        self._true = labels.astype(np.intp) * m + self._columns
        p = np.subtract(logits, logits.max(axis=0), out=self._p(m))
        true = p.reshape(-1)[self._true]
        spread = self.smoothing * (true - p.mean(axis=0)) if self.smoothing else None
        np.exp(p, out=p)
        total = p.sum(axis=0)
        p /= total
        self.probabilities = p
        self.unsmoothed: Floats = np.log(total) - true
        return self.unsmoothed if spread is None else self.unsmoothed + spread

    def backward(self) -> Floats:
        """Returns dL/dz of the mean loss over the batch, (p - q) / m: (K, m)."""
        p = self.probabilities
        m = p.shape[1]
        dz = np.multiply(p, 1 / m, out=self._dz(m))
        if self.smoothing:
            dz -= self.smoothing / self._classes / m
        dz.reshape(-1)[self._true] -= (1 - self.smoothing) / m
        return dz
