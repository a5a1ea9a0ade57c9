"""Signs in an evaluation that training goes wrong, although all numbers are finite."""

import math

import numpy as np

from core.data.batches import BatchLoader
from core.data.dataset import Subset
from core.events import Evaluation
from core.metrics import far_above_guessing
from core.nn.blas_threads import one_blas_thread
from core.nn.network import Network

_CHANCE = 1.1  # times the share of the most frequent class
_IMAGES = 500


@one_blas_thread()
def symptoms(
    evaluation: Evaluation, network: Network, activation: str, subset: Subset
) -> list[str]:
    """Returns warnings for the user, the most serious first; of related ones, only the first. They
    contain no measured values, so that the same symptom gives the same sentence later, and no
    advice, because only the coach knows the cause. Costs next to nothing, unless the network
    predicts one class for all images.
    """
    found: list[str] = []
    classes = evaluation.probabilities.shape[1]
    counts = np.bincount(evaluation.labels, minlength=classes)
    chance = counts.max() / counts.sum()
    if chance < 1:
        predicted = evaluation.probabilities.argmax(axis=1)
        if (predicted == predicted[0]).all():
            from core.inspection.layer_stats import CAN_DIE  # seldom needed

            dead = activation in CAN_DIE and _dead_layer(network, subset)
            if dead:
                found.append(
                    f"all units of hidden layer {dead} are 0 for every image and no longer learn"
                )
            else:
                found.append("the network predicts only one class")
        elif evaluation.accuracy <= _CHANCE * chance:
            found.append("the accuracy is no better than guessing")
        elif 2 * len(np.unique(predicted)) <= np.count_nonzero(counts):
            found.append("half of the classes or more are never predicted")
    if evaluation.loss > far_above_guessing(classes):
        found.append(
            f"the loss is far above that of guessing, ln {classes} = {math.log(classes):.2f}"
        )
    return found


def _dead_layer(network: Network, subset: Subset) -> int:
    """Returns the number of the first hidden layer whose outputs are all 0, from 1; 0 if none."""
    indices = subset.indices[:_IMAGES]
    silent: list[bool] = []
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        network.forward(
            BatchLoader(subset, len(indices))(indices),
            observe=lambda A: silent.append(not A.any()),
        )
    hidden = len(network.sizes) - 2
    stages = (len(silent) - 1) // max(hidden, 1)  # of a hidden layer, its activation last
    layers = silent[stages - 1 : -1 : stages] if stages else []
    return layers.index(True) + 1 if True in layers else 0
