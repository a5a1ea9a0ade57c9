"""Small changes to the images of a batch that leave their class as it is: more to learn from."""

import numpy as np
from numpy.typing import NDArray

from core.types import Bytes, Indices


def augment(
    images: Bytes, rng: np.random.Generator, *, flip: float, shift: int, erase: float
) -> None:
    """Flips, shifts and erases the images, in place; 0 leaves a change out. images: (m, h, w)."""
    if flip:
        random_flip(images, flip, rng)
    if shift:
        random_shift(images, shift, rng)
    if erase:
        random_erase(images, erase, rng)


def random_flip(images: Bytes, share: float, rng: np.random.Generator) -> None:
    """Mirrors about `share` of the images, left to right, in place. images: (m, h, w)."""
    chosen = np.flatnonzero(rng.random(len(images)) < share)
    images[chosen] = images[chosen, :, ::-1]


def random_shift(images: Bytes, most: int, rng: np.random.Generator) -> None:
    """Moves each image by up to `most` pixels each way, in place; black comes in at the edges."""
    m, height, width = images.shape
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    top, left = rng.integers(0, 2 * most + 1, (2, m))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    images[:] = windows[np.arange(m), top, left]


def random_erase(images: Bytes, share: float, rng: np.random.Generator) -> None:
    """Blackens a rectangle of a quarter to half of each side in about `share` of the images.

    In place. Source: Zhong et al. 2020, "Random Erasing", arXiv:1708.04896.
    """
    m, height, width = images.shape
    sizes = np.array((height, width))[:, None]
    extent = np.ceil(rng.uniform(0.25, 0.5, (2, m)) * sizes).astype(int)
    start = np.floor(rng.random((2, m)) * (sizes - extent + 1)).astype(int)
    rows = _between(start[0], extent[0], height)
    columns = _between(start[1], extent[1], width)
    erased = rows[:, :, None] & columns[:, None, :]
    erased &= np.less(rng.random(m), share)[:, None, None]
    images[erased] = 0


def _between(start: Indices, extent: Indices, size: int) -> NDArray[np.bool_]:
    """(m, size): for each image, which places lie in start .. start + extent."""
    places = np.arange(size)
    return (places >= start[:, None]) & (places < (start + extent)[:, None])
