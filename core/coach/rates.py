"""Rules about the learning rate, and about batches and momentum that do not suit it."""

import math

import numpy as np

from core.coach.facts import RECENT, Facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.usual import (
    SMALL_BATCH,
    UNUSUAL,
    has_long_momentum,
    is_slow,
    long_momentum,
    lower_rate,
    restart_with_lower_rate,
    shorter_momentum,
    unusual_rate,
    usual_rate,
    was_lowered,
)
from core.metrics import far_above_guessing
from core.text import counted, rate_text

_USUAL_RATIO = "each step usually changes the weights by about 0.1%"
_USUAL = -3.0  # a power of ten, that of 0.1%
_LOW_RATIO, _HIGH_RATIO, _EXTREME_RATIO = -3.5, -2.3, -1.2  # powers of ten
_JUMPS = 2.2  # times the differences that the choice of images explains
_ABSURD = 100.0  # times the loss of guessing, also after few steps
_NOISY = 0.5  # dropout, from which the loss jumps at any rate
_HIGH_LOSS = 0.35  # times that of guessing; most networks fall below it within a few hundred steps
_RUINED = 0.9  # times that of guessing
_NOTICEABLE = 0.02  # how much of the loss has to fall, so that it does not seem to be chance
_FAR_TOO_LOW = 30  # times less than the usual rate
_FAR_TOO_HIGH = 15  # times the usual rate, at which larger batches do not help
_MOST_BLOCKS = 12  # of recent batches, over which the loss of tiny batches is averaged
_CLIPS_FAR = 0.1  # the norm of the gradient; it is about 1 at first
_SCALED = ("sgd", "momentum", "nesterov")  # optimizers whose step size follows that of the gradient


def diverged(f: Facts) -> Finding | None:
    """The loss is not finite, or far above that of guessing."""
    far = _far_above_guessing(f)
    if not f.diverged and far is None:
        return None
    evidence = (
        f"The learning rate is set to {rate_text(f.config.learning_rate)}, and the loss or its "
        "gradient is no longer finite."
        if f.diverged
        else f"{far}, far above that of guessing, ln {f.classes} = {f.guessing:.2f}."
    )
    return Finding(
        "diverged",
        Seriousness.ERROR,
        "the steps are far too large" if f.diverged else "the loss is far above guessing",
        evidence,
        "Each step goes so far that the loss after it is higher than before, and the next "
        "gradient is even larger. Go back to an earlier step or restart, with a lower rate.",
        Proposal("learning_rate", lower_rate(f.config, 10), restart=True)
        if f.diverged and not has_long_momentum(f.config)
        else restart_with_lower_rate(f, 10),
    )


def _far_above_guessing(f: Facts) -> str | None:
    """What is far above guessing: the mean loss of the last batches, or the evaluation loss.

    The evaluation counts only together with the last batch: alone, it may be high because the
    network overfits, or because of batch normalization.
    """
    least, evaluation = far_above_guessing(f.classes), f.snapshot.evaluation
    if evaluation is not None and not evaluation.step > f.since:
        evaluation = None
    evaluated = evaluation.loss if evaluation else math.nan
    if len(f.losses) < RECENT:
        # A finding after few steps holds while the mean falls, unless the network is better.
        means = np.cumsum(f.losses) / np.arange(1, len(f.losses) + 1)
        highest = f.loss if evaluated <= least else means.max(initial=0)
        if not highest > _ABSURD * f.guessing:
            return None
    if f.loss > least:
        batches = counted(min(len(f.losses), RECENT), "batch")
        return f"The mean training loss of the last {batches} is {f.loss:.3g} nats"
    if evaluation and min(evaluated, f.losses[-1]) > least:
        return f"The {evaluation.subset} loss is {evaluated:.3g} nats"
    return None


