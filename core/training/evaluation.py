"""Evaluation: a network's loss, accuracy and class probabilities on a subset of the images."""

import numpy as np

from core.data.batches import BatchLoader
from core.data.dataset import Subset
from core.events import Evaluation
from core.nn.blas_threads import one_blas_thread
from core.nn.losses import CrossEntropy
from core.nn.network import Network
from core.types import ShouldContinue

_BATCH = 500


@one_blas_thread()
def evaluate(
    network: Network, subset: Subset, step: int, should_continue: ShouldContinue
) -> Evaluation | None:
    """Evaluates the network, as it is after `step` steps, on a subset; does not change it.

    should_continue: called with the fraction done, 0..1, before each batch. If it returns False,
        this function returns None.
    """
    load_batch = BatchLoader(subset, min(_BATCH, len(subset)))
    labels = subset.labels[subset.indices]
    classes, dtype = network.sizes[-1], network.parameters.dtype
    cross_entropy = CrossEntropy(classes, dtype)
    losses = np.empty(len(subset), np.float32)
    probabilities = np.empty((len(subset), classes), np.float32)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for start in range(0, len(subset), _BATCH):
            if not should_continue(start / len(subset)):
                return None
            rows = slice(start, start + _BATCH)
            logits = network.forward(load_batch(subset.indices[rows]))
            losses[rows] = cross_entropy.forward(logits, labels[rows])
            probabilities[rows] = cross_entropy.probabilities.T
    accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
    for array in (labels, probabilities):
        array.flags.writeable = False
    loss = float(losses.mean(dtype=np.float64))
    return Evaluation(step, subset.name, loss, accuracy, subset.indices, labels, probabilities)
