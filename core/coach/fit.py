"""Rules about how well the network fits: guessing, overfitting and plateaus."""

import numpy as np

from core.coach.batches import normalized_small_batch
from core.coach.facts import RECENT, Facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.underfitting import underfitting
from core.coach.usual import (
    SMALL_BATCH,
    UNUSUAL,
    has_long_momentum,
    is_slow,
    long_momentum,
    lower_rate,
    restart_with_lower_rate,
    shorter_momentum,
    usual_initialization,
    usual_rate,
)
from core.config.config import Config
from core.data.sampling import is_unbalanced

_ENOUGH_STEPS = 150
_FALLING = 0.98  # times the loss of as many batches before
_LEARNED = 0.7  # of the loss of guessing, in training
_RISEN = 1.08  # times the lowest evaluation loss
_RECOVERED = 1.05  # times it, of the mean of the last three
_FELL = 0.95  # times the training loss of the best epoch: it goes on learning these images
_APART = 100  # the fewest steps since the lowest loss
_PLATEAU = 0.96  # times the training loss some epochs before
_PLATEAU_STEPS = 300  # at least
_LEVEL, _UNUSUAL_LEVEL = 0.99, 0.98  # times the mean loss of as many epochs before
_MIRRORED = 0.9  # the share of mirrored images from which the network hardly sees others
_WORSE = 1.5  # times the training loss
_SWINGS = 0.3  # the share of epochs in which the loss rises


def guesses(f: Facts) -> Finding | None:
    """The network predicts one class for all images, or is no better than guessing.

    If it has learned the training images all the same, it overfits, and does not guess.
    """
    evaluation = f.snapshot.evaluation
    if evaluation is None or not evaluation.step > f.since or f.own_steps < _ENOUGH_STEPS:
        return None
    if normalized_small_batch(f) is not None:
        return None  # which is the cause, and is named
    if f.since and (f.steps_since < _ENOUGH_STEPS or _falls(f)):
        return None  # what was changed may just begin to help
    counts = np.bincount(evaluation.labels, minlength=f.classes)
    if np.count_nonzero(counts) < 2:
        return None
    predicted = np.unique(evaluation.probabilities.argmax(axis=1))
    chance = float(counts.max() / counts.sum())
    if len(predicted) == 1:
        assert f.snapshot.run is not None
        name = f.snapshot.run.dataset.class_names[predicted[0]]
        title, is_partial = "the network predicts only one class", False
        evidence = f"The network predicts {name} for all {len(evaluation.labels):,} images."
    elif evaluation.accuracy <= 1.1 * chance and f.loss > _LEARNED * f.guessing:
        title, is_partial = "the accuracy is no better than guessing", False
        evidence = (
            f"The {evaluation.subset} accuracy is {evaluation.accuracy:.1%}; guessing reaches "
            f"{chance:.1%}."
        )
    elif (
        evaluation.warnings
        and 2 * len(predicted) <= np.count_nonzero(counts)
        and not is_unbalanced(evaluation.labels)  # or rare classes may just be neglected
    ):
        title, is_partial = "half of the classes are never predicted", True
        evidence = f"The network predicts only {len(predicted)} of {f.classes} classes."
    else:
        return None
    return Finding(
        "guesses",
        Seriousness.ERROR,
        title,
        f"{evidence} {f.loss_words}; guessing gives {f.guessing:.2f}.",
        (
            "The network separates only some classes, and never predicts the others. "
            if is_partial
            else "The outputs no longer depend on the image, so the network learns only the class "
            "frequencies. "
        )
        + _causes_of_guessing(f.config),
        _remedy_for_guessing(f),
    )


def _falls(f: Facts) -> bool:
    """Whether the loss of the last batches is clearly below that of as many before them."""
    if len(f.losses) < 2 * RECENT or f.loss > 2 * f.guessing:
        return False
    before, now = f.losses[-2 * RECENT : -RECENT].mean(), f.losses[-RECENT:].mean()
    return bool(now < _FALLING * before)


def mirrored_images(f: Facts) -> Finding | None:
    """Nearly all training images are mirrored, and the network is bad at those that are not.

    Shifted and erased images do not differ so much from others.
    """
    config, evaluation, run = f.config, f.snapshot.evaluation, f.snapshot.run
    if not config.flip > _MIRRORED or f.steps_since < _ENOUGH_STEPS or run is None:
        return None
    if evaluation is None or not evaluation.step > f.since:
        return None
    if not evaluation.loss > _WORSE * f.loss:
        return None
    return Finding(
        "mirrored images",
        Seriousness.WARNING,
        "nearly all training images are mirrored",
        f"Flip is {config.flip:g}, and the {run.evaluation_set} images are not mirrored. The mean "
        f"training loss of the last {RECENT} batches is {f.loss:.3f}, and the {run.evaluation_set} "
        f"loss is {evaluation.loss:.3f}.",
        "The network learns mirrored images and knows few others, so this is not overfitting. "
        "With flip 0.5, it learns both.",
        Proposal("flip", 0.5),
    )


