"""Augmentation: random changes to the training images that keep their class."""

import numpy as np
from numpy.typing import NDArray

from core.types import Bytes, Indices


def augment(
    images: Bytes, rng: np.random.Generator, *, flip: float, shift: int, erase: float
) -> None:
    """Flips, shifts and erases images at random, in place. images: (m, height, width).

    flip, erase: the probability for each image; shift: the maximum in pixels. 0 skips a change.
    """
    if flip:
        random_flip(images, flip, rng)
    if shift:
        random_shift(images, shift, rng)
    if erase:
        random_erase(images, erase, rng)


def random_flip(images: Bytes, probability: float, rng: np.random.Generator) -> None:
    """Mirrors each image left to right with this probability, in place."""
    chosen = np.flatnonzero(rng.random(len(images)) < probability)
    images[chosen] = images[chosen, :, ::-1]


def random_shift(images: Bytes, max_shift: int, rng: np.random.Generator) -> None:
    """Moves each image by up to `max_shift` pixels in both axes, in place; edges become black."""
    m, height, width = images.shape
    padded = np.pad(images, ((0, 0), (max_shift, max_shift), (max_shift, max_shift)))
    top, left = rng.integers(0, 2 * max_shift + 1, (2, m))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    images[:] = windows[np.arange(m), top, left]


def random_erase(images: Bytes, probability: float, rng: np.random.Generator) -> None:
    """Sets a random rectangle of each image to black with this probability, in place.

    The sides of the rectangle are a quarter to half of the image's.
    Source: Zhong et al. 2020, "Random Erasing", arXiv:1708.04896.
    """
    m, height, width = images.shape
    sizes = np.array((height, width))[:, None]
    extent = np.ceil(rng.uniform(0.25, 0.5, (2, m)) * sizes).astype(int)
    start = np.floor(rng.random((2, m)) * (sizes - extent + 1)).astype(int)
    rows = _between(start[0], extent[0], height)
    columns = _between(start[1], extent[1], width)
    erased = rows[:, :, None] & columns[:, None, :]
    erased &= np.less(rng.random(m), probability)[:, None, None]
    images[erased] = 0


def _between(start: Indices, extent: Indices, size: int) -> NDArray[np.bool_]:
    """Returns a mask (m, size): for each image, the places from start to start + extent."""
    places = np.arange(size)
    return (places >= start[:, None]) & (places < (start + extent)[:, None])
