"""Images as points of a plane: the two directions in which their pixels, or what a layer makes of
them, differ most."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.types import Floats, Indices, frozen
from core.what_if.robustness import evenly
from core.what_if.subject import Subject, batches

_IMAGES = 5_000
_NUMBERS = 20_000_000  # images times units; in larger layers there are fewer images
_EXACT = 256  # units up to which the covariance is decomposed; above that, the axes are iterated
_VECTORS, _ITERATIONS = 10, 6
_SEED = 0

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ImageMap:
    """The plane of the first two principal components of one layer.

    layer: 0 are the pixels, l the outputs of layer l; the last one has the logits.
    indices: (n,) of the images in the file of the subset; labels: (n,) their classes.
    points: (n, 2), NaN if the numbers of the network are not finite.
    explained: the share of the variance that the plane explains, 0..1.
    separation: the share of the variance of the layer that lies between the classes, 0..1.
    separation_here: the same in the plane.
    """

    step: int
    layer: int
    subset: str
    indices: Indices
    labels: NDArray[np.uint8]
    points: Points
    explained: float
    separation: float
    separation_here: float
    done: float = 1.0

    @property
    def is_finite(self) -> bool:
        return bool(np.isfinite(self.points).all())


def image_map(
    subject: Subject, layer: int, before: ImageMap | None = None
) -> Iterator[ImageMap | None]:
    """Answers where the images lie, at most 5,000 of them.

    before: an earlier map; if it is of the same layer and images, this one is turned and mirrored
    so that each image lies as close as possible to where it was.
    """
    subset = subject.subset
    size = (subset.pixels, *subject.network.sizes[1:])[layer]
    indices = evenly(subset.indices, min(_IMAGES, max(_NUMBERS // size, 100)))
    subset = replace(subset, indices=indices.copy())
    labels = subset.labels[indices]
    X = np.empty((len(indices), size), np.float32)
    for rows, images in batches(subset):
        X[rows] = (images if layer == 0 else subject.forward(images)[layer - 1]).T
        yield None
    found = ImageMap(
        *(subject.step, layer, subset.name, frozen(indices), frozen(labels)),
        *(np.full((len(indices), 2), np.nan, np.float32), *3 * (float("nan"),)),
    )
    # A common factor changes only the scale of the map, and keeps squares from overflowing.
    X /= max(X.max(), -X.min()) or 1
    yield None
    if not np.isfinite(X).all():
        yield found
        return
    X -= X.mean(axis=0)
    yield None
    axes = yield from principal_axes(X)
    points: Floats = X @ axes
    if before is not None and before.layer == layer and np.array_equal(before.indices, indices):
        points = aligned(points, before.points)
    total = variance(X)
    yield None
    separated = separation(X, labels)
    yield replace(
        found,
        points=frozen(points.astype(np.float32)),
        explained=variance(points) / total if total else 1.0,
        separation=separated,
        separation_here=separation(points, labels),
    )


def principal_axes(X: Floats) -> Generator[None, None, Floats]:
    """Returns the two directions of largest variance, (d, 2), of centered data X: (n, d).

    Up to 256 units they are eigenvectors of the covariance. Above that they are found by subspace
    iteration from random vectors, which are always the same: Halko et al. 2011, "Finding structure
    with randomness" (arXiv:0909.4061), algorithm 4.4. The largest number of each is positive.
    """
    d = X.shape[1]
    if d <= _EXACT:
        _, vectors = np.linalg.eigh(X.T.astype(np.float64) @ X)
        axes: Floats = vectors[:, ::-1][:, :2]
    else:
        rng = np.random.default_rng(_SEED)
        Q = rng.standard_normal((d, min(_VECTORS, d)), np.float32)
        for _ in range(_ITERATIONS):
            Q, _ = np.linalg.qr(X.T @ (X @ Q))
            yield None
        _, _, rotation = np.linalg.svd(X @ Q, full_matrices=False)
        axes = Q @ rotation[:2].T
    if axes.shape[1] < 2:
        axes = np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))
    largest = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    return (axes * np.where(largest < 0, -1, 1)).astype(X.dtype)


def aligned(points: Floats, before: Floats) -> Floats:
    """The points (n, 2), turned and mirrored to be as close as possible to those `before`.

    The orthogonal R with the smallest ‖P R - B‖ is U Vᵀ, where U S Vᵀ = Pᵀ B: the orthogonal
    Procrustes problem, Schönemann 1966, doi:10.1007/BF02289451.
    """
    product = points.T.astype(np.float64) @ before
    if not np.isfinite(product).all():
        return points
    U, _, Vt = np.linalg.svd(product)
    return points @ (U @ Vt).astype(points.dtype)


def separation(X: Floats, labels: NDArray[np.uint8]) -> float:
    """The share of the variance of X (n, d) that lies between the classes, 0..1.

    Σ n_k ‖μ_k - μ‖² / Σ ‖x - μ‖², with μ_k the mean of class k and μ that of all. At 0 all classes
    have the same mean; at 1 each class is a single point. (η², or R² of the classes.)
    """
    X = X - X.mean(axis=0)
    total = variance(X)
    if not total:
        return 0.0
    one_hot = labels == np.arange(int(labels.max()) + 1)[:, None]
    sums = (one_hot.astype(X.dtype) @ X).astype(np.float64)
    between = np.square(sums).sum(axis=1) / np.maximum(one_hot.sum(axis=1), 1)
    return float(between.sum() / total)


def variance(X: Floats) -> float:
    """Σ x² of centered data (n, d): n times the sum of the variances of its columns."""
    return float(np.einsum("ij,ij->i", X, X).sum(dtype=np.float64))