def rate_too_high(f: Facts) -> Finding | None:
    """The steps are so large that the loss jumps, rises again or stays high."""
    stays = _stays_high(f)
    evidence = stays or _jumps(f) or _rises(f)
    if evidence is None:
        return None
    ruined = stays is not None and f.loss > _RUINED * f.guessing
    if has_long_momentum(f.config):
        return Finding(
            "momentum too high",
            Seriousness.ERROR if ruined else Seriousness.WARNING,
            "the momentum is too high",
            f"{evidence} {long_momentum(f.config)}",
            "Updates overshoot the minimum because past gradients dominate. Lower momentum reduces "
            "this.",
            shorter_momentum(restart=stays is not None),
        )
    small = (
        f.config.batch_size <= SMALL_BATCH
        and f.config.learning_rate < _FAR_TOO_HIGH * usual_rate(f.config)
    )
    if small:
        reason = (
            "With few images, each gradient is noisy, and a step this large overshoots. Larger "
            "batches average the noise out."
        )
    else:
        reason = "A step this large may fit its own batch, but it undoes the progress on others, "
        reason += "so the loss over all images jumps or stays high. "
        if ruined:
            reason += (
                "By now the outputs hardly depend on the image, which smaller steps do not repair: "
                "restart with a lower learning rate."
            )
        elif stays:
            reason += "The weights have already grown, so restart with a lower learning rate."
        else:
            reason += "Smaller steps reach lower losses."
        if f.config.batch_size <= SMALL_BATCH:
            reason += " Batches of so few images make each step even noisier."
    return Finding(
        "batch too small" if small else "rate too high",
        Seriousness.ERROR if ruined else Seriousness.WARNING,
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
    now = "" if math.isnan(f.loss) else f" {f.loss_words}."
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
    # At a rate that is far too low, a gradient that grows may take the steps above that.
    far = f.config.learning_rate < usual_rate(f.config) / _FAR_TOO_LOW
    if f.setting_ratios.max() > (_USUAL if far else _LOW_RATIO):
        return None
    epochs = f.epoch_losses[-2:]
    falls = len(epochs) == 2 and epochs[1] < 0.97 * epochs[0] and f.loss > 0.25 * f.guessing
    # At the end of a schedule, the loss of such a run no longer falls, because the rate does.
    if not (f.loss > 0.5 * f.guessing or falls or (far and f.loss > 0.25 * f.guessing)):
        return None
    first = float(f.losses[:RECENT].mean())
    later = "" if f.schedule_factor > 0.9 else f" (now {rate_text(f.rate)} by the schedule)"
    if clipped:
        later += f", and with gradients scaled down to the norm {f.config.clip_norm:g}"
    if f.loss > (1 - _NOTICEABLE) * first:
        change = f"hardly changed: it was {first:.2f} and is {f.loss:.2f} now"
        reason = "The steps are so small that the differences between batches hide any progress."
    else:
        change = f"went only from {first:.2f} to {f.loss:.2f}"
        reason = "The direction of the steps is right, but each of them is tiny."
    return Finding(
        "rate too low",
        Seriousness.WARNING,
        "clipping makes the steps too small" if clipped else "the learning rate is too low",
        f"Over {len(f.losses):,} batches, the training loss {change}. At "
        f"{rate_text(f.config.learning_rate)}{later}, a step changes the weights of a layer by at "
        f"most {_percent(float(f.ratios.max()))}; {_USUAL_RATIO}.",
        f"{reason} With larger steps, the network gets to a low loss in fewer batches.",
        Proposal("clip_norm", 1.0) if clipped else Proposal("learning_rate", usual_rate(f.config)),
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
    if f.config.hidden and f.config.dropout >= _NOISY:
        return None
    expected = 0.67 * math.sqrt(2 / f.config.batch_size)
    changes = np.diff(recent)
    difference = float(np.median(np.abs(changes - np.median(changes))))  # without the trend
    if difference < _JUMPS * expected:
        return None
    return (
        f"From one batch to the next, the training loss jumps by {difference:.2f} nats "
        f"(median); with {f.config.batch_size} images, about {expected:.2f} would be normal."
    )


def _rises(f: Facts) -> str | None:
    """The loss has risen by half since it was lowest, and is high."""
    # Of very small batches more, because the loss of a few images varies by chance.
    size = RECENT * min(max(SMALL_BATCH // f.config.batch_size, 1), _MOST_BLOCKS)
    blocks = len(f.losses) // size
    if blocks < 3:
        return None
    means = f.losses[len(f.losses) - blocks * size :].reshape(blocks, size).mean(axis=1)
    lowest, now = float(means[:-1].min()), float(means[-1])
    if means[-2:].min() < 1.5 * lowest or now < 0.25 * f.guessing:
        return None
    return f"The mean training loss of {size} batches rose from {lowest:.2f} to {now:.2f} nats."


def _stays_high(f: Facts) -> str | None:
    """Steps that will be far too large, or a loss that should be lower by now after large steps."""
    return _will_rise(f) or _is_high(f)


def _will_rise(f: Facts) -> str | None:
    """The steps are far too large, or will be when the schedule has raised the rate."""
    if not len(f.ratios) or f.steps_since < 100:
        return None
    # At a usual rate, a step is a large share of the weights only because they began small.
    if f.config.learning_rate <= UNUSUAL * usual_rate(f.config):
        return None
    ahead = f.highest_rate_ahead
    rises = ahead > 1.5 * f.rate
    far = float(np.median(f.setting_ratios)) > _EXTREME_RATIO
    if not far or not (rises or f.schedule_factor > 0.5):
        return None
    text = f"A step changes the weights of a layer by {_percent(float(np.median(f.ratios)))}; "
    text += f"{_USUAL_RATIO}. "
    if rises:
        text += f"The rate is {rate_text(f.rate)}, and the schedule will raise it to "
        text += f"{rate_text(ahead)}. "
    return f"{text}{f.loss_words}."


def _is_high(f: Facts) -> str | None:
    """The loss is high after large steps, also if the schedule has made them small since."""
    # At a usual rate, it is the data that are difficult, or a large penalty.
    if f.highest_rate <= UNUSUAL * usual_rate(f.config) or not f.loss > _HIGH_LOSS * f.guessing:
        return None
    ruined = f.loss > _RUINED * f.guessing
    enough = 150 if f.config.batch_size > SMALL_BATCH else 400
    enough = 60 if ruined else enough
    if f.steps_since < enough or not (ruined or f.highest_ratio > _HIGH_RATIO):
        return None
    largest = float(f.ratios.max()) if len(f.ratios) else -math.inf
    if largest > _HIGH_RATIO:  # layers whose weights have grown change little
        text = f"A step changes the weights of a layer by up to {_percent(largest)}; "
        text += f"{_USUAL_RATIO}. "
    else:
        text = f"{unusual_rate(f)} "
    return f"{text}{f.loss_words}; guessing gives {f.guessing:.2f}."


def _percent(ratio: float) -> str:
    """A power of ten as percent."""
    return f"{100 * 10**ratio:.2g}%"
