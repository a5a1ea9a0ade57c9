"""The probabilities of all classes at an evaluation of a kept run, whose file keeps only that of
the true class: recomputed with the network of that step."""

from pathlib import Path

import numpy as np

from core.data.dataset import Dataset
from core.errors import RunError
from core.runs.comparison import PredictionComparison
from core.runs.run import Run
from core.types import Floats, ShouldContinue, always

_AGREEMENT = 0.99  # other last bits change a few predictions; another network changes more


def probabilities(
    path: Path,
    found: PredictionComparison,
    place: int,
    dataset: Dataset,
    should_continue: ShouldContinue = always,
) -> Floats | None:
    """Returns what run 0 or 1 of a comparison, at `path`, predicts for its n images: (n, K).

    dataset: that of the run. should_continue: called with the fraction done, 0..1, before each
    recomputed step; if it returns False, this function returns None.

    Raises RunError if the file cannot be read, or if its network does not predict what it kept.
    """
    # A copy, because another program may write to the file and drop a checkpoint meanwhile.
    with Run(path, in_memory=True) as run:
        network = run.network_at(found.steps[place], dataset, should_continue)
    if network is None:
        return None
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        result = network.probabilities(dataset.images(found.subset)[found.indices])
    same = result.argmax(axis=1) == found.predicted[place]
    if same.mean() < _AGREEMENT:
        raise RunError(f"{path.stem} no longer has the network of step {found.steps[place]:,}")
    return result
