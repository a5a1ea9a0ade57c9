"""Initializations: how the initial weights are drawn.

W: (n_out, n_in). s is the standard deviation of a normal distribution, or of a uniform one from
-√3 s to √3 s.
"""

import numpy as np

from core.types import Floats


def draw(scheme: str, deviation: float, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Returns initial weights of `shape` (n_out, n_in), float64.

    scheme:
    - he: s² = 2 / n_in (He et al. 2015, arXiv:1502.01852);
    - xavier: s² = 2 / (n_in + n_out) (Glorot and Bengio 2010);
    - lecun: s² = 1 / n_in (LeCun et al. 1998, "Efficient BackProp");
    - he-uniform, xavier-uniform, lecun-uniform: the same s, uniform;
    - normal: s = `deviation`;
    - orthogonal: the rows, or the columns if there are fewer, are orthogonal and of length √2
      (Saxe et al. 2014, arXiv:1312.6120);
    - zeros: all 0, so that all units of a layer stay equal.
    """
    n_out, n_in = shape
    if scheme == "zeros":
        return np.zeros(shape)
    if scheme == "orthogonal":
        # Q of the QR decomposition of a normal matrix, with the signs of R's diagonal moved into
        # it, is uniform over the orthogonal matrices (Mezzadri 2007, arXiv:math-ph/0609050).
        q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
        q *= np.sign(r.diagonal())
        return np.sqrt(2) * (q if n_out >= n_in else q.T)
    family, _, uniform = scheme.partition("-")
    s = {
        "he": np.sqrt(2 / n_in),
        "xavier": np.sqrt(2 / (n_in + n_out)),
        "lecun": np.sqrt(1 / n_in),
        "normal": deviation,
    }[family]
    if uniform:
        return rng.uniform(-np.sqrt(3) * s, np.sqrt(3) * s, shape)
    return s * rng.standard_normal(shape)


SCHEMES = (
    "he",
    "he-uniform",
    "xavier",
    "xavier-uniform",
    "lecun",
    "lecun-uniform",
    "normal",
    "orthogonal",
    "zeros",
)
