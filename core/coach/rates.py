"""Rules about the learning rate, and about batches that are too small or too large for it."""

import math

import numpy as np

from core.coach.facts import RECENT, Facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.usual import (
    UNUSUAL,
    is_slow,
    lower_rate,
    restart_with_lower_rate,
    usual_rate,
    was_lowered,
)
from core.text import rate_text

_USUAL_RATIO = "each step usually changes the weights by about 0.1%"
_LOW_RATIO, _HIGH_RATIO, _EXTREME_RATIO = -3.5, -2.3, -1.2  # powers of ten
_JUMPS = 2.2  # times the differences that the choice of images explains
_FAR_ABOVE = 2.0  # times the loss of guessing
_ABSURD = 1000.0  # times the loss of guessing, also after few steps
_HIGH_LOSS = 0.35  # times that of guessing; most networks fall below it within some hundred steps
_FAR_TOO_LOW = 30  # times less than the usual rate
_SMALL_BATCH, _LARGE_BATCH = 16, 512
_FEW_STEPS = 300  # of a whole run
_CLIPS_FAR = 0.1  # the norm of the gradient; it is about 1 at first
_SCALED = ("sgd", "momentum", "nesterov")  # optimizers whose step size follows that of the gradient


def diverged(f: Facts) -> Finding | None:
    """The loss is not finite, or far above that of guessing."""
    enough = len(f.losses) >= RECENT or f.loss > _ABSURD * f.guessing
    far = enough and f.loss > _FAR_ABOVE * f.guessing
    if not f.diverged and not far:
        return None
    evidence = (
        f"The learning rate is set to {rate_text(f.config.learning_rate)}, and the loss or its "
        "gradient is no longer finite."
        if f.diverged
        else f"Over the last {len(f.losses[-RECENT:])} batches the loss is {f.loss:.3g} on "
        f"average, far above that of guessing, ln {f.classes} = {f.guessing:.2f}."
    )
    return Finding(
        "diverged",
        Seriousness.ERROR,
        "the steps are far too large" if f.diverged else "the loss is far above guessing",
        evidence,
        "Each step goes so far that the loss after it is higher than before, and the next "
        "gradient is even larger. Go back to a step before that, or restart, with smaller steps.",
        Proposal("learning_rate", lower_rate(f.config, 10), restart=True)
        if f.diverged
        else restart_with_lower_rate(f, 10),
    )


def rate_too_high(f: Facts) -> Finding | None:
    """The steps are so large that the loss jumps, rises again or stays high."""
    stays = _stays_high(f)
    evidence = stays or _jumps(f) or _rises(f)
    if evidence is None:
        return None
    small = f.config.batch_size <= _SMALL_BATCH
    reason = (
        "With few images, each gradient points in a rather random direction, and a step this "
        "large overshoots. Larger batches average the noise out."
        if small
        else "A step that is too long overshoots: it passes the lower losses along its direction. "
        + (
            "The weights have already grown, so restart with a lower learning rate."
            if stays
            else "Shorter steps reach lower losses."
        )
    )
    return Finding(
        "batch too small" if small else "rate too high",
        Seriousness.WARNING,
        "the batch is too small for the rate" if small else "the learning rate is too high",
        evidence,
        reason,
        Proposal("batch_size", 64, restart=stays is not None)
        if small
        else Proposal("learning_rate", lower_rate(f.config), restart=stays is not None),
    )


def lowered_too_late(f: Facts) -> Finding | None:
    """The rate was far too high until it was lowered, and the loss has not recovered yet."""
    if f.diverged or not was_lowered(f) or f.latest_loss <= _HIGH_LOSS * f.guessing:
        return None
    assert f.lowered_from is not None  # or was_lowered would be False
    now = "" if math.isnan(f.loss) else f" The loss is {f.loss:.2f} now."
    return Finding(
        "lowered too late",
        Seriousness.WARNING,
        "the rate was too high",
        f"The learning rate was {rate_text(f.lowered_from)} before it was lowered to "
        f"{rate_text(f.config.learning_rate)}.{now}",
        "The large steps have made weights large or units dead, which small steps repair slowly or "
        "not at all. A restart with the lower rate gets to a low loss sooner.",
        restart_with_lower_rate(f),
    )


