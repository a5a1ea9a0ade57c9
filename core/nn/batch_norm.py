"""Batch normalization: each unit gets mean 0 and deviation 1 over the batch."""

import numpy as np

from core.nn.buffers import Buffer
from core.types import Floats


class BatchNorm:
    """Y = γ X̂ + β with X̂ = (Z - μ) / √(σ² + ε), unit by unit.

    μ and σ² are those of the batch in training, and their running averages otherwise.
    γ, β and their gradients: (units, 1) views into the network's flat vectors; running mean and
    variance: (units, 1). Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
    """

    epsilon, momentum = 1e-5, 0.1

    def __init__(
        self, gamma: Floats, beta: Floats, dgamma: Floats, dbeta: Floats, running: Floats
    ) -> None:
        self.gamma, self.beta, self.dgamma, self.dbeta = gamma, beta, dgamma, dbeta
        self.mean, self.variance = running
        self.training = False
        units, dtype = len(gamma), gamma.dtype
        self._X, self._Y, self._dZ = (Buffer(units, dtype) for _ in range(3))

    def forward(self, Z: Floats) -> Floats:
        """Y = γ X̂ + β; in training also moves the running averages a tenth of the way."""
        X = self._X(Z.shape[1])
        if self.training:
            mean = Z.mean(axis=1, keepdims=True)
            np.subtract(Z, mean, out=X)
            variance = np.einsum("um,um->u", X, X)[:, None] / Z.shape[1]
            self.mean += self.momentum * (mean - self.mean)
            self.variance += self.momentum * (variance - self.variance)
        else:
            np.subtract(Z, self.mean, out=X)
            variance = self.variance
        self._inverse = 1 / np.sqrt(variance + self.epsilon)
        X *= self._inverse
        self.X = X
        Y = np.multiply(X, self.gamma, out=self._Y(Z.shape[1]))
        Y += self.beta
        return Y

    def gradients(self, dY: Floats) -> tuple[Floats, Floats]:
        """Fills and returns dγ = Σ dY · X̂ and dβ = Σ dY over the batch."""
        np.add.reduce(dY, axis=1, keepdims=True, out=self.dbeta)
        self.dgamma[:, 0] = np.einsum("um,um->u", dY, self.X)
        return self.dgamma, self.dbeta

    def backward(self, dY: Floats) -> Floats:
        """dZ = γ / √(σ² + ε) · (dY - (dβ + X̂ dγ) / m), as μ and σ² depend on Z too."""
        m = dY.shape[1]
        dZ = np.multiply(self.X, self.dgamma, out=self._dZ(m))
        dZ += self.dbeta
        dZ /= -m
        dZ += dY
        dZ *= self.gamma * self._inverse
        return dZ
