"""The training images that are most like a picture: in their pixels, and to a network."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from core.data.batches import BatchLoader
from core.data.dataset import Subset
from core.inspection.input_gradient import column, layer_outputs
from core.nn.blas_threads import one_blas_thread
from core.nn.network import Network
from core.types import Bytes, Floats, Indices, ShouldContinue, always, frozen

COUNT = 12
"""How many images are kept, at most."""

_BATCH = 500


@dataclass(frozen=True, slots=True, eq=False)
class Neighbors:
    """The nearest images, the nearest first.

    indices: (n,) into the file of training images. distances: (n,) Euclidean.
    """

    indices: Indices
    distances: Floats


@dataclass(frozen=True, slots=True, eq=False)
class NearestImages:
    """The training images nearest to a picture, by two measures.

    step: how many steps the network was trained for. picture: (height, width) uint8.
    pixels: by the pixels, 0..1. hidden: by the outputs of the last hidden layer, which has `units`
    units; None if there is no hidden layer.
    images: how many were compared. seconds: how long that took.
    """

    step: int
    picture: Bytes
    pixels: Neighbors
    hidden: Neighbors | None
    units: int
    images: int
    seconds: float


@one_blas_thread()
def nearest_images(
    network: Network,
    subset: Subset,
    picture: Bytes,
    without: int | None = None,
    step: int = 0,
    should_continue: ShouldContinue = always,
) -> NearestImages | None:
    """Compares a picture (height, width) uint8 with all images of `subset`, in float32.

    without: the index of an image to skip, because it is the picture itself. Does not change the
    network.
    should_continue: called with the share that is done, 0..1, before each batch. If it returns
        False, this function returns None.
    """
    start = perf_counter()
    x = column(network, picture)
    has_hidden = len(network.sizes) > 2
    load_batch = BatchLoader(subset, min(_BATCH, len(subset)))
    squares = np.empty((2, len(subset)), np.float32)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        own = layer_outputs(network, x)[-2].copy() if has_hidden else x
        for begin in range(0, len(subset), _BATCH):
            if not should_continue(begin / len(subset)):
                return None
            rows = slice(begin, begin + _BATCH)
            images = load_batch(subset.indices[rows])
            if has_hidden:
                squares[1, rows] = _squares(layer_outputs(network, images)[-2] - own)
            images -= x  # the buffer is refilled for the next batch
            squares[0, rows] = _squares(images)
    is_other = subset.indices != (-1 if without is None else without)
    pixels = _nearest(squares[0], subset.indices, is_other)
    hidden = _nearest(squares[1], subset.indices, is_other) if has_hidden else None
    return NearestImages(
        step,
        frozen(picture),
        Neighbors(pixels.indices, frozen(pixels.distances / 255)),
        hidden,
        network.sizes[-2],
        int(is_other.sum()),
        perf_counter() - start,
    )


def _squares(differences: Floats) -> Floats:
    """The sum of squares of each column."""
    sums: Floats = np.einsum("um,um->m", differences, differences)
    return sums


def _nearest(squares: Floats, indices: Indices, is_other: np.ndarray) -> Neighbors:
    """The images with the least squares; those that are not finite come last."""
    squares = np.where(is_other, np.nan_to_num(squares, nan=np.inf, posinf=np.inf), np.inf)
    count = min(COUNT, int(is_other.sum()))
    best = np.argsort(squares, kind="stable")[:count]
    return Neighbors(frozen(indices[best]), frozen(np.sqrt(squares[best])))
