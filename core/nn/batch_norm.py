"""Batch normalization: gives each unit mean 0 and standard deviation 1 over the batch."""

import numpy as np

from core.nn.buffers import Buffer
from core.types import Floats


class BatchNorm:
    """Y = γ X̂ + β with X̂ = (Z - μ) / √(σ² + ε), for each unit.

    μ and σ² are the mean and variance of the batch in training, their running averages otherwise.
    γ, β and their gradients: (units, 1) views into the network's flat vectors. running: (2, units,
    1), the running mean and variance. Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
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
        """Y = γ X̂ + β; in training also updates the running averages, with weight 0.1."""
        X = self._X(Z.shape[1])  # Z - μ; the division by √(σ² + ε) joins the factor γ
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
        self.X = X
        Y = np.multiply(X, self.gamma * self._inverse, out=self._Y(Z.shape[1]))
        Y += self.beta
        return Y

    def gradients(self, dY: Floats) -> tuple[Floats, Floats]:
        """Sets and returns dγ = Σ dY · X̂ and dβ = Σ dY, the sums over the batch."""
        np.add.reduce(dY, axis=1, keepdims=True, out=self.dbeta)
        self.dgamma[:, 0] = np.einsum("um,um->u", dY, self.X)
        self.dgamma *= self._inverse
        return self.dgamma, self.dbeta

    def backward(self, dY: Floats) -> Floats:
        """dZ = γ / √(σ² + ε) · (dY - (dβ + X̂ dγ) / m), because μ and σ² also depend on Z.

        Uses dγ and dβ: call `gradients` first.
        """
        m = dY.shape[1]
        dZ = np.multiply(self.X, self._inverse * self.dgamma / -m, out=self._dZ(m))
        dZ -= self.dbeta / m
        dZ += dY
        dZ *= self.gamma * self._inverse
        return dZ