def overfitting(f: Facts) -> Finding | None:
    """The evaluation loss rises while the training loss falls."""
    curve = f.snapshot.evaluation_curves["loss"]
    if len(curve) < 3 or f.steps_since < f.epoch_steps or f.snapshot.run is None:
        return None
    losses = np.where(np.isfinite(curve.low), curve.low, np.inf)
    best = int(losses.argmin())
    distance = max(f.epoch_steps, _APART)
    later = losses[curve.last >= max(curve.last[best] + distance, f.since + f.epoch_steps)]
    # Two in a row, because one may be chance; then on the mean, which varies less.
    risen = np.minimum(later[1:], later[:-1]).max(initial=0) >= _RISEN * losses[best]
    if not risen or later[-3:].mean() < _RECOVERED * losses[best]:
        return None
    epoch = f.epoch_of(int(curve.last[best]))
    trained = f.epoch_losses
    if not 1 <= epoch < len(trained) or trained[-1] > _FELL * trained[epoch - 1]:
        return None
    if trained[-1] >= losses[best]:  # it is no better on the images that it has learned
        return None
    if f.config.learning_rate > UNUSUAL * usual_rate(f.config):  # which throws both losses about
        return None
    name, config = f.snapshot.run.evaluation_set, f.config
    if config.dropout < 0.1 and config.hidden:
        proposal = Proposal("dropout", 0.2)
    elif config.l2 < 1e-4 and config.optimizer != "adamw":
        proposal = Proposal("l2", 1e-4)
    elif not config.patience and config.validation:
        proposal = Proposal("patience", 3)
    else:
        proposal = Proposal("dropout", min(round(config.dropout + 0.2, 2), 0.6))
    return Finding(
        "overfitting",
        Seriousness.WARNING,
        f"overfitting since epoch {epoch}",
        f"The {name} loss was lowest in epoch {epoch}, {losses[best]:.3f}, and is "
        f"{losses[-1]:.3f} now, while the training loss fell from {trained[epoch - 1]:.3f} to "
        f"{trained[-1]:.3f}.",
        "The network learns details of the training images that other images do not have, and is "
        "overconfident on them. Dropout, L2 or early stopping prevents that.",
        proposal,
    )


def plateau(f: Facts) -> Finding | None:
    """The training loss has hardly fallen for some epochs: plateau or underfitting."""
    losses, evaluation = f.epoch_losses, f.snapshot.evaluation
    epochs = max(3, -(-_PLATEAU_STEPS // f.epoch_steps))
    # All of them since the last change, also the first, with which the last is compared.
    if len(losses) < epochs + 2 or f.steps_since < (epochs + 1) * f.epoch_steps:
        return None
    before, now = float(losses[-1 - epochs]), float(losses[-1])
    decayed = f.schedule_factor < 0.5
    if evaluation is None or now < max(_PLATEAU * before, 0.02) or decayed or is_slow(f.config):
        return None
    training, reached = f.snapshot.epoch_accuracy, evaluation.accuracy
    if training - reached > 0.05:  # a lower training loss would not help
        return None
    evidence = (
        f"Over the last {epochs} epochs the training loss went from {before:.3f} to {now:.3f}. The "
        f"accuracy is {training:.1%} on the training images and {reached:.1%} on the "
        f"{evaluation.subset} images."
    )
    if (found := underfitting(f, evidence)) is not None:
        return found
    stalled = _stalls(f, epochs)
    if stalled is None or f.config.schedule != "constant":  # the rate will fall by itself
        return None
    return Finding(
        "plateau",
        Seriousness.WARNING,
        "the loss no longer falls",
        stalled,
        "With steps of this size, the weights move around a minimum without reaching it. A "
        "lower rate often makes the loss fall again; if it does not, the network has learned what "
        "it can.",
        Proposal("learning_rate", lower_rate(f.config)),
    )


def _stalls(f: Facts, epochs: int) -> str | None:
    """The loss goes up and down around a level, as it does if the steps are too large.

    Compares the halves of the last epochs: of a third of all since the last change, because a loss
    that falls slowly shows only over many. At an unusual rate, it may also fall a little.
    """
    curve = f.snapshot.epoch_curves["loss"]
    losses = curve.high[curve.first > f.since][1:]  # the first epoch falls the most
    half = max(6, epochs, len(losses) // 3) // 2
    if len(losses) < 2 * half:
        return None
    recent = losses[-2 * half :]
    before, now = float(recent[:half].mean()), float(recent[half:].mean())
    swings = np.mean(np.diff(recent) > 0) >= _SWINGS and now > _LEVEL * before
    unusual = f.config.learning_rate > UNUSUAL * usual_rate(f.config)
    if not swings and not (unusual and now > _UNUSUAL_LEVEL * before):
        return None
    return (
        f"The mean training loss of {half} epochs was {before:.3f}, and that of the {half} epochs "
        f"since then is {now:.3f}."
    )


def _causes_of_guessing(config: Config) -> str:
    """A sentence with the usual causes that are possible with these settings."""
    if has_long_momentum(config):
        return long_momentum(config)
    causes = ["steps that are too small" if is_slow(config) else "steps that are too large"]
    if config.batch_size <= SMALL_BATCH:
        causes.append("batches that are too small for the rate")
    if config.initialization != usual_initialization(config):
        causes.append("unsuitable initial weights")
    if config.activation == "sigmoid" and len(config.hidden) > 1:
        causes.append("a gradient that vanishes in several sigmoid layers")
    if len(causes) == 1:
        return f"The usual cause is {causes[0].replace('steps that', 'that the steps')}."
    return f"Usual causes are {', '.join(causes[:-1])} or {causes[-1]}."


def _remedy_for_guessing(f: Facts) -> Proposal:
    """What is most likely to help a network that guesses."""
    config = f.config
    usual, initialization = usual_rate(config), usual_initialization(config)
    if has_long_momentum(config):
        return shorter_momentum(restart=True)
    if is_slow(config):
        return Proposal("learning_rate", usual)
    if config.batch_size <= SMALL_BATCH:
        return Proposal("batch_size", 64, restart=True)
    if config.learning_rate <= usual and config.activation == "sigmoid" and len(config.hidden) > 1:
        return Proposal("activation", "relu")
    if config.learning_rate <= usual and config.initialization != initialization:
        return Proposal("initialization", initialization)
    return restart_with_lower_rate(f)
