"""Which pixels of a picture raise the logit of a class, and which lower it."""

from dataclasses import dataclass

import numpy as np

from core.inspection.input_gradient import column, input_gradient, softmax
from core.nn.blas_threads import one_blas_thread
from core.nn.network import Network
from core.types import Bytes, Floats, frozen


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """The effect of the pixels of a picture on two classes, such as the predicted and the true one.

    step: how many steps the network was trained for. picture: (height, width) uint8.
    classes: the two. effects: (2, height, width), in units of the logit: above 0 where a pixel
    raises the logit of the class, below 0 where it lowers it. logits, probabilities: (2,) of the
    classes.
    """

    step: int
    picture: Bytes
    classes: tuple[int, int]
    effects: Floats
    logits: Floats
    probabilities: Floats


@one_blas_thread()
def reasons(network: Network, picture: Bytes, classes: tuple[int, int], step: int = 0) -> Reasons:
    """Returns gradient times input for the logits of two classes. Does not change the network.

    effect = x ⊙ dz/dx, for pixels x of 0..1 and the logit z of a class. Black pixels have no
    effect. With ReLU or without hidden layers, z is linear around x, and the effects add up to the
    logit without the part of the biases. Source: Shrikumar et al. 2016, arXiv:1605.01713.
    """
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        x = column(network, picture)
        logits = network.forward(np.repeat(x, 2, axis=1)).copy()
        dlogits = np.zeros_like(logits)
        dlogits[classes, (0, 1)] = 1
        effects = (x / 255 * input_gradient(network, dlogits)).T
        probabilities = softmax(logits)[:, 0]
    chosen = list(classes)
    return Reasons(
        step,
        frozen(picture),
        classes,
        frozen(effects.reshape(2, *picture.shape)),
        frozen(logits[chosen, 0]),
        frozen(probabilities[chosen]),
    )
