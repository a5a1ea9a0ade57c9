"""The smallest change of a picture, along the sign of the gradient, that flips the prediction."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.inspection.input_gradient import column, input_gradient, softmax
from core.nn.blas_threads import one_blas_thread
from core.nn.network import Network
from core.types import Bytes, Floats, Indices, frozen

LIMIT = 64
"""The largest change of a pixel, in gray levels of 255: larger ones are easy to see."""


@dataclass(frozen=True, slots=True, eq=False)
class AdversarialExample:
    """A picture, and the same picture changed until the network predicts another class.

    step: how many steps the network was trained for. picture, changed: (height, width) uint8.
    direction: (height, width) int8, -1, 0 or 1: how the pixels are changed.
    size: by how many of 255 gray levels a pixel is changed, at most; None if no size up to LIMIT
    flips the prediction. Then `changed` is the picture at LIMIT.
    before, after: (K,) probabilities for picture and changed; NaN if the numbers of the network
    are not finite.
    sizes: (n,) the gray levels that were tried, 0 first. confidence: (n,) the probability of the
    first prediction at each of them. seconds: how long it took.
    """

    step: int
    picture: Bytes
    changed: Bytes
    direction: NDArray[np.int8]
    size: int | None
    before: Floats
    after: Floats
    sizes: Indices
    confidence: Floats
    seconds: float = 0.0

    @property
    def change(self) -> NDArray[np.int16]:
        """What is added to each pixel, in gray levels: (height, width). Pixels stay 0 to 255."""
        difference: NDArray[np.int16] = self.changed.astype(np.int16) - self.picture
        return difference

    @property
    def predicted(self) -> tuple[int, int] | None:
        """The classes before and after; None if the probabilities are not numbers."""
        if not (np.isfinite(self.before).all() and np.isfinite(self.after).all()):
            return None
        return int(self.before.argmax()), int(self.after.argmax())


@one_blas_thread()
def adversarial_example(network: Network, picture: Bytes, step: int = 0) -> AdversarialExample:
    """Finds the smallest change of a picture (height, width) uint8 that flips the prediction.

    Does not change the network.

    x' = clip(x + ε sign(dL/dx), 0, 255), where L is the loss if the predicted class y were the
    true one, for ε = 1, 2, ... LIMIT gray levels; the first that flips the prediction.

    dL/dz = p - e_y = (1 - p_y)(q - e_y) for the logits z, with the softmax q of the other
    classes' logits. Only its sign matters, so q - e_y is taken: p - e_y is 0 in float32 if the
    network is very sure. Source: Goodfellow, Shlens and Szegedy 2015, arXiv:1412.6572.
    """
    start = perf_counter()
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        x = column(network, picture)
        logits = network.forward(x).copy()
        predicted = int(logits[:, 0].argmax())
        others = logits.copy()
        others[predicted] = -np.inf
        dlogits = softmax(others)
        dlogits[predicted] = -1
        sign = np.sign(np.nan_to_num(input_gradient(network, dlogits)))
        sizes = np.arange(LIMIT + 1)
        candidates = np.clip(x + sizes.astype(x.dtype) * sign, 0, 255)
        probabilities = softmax(network.forward(candidates)).T
    flips = np.flatnonzero(probabilities.argmax(axis=1) != predicted)
    size = int(flips[0]) if len(flips) else None
    at = LIMIT if size is None else size
    return AdversarialExample(
        step,
        frozen(picture),
        frozen(candidates[:, at].reshape(picture.shape).astype(np.uint8)),
        frozen(sign.reshape(picture.shape).astype(np.int8)),
        size,
        frozen(probabilities[0]),
        frozen(probabilities[at]),
        frozen(sizes),
        frozen(probabilities[:, predicted]),
        perf_counter() - start,
    )
