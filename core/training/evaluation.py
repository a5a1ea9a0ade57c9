"""How a network does on a part of the images: its loss, its accuracy and all that it says."""

from collections.abc import Callable

import numpy as np

from core.data.dataset import Gather, Part
from core.events import Evaluation
from core.nn.losses import CrossEntropy
from core.nn.network import Network

_BATCH = 500


def evaluate_while(
    network: Network, part: Part, step: int, go_on: Callable[[float], bool]
) -> Evaluation | None:
    """Evaluates the network of that step; before each batch asks `go_on`, with the share that is
    done, and ends with None when told not to."""
    gather = Gather(part, min(_BATCH, len(part)))
    labels = part.labels[part.indices]
    classes, dtype = network.sizes[-1], network.parameters.dtype
    cross_entropy = CrossEntropy(classes, dtype)
    losses = np.empty(len(part), np.float32)
    probabilities = np.empty((len(part), classes), np.float32)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for start in range(0, len(part), _BATCH):
            if not go_on(start / len(part)):
                return None
            rows = slice(start, start + _BATCH)
            logits = network.forward(gather(part.indices[rows]))
            losses[rows] = cross_entropy.forward(logits, labels[rows])
            probabilities[rows] = cross_entropy.probabilities.T
    accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
    for array in (labels, probabilities):
        array.flags.writeable = False
    loss = float(losses.mean(dtype=np.float64))
    return Evaluation(step, part.name, loss, accuracy, part.indices, labels, probabilities)
