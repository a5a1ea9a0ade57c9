"""Limits of a config that depend on the data and on the memory of the machine."""

from itertools import pairwise

import numpy as np

from core.config.config import SETTINGS, Config
from core.data.dataset import Dataset
from core.errors import ConfigError
from core.nn import optimizers
from core.text import counted
from core.training.machine import usable_memory

_MAX_PARAMETERS = 50_000_000  # with more, an epoch takes hours
_USABLE = 0.75  # of the machine's memory
_FLOAT = 4  # bytes
_DRAWN = {"orthogonal": 48}  # bytes for each weight of a layer while it is drawn; others: 16
_ACTIVATION_ARRAYS = {"relu": 3.25, "gelu": 4}  # of a batch; others: 2


def batch_size(config: Config, images: int) -> int:
    """Returns how many images a batch has at most. images: of the training set."""
    return min(config.batch_size, images)


def deviations(
    config: Config, data: Dataset, images: int, evaluation_images: int
) -> tuple[str, ...]:
    """Returns a sentence for each setting that does not fit the data, with what is in force.

    images: of the training set; evaluation_images: of the evaluation set; both without those that
    are left out.
    """
    sentences, validation_images = [], data.validation_size(config.validation)
    if validation_images != config.validation:
        fewer = validation_images - evaluation_images
        sentences.append(
            f"Validation uses {counted(evaluation_images, 'image')} (a tenth of the "
            f"{len(data.train_labels):,} training images"
            f"{f', minus {fewer:,} left out' if fewer else ''}) because {config.validation:,} is "
            "more than a third."
        )
    if config.batch_size > images:
        sentences.append(
            f"The batch size is {images:,}, the number of training images, because "
            f"{config.batch_size:,} is more."
        )
    return tuple(sentences)


def check_memory(
    config: Config,
    pixels: int,
    classes: int,
    images: int,
    timeline: bool = False,
    traced: bool = False,
) -> None:
    """Raises ConfigError if the run has too many parameters, or takes more memory than there is.

    pixels: of an image; images: of the training set; timeline: whether the run has a timeline, and
    its steps may be traced; traced: whether they may be without a timeline.
    """
    sizes = (pixels, *config.hidden, classes)
    parameters = sum((i + 1) * o for i, o in pairwise(sizes))
    parameters += 2 * sum(config.hidden) * config.batch_norm
    hidden = SETTINGS["hidden"].write(config.hidden)
    if parameters > _MAX_PARAMETERS:
        raise ConfigError(
            "hidden",
            f"hidden: enter smaller or fewer layers; {hidden} needs {parameters:,} parameters, and "
            f"a network can have at most {_MAX_PARAMETERS:,}",
        )
    needs = memory(config, sizes, parameters, images, timeline, traced)
    usable = _USABLE * usable_memory()
    if sum(needs.values()) > usable:
        largest = max(needs, key=needs.__getitem__)
        remedy = {
            "hidden": f"smaller hidden layers than {hidden}",
            "batch_size": f"a batch size below {config.batch_size:,}",
            "timeline_memory": f"a timeline memory below {config.timeline_memory:,}",
        }
        raise ConfigError(
            largest,
            f"this run takes up to {sum(needs.values()) / 1e9:,.1f} GB of memory, but only "
            f"{usable / 1e9:,.1f} GB of this machine's memory can be used; choose "
            f"{remedy[largest]}",
        )


def memory(
    config: Config,
    sizes: tuple[int, ...],
    parameters: int,
    images: int,
    timeline: bool,
    traced: bool = False,
) -> dict[str, float]:
    """Returns how many bytes a run takes at most besides its data, by the setting that decides.

    sizes: the units of each layer, from the pixels of an image to the classes; parameters: their
    number; images, timeline, traced: as for `check_memory`.
    """
    vector = _FLOAT * parameters
    optimizer = optimizers.create(config.optimizer, np.zeros(1, np.float32), 0, 0)
    moments = len(optimizer.moments)
    arrays = sum(isinstance(value, np.ndarray) for value in vars(optimizer).values())
    best = bool(config.patience)  # weights are kept
    batch = batch_size(config, images)
    loaded, computed = (batch * size for size in _bytes_per_image(config, sizes))
    running = (2 + arrays + best) * vector
    checkpoint = (1 + moments + best) * vector
    largest_layer = max(i * o for i, o in pairwise(sizes))
    starting = vector + _DRAWN.get(config.initialization, 16) * largest_layer
    if not (timeline or traced):  # a checkpoint is made at the end of an epoch
        return {"hidden": max(running + checkpoint, starting), "batch_size": loaded + computed}
    # A trace keeps a checkpoint, the moments and parameters after the step, and its gradient, also
    # after L2 and clipping. The screen keeps one until it receives the next one.
    trace = checkpoint + (2 + moments + bool(config.l2) + bool(config.clip_norm)) * vector
    tracing = (1 + timeline) * trace + arrays * vector
    activations = loaded + (2 + timeline) * computed + (1 + timeline) * batch * sizes[0]
    if not timeline:
        return {"hidden": max(running + checkpoint + tracing, starting), "batch_size": activations}
    return {
        "hidden": max(running + 2 * checkpoint + tracing, starting),
        "batch_size": activations,
        "timeline_memory": max(1e6 * config.timeline_memory - 2 * checkpoint, 0),
    }


def _bytes_per_image(config: Config, sizes: tuple[int, ...]) -> tuple[float, float]:
    """Returns the bytes of all arrays of a batch for each image: its pixels, and what follows."""
    pixels, *hidden, classes = sizes
    augmented = bool(config.flip or config.shift or config.erase)
    arrays = 3 + _ACTIVATION_ARRAYS.get(config.activation, 2)  # 3 of the linear layers
    arrays += 3 * config.batch_norm + 3 * bool(config.dropout)
    return pixels * (5 + 5 * augmented), _FLOAT * (arrays * sum(hidden) + 5 * classes)
