"""What a config must not ask of the images at hand, and of the memory."""

from itertools import pairwise

from core.config.config import SETTINGS, Config
from core.data.dataset import Subset
from core.errors import ConfigError

_MAX_PARAMETERS = 50_000_000  # with gradient and two moments, 800 MB


def check_batch_size(config: Config, training_set: Subset) -> None:
    """ConfigError if a batch would be larger than the part to train on."""
    if config.batch_size > len(training_set):
        raise ConfigError(
            "batch_size",
            f"batch size must be at most {len(training_set):,}, the number of training "
            f"images, got {config.batch_size:,}",
        )


def check_memory(config: Config, pixels: int, classes: int) -> None:
    """ConfigError if the network would have too many parameters."""
    sizes = (pixels, *config.hidden, classes)
    parameters = sum((i + 1) * o for i, o in pairwise(sizes))
    parameters += 2 * sum(config.hidden) * config.batch_norm
    if parameters > _MAX_PARAMETERS:
        raise ConfigError(
            "hidden",
            f"hidden must make at most {_MAX_PARAMETERS:,} parameters, "
            f"got {SETTINGS['hidden'].write(config.hidden)}, which makes {parameters:,}",
        )
