"""Activations: the nonlinearities after the hidden layers.

Each computes A = g(Z) forward and dZ = dA · g'(Z) backward; all arrays are (units, batch).
"""

from collections.abc import Callable

import numpy as np

from core.nn.buffers import Buffer
from core.nn.layers import Layer
from core.types import Floats


class ReLU:
    """g(z) = max(z, 0); g'(z) = 1 where z > 0, else 0. Source: Nair and Hinton 2010."""

    def __init__(self, units: int, dtype: np.dtype) -> None:
        self._A, self._dZ = Buffer(units, dtype), Buffer(units, dtype)
        self._active = Buffer(units, np.dtype(bool))
        self._zeros = Buffer(units, dtype)  # stays zero

    def forward(self, Z: Floats) -> Floats:
        """A = max(Z, 0)."""
        # NumPy compares two arrays three times faster than an array with a number.
        self.A = np.maximum(Z, self._zeros(Z.shape[1]), out=self._A(Z.shape[1]))
        return self.A

    def backward(self, dA: Floats) -> Floats:
        """dZ = dA · [A > 0]."""
        active = np.greater(self.A, 0, out=self._active(dA.shape[1]))
        return np.multiply(dA, active, out=self._dZ(dA.shape[1]))


class LeakyReLU:
    """g(z) = z where z > 0, else 0.01 z. Source: Maas, Hannun and Ng 2013."""

    slope = 0.01

    def __init__(self, units: int, dtype: np.dtype) -> None:
        self._A, self._dZ = Buffer(units, dtype), Buffer(units, dtype)
        self._active = Buffer(units, np.dtype(bool))

    def forward(self, Z: Floats) -> Floats:
        """A = max(Z, 0.01 Z)."""
        self.Z = Z
        A = np.multiply(Z, self.slope, out=self._A(Z.shape[1]))
        return np.maximum(Z, A, out=A)

    def backward(self, dA: Floats) -> Floats:
        """dZ = dA where Z > 0, else 0.01 dA."""
        dZ = np.multiply(dA, self.slope, out=self._dZ(dA.shape[1]))
        np.copyto(dZ, dA, where=np.greater(self.Z, 0, out=self._active(dA.shape[1])))
        return dZ


class ELU:
    """g(z) = z where z > 0, else exp(z) - 1. Source: Clevert et al. 2016, arXiv:1511.07289."""

    def __init__(self, units: int, dtype: np.dtype) -> None:
        self._A, self._dZ = Buffer(units, dtype), Buffer(units, dtype)
        self._active = Buffer(units, np.dtype(bool))

    def forward(self, Z: Floats) -> Floats:
        """A = Z where Z > 0, else exp(Z) - 1."""
        A = np.minimum(Z, 0, out=self._A(Z.shape[1]))
        self.A = np.expm1(A, out=A)
        np.copyto(A, Z, where=np.greater(Z, 0, out=self._active(Z.shape[1])))
        return A

    def backward(self, dA: Floats) -> Floats:
        """dZ = dA where Z > 0, else dA · exp(Z), where exp(Z) = A + 1."""
        dZ = np.minimum(self.A, 0, out=self._dZ(dA.shape[1]))
        dZ += 1
        dZ *= dA
        return dZ


class GELU:
    """g(z) = z h with h = ½ (1 + tanh(√(2/π) (z + 0.044715 z³))), an approximation of z Φ(z).

    Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.
    """

    c, k = float(np.sqrt(2 / np.pi)), 0.044715

    def __init__(self, units: int, dtype: np.dtype) -> None:
        self._H, self._A, self._dZ, self._slope = (Buffer(units, dtype) for _ in range(4))

    def forward(self, Z: Floats) -> Floats:
        """A = Z H with H = ½ (1 + tanh(x)) = 1 / (1 + exp(-2 x)) and x = c Z (1 + k Z²).

        NumPy's exp takes half the time of its tanh. Where it overflows, H is 0, as it should be.
        """
        self.Z = Z
        H = np.multiply(Z, Z, out=self._H(Z.shape[1]))
        H *= -2 * self.c * self.k
        H -= 2 * self.c
        H *= Z
        with np.errstate(over="ignore"):
            np.exp(H, out=H)
        H += 1
        self.H = np.divide(1, H, out=H)
        return np.multiply(Z, H, out=self._A(Z.shape[1]))

    def backward(self, dA: Floats) -> Floats:
        """dZ = dA · (H + Z H') with H' = H (1 - H) (2 c + 6 c k Z²)."""
        Z, H = self.Z, self.H
        dZ = np.multiply(Z, Z, out=self._dZ(dA.shape[1]))
        dZ *= 6 * self.c * self.k
        dZ += 2 * self.c
        dZ *= Z
        slope = np.subtract(1, H, out=self._slope(dA.shape[1]))
        slope *= H
        dZ *= slope
        dZ += H
        dZ *= dA
        return dZ


class Tanh:
    """g(z) = tanh(z); g'(z) = 1 - g(z)²."""

    def __init__(self, units: int, dtype: np.dtype) -> None:
        self._A, self._dZ = Buffer(units, dtype), Buffer(units, dtype)

    def forward(self, Z: Floats) -> Floats:
        """A = tanh(Z)."""
        self.A = np.tanh(Z, out=self._A(Z.shape[1]))
        return self.A

    def backward(self, dA: Floats) -> Floats:
        """dZ = dA · (1 - A²)."""
        dZ = np.multiply(self.A, self.A, out=self._dZ(dA.shape[1]))
        np.subtract(1, dZ, out=dZ)
        dZ *= dA
        return dZ


class Sigmoid:
    """g(z) = 1 / (1 + exp(-z)); g'(z) = g(z) (1 - g(z))."""

    def __init__(self, units: int, dtype: np.dtype) -> None:
        self._A, self._dZ = Buffer(units, dtype), Buffer(units, dtype)

    def forward(self, Z: Floats) -> Floats:
        """A = ½ (1 + tanh(Z / 2)): the same function, but it cannot overflow."""
        A = np.multiply(Z, 0.5, out=self._A(Z.shape[1]))
        np.tanh(A, out=A)
        A += 1
        A *= 0.5
        self.A = A
        return A

    def backward(self, dA: Floats) -> Floats:
        """dZ = dA · A (1 - A)."""
        dZ = np.subtract(1, self.A, out=self._dZ(dA.shape[1]))
        dZ *= self.A
        dZ *= dA
        return dZ


ACTIVATIONS: dict[str, Callable[[int, np.dtype], Layer]] = {
    "relu": ReLU,
    "leaky-relu": LeakyReLU,
    "elu": ELU,
    "gelu": GELU,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
}