def rate_too_low(f: Facts) -> Finding | None:
    """The loss is still high or falls steadily, and the weights hardly change."""
    clipped = f.config.optimizer in _SCALED and 0 < f.config.clip_norm <= _CLIPS_FAR
    low = clipped or is_slow(f.config)
    if f.steps_since < 100 or not low or not len(f.ratios):
        return None
    if f.setting_ratios.max() > _LOW_RATIO:
        return None
    epochs = f.epoch_losses[-2:]
    falls = len(epochs) == 2 and epochs[1] < 0.97 * epochs[0] and f.loss > 0.25 * f.guessing
    # At the end of a schedule, the loss of such a run no longer falls, because the rate does.
    far = f.config.learning_rate < usual_rate(f.config) / _FAR_TOO_LOW
    if not (f.loss > 0.5 * f.guessing or falls or (far and f.loss > 0.25 * f.guessing)):
        return None
    first = float(f.losses[:RECENT].mean())
    later = "" if f.schedule_factor > 0.9 else f" (now {rate_text(f.rate)} by the schedule)"
    if clipped:
        later += f", and with gradients scaled down to the norm {f.config.clip_norm:g}"
    return Finding(
        "rate too low",
        Seriousness.WARNING,
        "clipping makes the steps too small" if clipped else "the learning rate is too low",
        f"Over {len(f.losses):,} batches, the loss went only from {first:.2f} to {f.loss:.2f}. At "
        f"{rate_text(f.config.learning_rate)}{later}, a step changes the weights of a layer by at "
        f"most {_percent(float(f.ratios.max()))}; {_USUAL_RATIO}.",
        "The direction of the steps is right, but each of them is tiny. With larger steps, the "
        "network gets there in fewer batches.",
        Proposal("clip_norm", 1.0) if clipped else Proposal("learning_rate", usual_rate(f.config)),
    )


def batch_too_large(f: Facts) -> Finding | None:
    """A run of so few steps that the network cannot get far."""
    planned = f.epoch_steps * f.config.epochs
    few = f.config.batch_size > _LARGE_BATCH and planned < _FEW_STEPS
    if not few or not f.loss > 0.25 * f.guessing:
        return None
    return Finding(
        "batch too large",
        Seriousness.WARNING,
        "the batch is too large",
        f"With batches of {f.config.batch_size:,} images, an epoch has {f.epoch_steps:,} steps and "
        f"the whole run {planned:,}. The loss is {f.loss:.2f}.",
        "A batch gives one step, however many images it has, and beyond some hundred images the "
        "gradient hardly gets better. Smaller batches make more steps of the same images.",
        Proposal("batch_size", 128),
    )


def _jumps(f: Facts) -> str | None:
    """The loss changes more from batch to batch than the choice of the images explains.

    The losses of single images have a standard deviation s of about 1 while a network learns, so
    the mean of m has s / √m, and the difference of two has √2 times that. Its median is 0.67 times
    as much; of the median, because the last batch of an epoch may have few images.
    """
    recent = f.losses[-RECENT:]
    if f.steps_since < 2 * RECENT or len(recent) < RECENT or f.epoch_steps < 5:
        return None
    expected = 0.67 * math.sqrt(2 / f.config.batch_size)
    changes = np.diff(recent)
    difference = float(np.median(np.abs(changes - np.median(changes))))  # without the trend
    if difference < _JUMPS * expected:
        return None
    return (
        f"From one batch to the next, the loss jumps by {difference:.2f} (median); the choice of "
        f"{f.config.batch_size} images explains about {expected:.2f}."
    )


def _rises(f: Facts) -> str | None:
    """The loss has risen by half since it was lowest, and is high."""
    blocks = len(f.losses) // RECENT
    if blocks < 3:
        return None
    means = f.losses[len(f.losses) - blocks * RECENT :].reshape(blocks, RECENT).mean(axis=1)
    lowest = float(means[:-1].min())
    if means[-2:].min() < 1.5 * lowest or f.loss < 0.25 * f.guessing:
        return None
    return f"The loss of {RECENT} batches was {lowest:.2f} on average and is {f.loss:.2f} now."


def _stays_high(f: Facts) -> str | None:
    """Large steps, and a loss that should be lower by now; or steps that will be far too large."""
    if not len(f.ratios):
        return None
    ratio, planned = float(np.median(f.ratios)), float(np.median(f.setting_ratios))
    enough = f.steps_since >= (200 if f.config.batch_size > _SMALL_BATCH else 400)
    # At a usual rate, it is the data that are difficult, or a large penalty.
    unusual = f.config.learning_rate > UNUSUAL * usual_rate(f.config)
    largest = float(f.ratios.max())  # layers whose weights have grown change little
    high = enough and unusual and f.loss > _HIGH_LOSS * f.guessing and largest > _HIGH_RATIO
    ahead = f.highest_rate_ahead
    rises = ahead > 1.5 * f.rate
    coming = (
        f.steps_since >= 100 and planned > _EXTREME_RATIO and (rises or f.schedule_factor > 0.5)
    )
    if not high and not coming:
        return None
    change = _percent(ratio) if coming else f"up to {_percent(largest)}"
    text = f"A step changes the weights of a layer by {change}; {_USUAL_RATIO}. "
    if rises:
        text += f"The rate is {rate_text(f.rate)}, and the schedule will raise it to "
        text += f"{rate_text(ahead)}. "
    return text + f"The loss is {f.loss:.2f} after {f.steps:,} steps."


def _percent(ratio: float) -> str:
    """A power of ten as percent."""
    return f"{100 * 10**ratio:.2g}%"
