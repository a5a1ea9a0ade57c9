"""The picture to which a network gives a high logit of a class: gradient ascent from gray."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from core.inspection.input_gradient import column, input_gradient, softmax
from core.nn.blas_threads import one_blas_thread
from core.nn.network import Network
from core.types import Bytes, Floats, ShouldContinue, always, frozen

STEPS = 150
GRAY = 127.5
_RATE = 0.02  # of the range of a pixel, root mean square, in the first step
CONTRAST = 0.25
"""Root mean square of the difference to gray, of the range of a pixel: what a clear picture has."""


@dataclass(frozen=True, slots=True, eq=False)
class BestPicture:
    """The picture that gradient ascent found for a class.

    step: how many steps the network was trained for. label: the class.
    picture: (height, width) uint8. logits: (n,) the logit of the class at the start and after each
    step of the ascent. probabilities: (K,) of the picture; NaN if the numbers of the network are
    not finite. seconds: how long it took.
    """

    step: int
    label: int
    picture: Bytes
    logits: Floats
    probabilities: Floats
    seconds: float = 0.0


@one_blas_thread()
def best_picture(
    network: Network,
    label: int,
    shape: tuple[int, int],
    step: int = 0,
    should_continue: ShouldContinue = always,
) -> BestPicture | None:
    """Climbs from gray to a picture (height, width) with a high logit z of the class `label`.

    x maximizes z(x) over pixels x of 0..1 with √mean((x - ½)²) ≤ 0.25, in 150 steps of a decreasing
    size along the gradient. Does not change the network. Source: Simonyan, Vedaldi and Zisserman
    2014, arXiv:1312.6034. They also take the logit, because a probability could be raised by
    lowering the other logits. Their penalty λ‖x - ½‖² would need another λ for each network; the
    limit of the contrast is the same problem with λ chosen to fit.

    should_continue: called with the share that is done, 0..1, before each step. If it returns
        False, this function returns None.
    """
    start, dtype = perf_counter(), network.parameters.dtype
    pixels = np.full(shape, GRAY / 255, dtype).reshape(-1, 1)
    dlogits = np.zeros((network.sizes[-1], 1), dtype)
    dlogits[label] = 1
    path = []
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for number in range(STEPS):
            if not should_continue(number / STEPS):
                return None
            path.append(float(network.forward(255 * pixels)[label, 0]))
            gradient = input_gradient(network, dlogits)
            size = _root_mean_square(gradient)
            if not np.isfinite(size) or size == 0:
                break
            change = pixels - GRAY / 255 + _RATE * (1 - number / STEPS) / size * gradient
            change *= min(1, CONTRAST / _root_mean_square(change))
            pixels = np.clip(GRAY / 255 + change, 0, 1)
        picture = np.rint(255 * pixels).reshape(shape).astype(np.uint8)
        logits = network.forward(column(network, picture))
        path.append(float(logits[label, 0]))
        probabilities = softmax(logits)[:, 0]
    found = frozen(picture), np.array(path), frozen(probabilities)
    return BestPicture(step, label, *found, perf_counter() - start)


def _root_mean_square(array: Floats) -> float:
    return float(np.sqrt(np.mean(array**2)))
