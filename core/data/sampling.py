"""Draws images at random, the same share of each class; how many images the classes have."""

import numpy as np

from core.types import Bytes, Indices

_UNEQUAL = 5  # times the images of the smallest class


def stratified(labels: Bytes, count: int, rng: np.random.Generator) -> Indices:
    """Draws `count` indices in proportion to the classes (largest remainders), in order."""
    classes, sizes = np.unique(labels, return_counts=True)
    exact = sizes * count / len(labels)
    quota = np.floor(exact).astype(int)
    most_cut = np.argsort(quota - exact, kind="stable")[: count - quota.sum()]
    quota[most_cut] += 1
    drawn = [
        rng.choice(np.flatnonzero(labels == label), size, replace=False)
        for label, size in zip(classes, quota, strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def is_unbalanced(labels: Bytes) -> bool:
    """Whether the classes with images have very different numbers of them."""
    _, sizes = np.unique(labels, return_counts=True)
    return bool(sizes.max() >= _UNEQUAL * sizes.min())
