"""The random seeds of a run, and the split of its data that the first of them draws."""

import numpy as np

from core.config.config import Config
from core.data.dataset import Dataset, Subset


def seeds(config: Config) -> list[np.random.SeedSequence]:
    """Returns the seeds of the split, the initial weights, the order of the images, dropout and
    augmentation.

    One for each purpose, so that a setting of one does not affect the others.
    """
    return np.random.SeedSequence(config.seed).spawn(5)


def split(config: Config, dataset: Dataset) -> tuple[Subset, Subset]:
    """Returns the training set and the evaluation set of a run of `config` on `dataset`.

    Raises ConfigError if one of them would be empty.
    """
    rng = np.random.default_rng(seeds(config)[0])
    return dataset.split(dataset.validation_size(config.validation), rng)
