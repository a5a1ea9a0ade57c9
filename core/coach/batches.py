"""Rules about the batches and the labels."""

import numpy as np

from core.coach.facts import Facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.data.sampling import is_unbalanced
from core.text import counted

_SMALL = 8  # images for the statistics of batch normalization
_LARGE = 512
_FEW_STEPS = 300  # of a whole run


def normalized_small_batch(f: Facts) -> Finding | None:
    """Batch normalization over a few images."""
    size = f.config.batch_size
    if not f.config.batch_norm or size >= _SMALL:
        return None
    evaluation = f.snapshot.evaluation
    reached = ""
    if evaluation is not None and evaluation.step > f.since:
        reached = f" The {evaluation.subset} accuracy is {evaluation.accuracy:.1%}."
    return Finding(
        "small normalized batch",
        Seriousness.WARNING,
        "the batch is too small for batch norm",
        f"Mean and variance of each unit come from {counted(size, 'image')}; 32 or more is usual."
        f"{reached}",
        "The statistics of a few images vary by chance, so training adds noise to every unit. "
        "The evaluation uses running averages instead, which match no single batch.",
        Proposal("batch_size", 64),
    )


def batch_too_large(f: Facts) -> Finding | None:
    """A run of so few steps that the network cannot get far."""
    planned = f.epoch_steps * f.config.epochs
    few = f.config.batch_size > _LARGE and planned < _FEW_STEPS
    if not few or not f.loss > 0.25 * f.guessing:
        return None
    return Finding(
        "batch too large",
        Seriousness.WARNING,
        "the batch is too large",
        f"With batches of {f.config.batch_size:,} images, an epoch has "
        f"{counted(f.epoch_steps, 'step')} and the whole run {planned:,}. {f.loss_words}.",
        "Each batch makes one step, whatever its size, and beyond a few hundred images the "
        "gradient hardly gets better. Smaller batches make more steps per epoch.",
        Proposal("batch_size", 128),
    )


def last_batch_of_one(f: Facts) -> Finding | None:
    """The last batch of each epoch is a single image."""
    size = f.config.batch_size
    if f.config.batch_norm or size < 2 or f.epoch_size % size != 1:
        return None
    return Finding(
        "last batch of one",
        Seriousness.NOTE,
        "the last batch has one image",
        f"{f.epoch_size:,} training images in batches of {size:,} leave one for the last batch of "
        "each epoch.",
        "That image moves the weights as far as a whole batch does, in a mostly random "
        "direction. A different batch size avoids this.",
        Proposal("batch_size", _without_rest(f.epoch_size, size)),
    )


def imbalanced_labels(f: Facts) -> Finding | None:
    """Some classes have many more images than others."""
    evaluation, run = f.snapshot.evaluation, f.snapshot.run
    if evaluation is None or run is None:
        return None
    counts = np.bincount(evaluation.labels, minlength=f.classes)
    present = np.flatnonzero(counts)
    most, least = int(counts.argmax()), int(present[counts[present].argmin()])
    if len(evaluation.labels) < 10 * f.classes or not is_unbalanced(evaluation.labels):
        return None
    names, total = run.dataset.class_names, counts.sum()
    return Finding(
        "imbalanced labels",
        Seriousness.NOTE,
        "some classes are much rarer",
        f"{names[most]} has {counts[most] / total:.0%} of the {run.evaluation_set} images, "
        f"{names[least]} {counts[least] / total:.1%}.",
        "Rare classes add little to the loss, so the network may neglect them and still be "
        "accurate on the whole. The confusion matrix, as percent of the row, shows each class.",
    )


def _without_rest(images: int, size: int) -> int:
    """The nearest larger batch size that does not leave a single image."""
    return next(n for n in range(size + 1, images + 2) if images % n != 1)
