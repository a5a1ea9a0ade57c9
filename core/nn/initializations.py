"""How the first weights are drawn: large enough to tell images apart, small enough to learn.

W: (n_out, n_in). A deviation s is that of a normal distribution, or of a uniform one, which
then reaches from -√3 s to √3 s.
"""

import numpy as np

from core.types import Floats


def draw(scheme: str, deviation: float, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """First weights of `shape` (n_out, n_in), float64.

    he: s² = 2 / n_in (He et al. 2015, arXiv:1502.01852); xavier: s² = 2 / (n_in + n_out) (Glorot
    and Bengio 2010); lecun: s² = 1 / n_in (LeCun et al. 1998, "Efficient BackProp"); each also
    uniform. normal: s = `deviation`. orthogonal: rows, or columns if they are fewer, at right
    angles and of length √2 (Saxe et al. 2014, arXiv:1312.6120). zeros: 0, so that all units of a
    layer stay alike for ever.
    """
    n_out, n_in = shape
    if scheme == "zeros":
        return np.zeros(shape)
    if scheme == "orthogonal":
        # The QR decomposition of a normal matrix, with the signs of R's diagonal taken out, is
        # uniform over all orthogonal matrices (Mezzadri 2007, arXiv:math-ph/0609050).
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
