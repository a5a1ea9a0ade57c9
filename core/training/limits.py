"""Limits of a config that depend on the data and on memory."""

from itertools import pairwise

from core.config.config import SETTINGS, Config
from core.data.dataset import Subset
from core.errors import ConfigError

_MAX_PARAMETERS = 50_000_000  # 800 MB with their gradient and two moments


def check_batch_size(config: Config, training_set: Subset) -> None:
    """Raises ConfigError if a batch is larger than the training set."""
    if config.batch_size > len(training_set):
        raise ConfigError(
            "batch_size",
            f"batch size must be at most {len(training_set):,}, the number of training "
            f"images, got {config.batch_size:,}",
        )


def check_memory(config: Config, pixels: int, classes: int) -> None:
    """Raises ConfigError if the network has too many parameters."""
    sizes = (pixels, *config.hidden, classes)
    parameters = sum((i + 1) * o for i, o in pairwise(sizes))
    parameters += 2 * sum(config.hidden) * config.batch_norm
    if parameters > _MAX_PARAMETERS:
        raise ConfigError(
            "hidden",
            f"a network can have at most {_MAX_PARAMETERS:,} parameters, but hidden "
            f"{SETTINGS['hidden'].write(config.hidden)} needs {parameters:,}",
        )
