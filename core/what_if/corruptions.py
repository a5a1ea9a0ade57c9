"""Corrupted images: noise, blur, shift, rotation, contrast and occlusion, each in five severities.

After Hendrycks & Dietterich 2019, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations" (arXiv:1903.12261); the severities are chosen here for small gray images. Occlusion
is that of DeVries & Taylor 2017, "Cutout" (arXiv:1708.04552).

Each function takes images (m, height, width) uint8, a level and a random generator, and returns
images like them. Lengths are shares of the width, so that 8×8 images suffer like 28×28 ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.types import Bytes, Floats, Indices

SEVERITIES = 5

Corrupt = Callable[[Bytes, float, np.random.Generator], Bytes]


@dataclass(frozen=True, slots=True)
class Corruption:
    """levels: of the severities 1 to 5. meaning: the first and the last one in words."""

    name: str
    function: Corrupt
    levels: tuple[float, ...]
    meaning: str


def noise(images: Bytes, level: float, rng: np.random.Generator) -> Bytes:
    """x + ε, with ε from a normal distribution of standard deviation `level`; white is 1."""
    drawn = rng.standard_normal(images.shape, np.float32)
    return _bytes(images + np.float32(255 * level) * drawn)


def blur(images: Bytes, level: float, rng: np.random.Generator) -> Bytes:
    """The mean of the neighbors, weighted by a Gaussian of standard deviation `level` · width."""
    height, width = images.shape[1:]
    down, across = (_gaussian(size, level * width) for size in (height, width))
    return _bytes(down @ images.astype(np.float32) @ across.T)


def shift(images: Bytes, level: float, rng: np.random.Generator) -> Bytes:
    """Moved by `level` · width, up, down, left or right, which is drawn for each image."""
    by = level * images.shape[2]
    moves = [(by, 0.0), (-by, 0.0), (0.0, by), (0.0, -by)]
    chosen = rng.integers(len(moves), size=len(images))
    return _moved(images, [(1.0, 0.0, *move) for move in moves], chosen)


def rotate(images: Bytes, level: float, rng: np.random.Generator) -> Bytes:
    """Turned around the middle by `level` degrees, left or right, which is drawn for each image."""
    cosine, sine = np.cos(np.deg2rad(level)), np.sin(np.deg2rad(level))
    turns = [(cosine, sine, 0.0, 0.0), (cosine, -sine, 0.0, 0.0)]
    return _moved(images, turns, rng.integers(len(turns), size=len(images)))


def contrast(images: Bytes, level: float, rng: np.random.Generator) -> Bytes:
    """μ + (1 - level) (x - μ), with μ the mean of the image: all pixels are closer to it."""
    mean = images.mean(axis=(1, 2), keepdims=True, dtype=np.float32)
    return _bytes(mean + np.float32(1 - level) * (images - mean))


def occlude(images: Bytes, level: float, rng: np.random.Generator) -> Bytes:
    """A black square with a side of `level` · width, at a random place of each image."""
    m, height, width = images.shape
    side = min(max(1, round(level * width)), height, width)
    top = rng.integers(height - side + 1, size=m)[:, None]
    left = rng.integers(width - side + 1, size=m)[:, None]
    rows, columns = np.arange(height), np.arange(width)
    inside_rows = (rows >= top) & (rows < top + side)
    inside_columns = (columns >= left) & (columns < left + side)
    return np.where(inside_rows[:, :, None] & inside_columns[:, None, :], np.uint8(0), images)


CORRUPTIONS = (
    Corruption("noise", noise, (0.1, 0.2, 0.3, 0.4, 0.5), "deviation 10% to 50% of white"),
    Corruption("blur", blur, (0.02, 0.04, 0.06, 0.08, 0.1), "deviation 2% to 10% of the width"),
    Corruption("shift", shift, (0.04, 0.08, 0.12, 0.16, 0.2), "4% to 20% of the width"),
    Corruption("rotation", rotate, (10, 20, 30, 45, 60), "10 to 60 degrees"),
    Corruption("contrast", contrast, (0.2, 0.4, 0.6, 0.75, 0.9), "20% to 90% less"),
    Corruption("occlusion", occlude, (0.2, 0.3, 0.4, 0.5, 0.6), "square, 20% to 60% of the width"),
)


def _bytes(images: Floats) -> Bytes:
    return np.rint(images).clip(0, 255).astype(np.uint8)


@lru_cache(maxsize=16)
def _gaussian(size: int, deviation: float) -> NDArray[np.float32]:
    """(size, size): the weight of each pixel for each; those outside count as black."""
    places = np.arange(size)
    weights = np.exp(-0.5 * ((places[:, None] - places) / deviation) ** 2)
    reach = np.arange(-4 * size, 4 * size + 1)
    return (weights / np.exp(-0.5 * (reach / deviation) ** 2).sum()).astype(np.float32)


def _moved(images: Bytes, moves: list[tuple[float, float, float, float]], chosen: Indices) -> Bytes:
    """Turns and shifts images; chosen: (m,) which of the moves each image makes.

    A move is the cosine and sine of its angle, and by how many pixels down and right. Each new
    pixel is interpolated between four old ones (bilinear); outside is black.
    """
    m, height, width = images.shape
    flat, result = images.reshape(m, -1).astype(np.float32), np.empty(images.shape, np.uint8)
    for number, move in enumerate(moves):
        rows = np.flatnonzero(chosen == number)
        moved = np.zeros((len(rows), height * width), np.float32)
        for places, weights in _corners((height, width), move):
            moved += np.take(flat[rows], places, axis=1) * weights
        result[rows] = _bytes(moved).reshape(len(rows), height, width)
    return result


@lru_cache(maxsize=32)
def _corners(
    shape: tuple[int, int], move: tuple[float, float, float, float]
) -> list[tuple[Indices, NDArray[np.float32]]]:
    """For each new pixel the places of the four old ones around its origin, and their weights."""
    height, width = shape
    cosine, sine, down, right = move
    y, x = np.mgrid[:height, :width].reshape(2, -1).astype(np.float64)
    y, x = y - down - (height - 1) / 2, x - right - (width - 1) / 2
    y, x = cosine * y + sine * x, cosine * x - sine * y
    y, x = y + (height - 1) / 2, x + (width - 1) / 2
    top, left = np.floor(y).astype(np.intp), np.floor(x).astype(np.intp)
    corners = []
    for row, column in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
        weights = (1 - np.abs(y - row)) * (1 - np.abs(x - column))
        weights[(row < 0) | (row >= height) | (column < 0) | (column >= width)] = 0
        places = row.clip(0, height - 1) * width + column.clip(0, width - 1)
        corners.append((places, weights.astype(np.float32)))
    return corners
