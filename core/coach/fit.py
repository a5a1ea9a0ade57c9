"""Rules about how well the network fits: guessing, overfitting, underfitting and plateaus."""

import numpy as np

from core.coach.facts import Facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.usual import (
    UNUSUAL,
    lower_rate,
    restart_with_lower_rate,
    usual_initialization,
    usual_rate,
)
from core.config.config import Config

_ENOUGH_STEPS = 150
_LEARNED = 0.7  # of the loss of guessing, in training
_RISEN = 1.08  # times the lowest evaluation loss
_APART = 100  # steps from it, at least
_PLATEAU = 0.96  # of the training loss some epochs before
_PLATEAU_STEPS = 300  # at least
_NARROW = 20  # units of the widest hidden layer
_BOTTLENECK = 4  # units of the narrowest one
_TOO_REGULAR = 0.4  # dropout
_FAR_TOO_REGULAR = 0.8
_HIGH_LOSS = 0.35  # times that of guessing
_TOO_PENALIZED = 0.01  # l2
_FAR_TOO_PENALIZED = 0.03


def guesses(f: Facts) -> Finding | None:
    """The network predicts one class for all images, or is no better than chance.

    If it has learned the training images all the same, it overfits, and does not guess.
    """
    evaluation = f.snapshot.evaluation
    if evaluation is None or not evaluation.step > f.since or f.own_steps < _ENOUGH_STEPS:
        return None
    counts = np.bincount(evaluation.labels, minlength=f.classes)
    if np.count_nonzero(counts) < 2:
        return None
    predicted = np.unique(evaluation.probabilities.argmax(axis=1))
    chance = float(counts.max() / counts.sum())
    if len(predicted) == 1:
        assert f.snapshot.run is not None
        name = f.snapshot.run.dataset.class_names[predicted[0]]
        title, is_partial = "it predicts only one class", False
        evidence = f"It predicts {name} for all {len(evaluation.labels):,} images."
    elif evaluation.accuracy <= 1.1 * chance and f.loss > _LEARNED * f.guessing:
        title, is_partial = "it is no better than guessing", False
        evidence = f"Its accuracy is {evaluation.accuracy:.1%}; guessing reaches {chance:.1%}."
    elif evaluation.warnings and 2 * len(predicted) <= np.count_nonzero(counts):
        title, is_partial = "it never predicts half of the classes", True
        evidence = f"It predicts only {len(predicted)} of {f.classes} classes."
    else:
        return None
    return Finding(
        "guesses",
        Seriousness.ERROR,
        title,
        f"{evidence} The loss is {f.loss:.2f}; equal probabilities give {f.guessing:.2f}.",
        (
            "The network separates only some classes, and never predicts the others. "
            if is_partial
            else "The outputs no longer depend on the image, so the network learns only the class "
            "frequencies. "
        )
        + "Usual causes are steps that are too large or too small, unsuitable initial "
        "weights, or a gradient that vanishes in several sigmoid layers.",
        _remedy_for_guessing(f),
    )


def overfitting(f: Facts) -> Finding | None:
    """The evaluation loss rises while the training loss falls."""
    curve = f.snapshot.evaluation_curves["loss"]
    if len(curve) < 3 or f.steps_since < f.epoch_steps or f.snapshot.run is None:
        return None
    losses = np.where(np.isfinite(curve.low), curve.low, np.inf)
    best = int(losses.argmin())
    distance = max(f.epoch_steps, _APART)
    later = losses[best + 1 :][curve.last[best + 1 :] >= curve.last[best] + distance]
    if len(later) < 2 or later[-2:].min() < _RISEN * losses[best]:
        return None
    epoch = f.epoch_of(int(curve.last[best]))
    trained = f.epoch_losses
    if not 1 <= epoch < len(trained) or trained[-1] >= trained[epoch - 1]:
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


def too_regular(f: Facts) -> Finding | None:
    """So much dropout or L2 that the network hardly learns: its training loss may even rise."""
    config, least = f.config, f.guessing
    usual = config.learning_rate <= UNUSUAL * usual_rate(config)
    if f.diverged or not usual:
        return None
    if config.hidden and config.dropout >= _FAR_TOO_REGULAR:
        least *= 0.5 if f.steps_since >= _ENOUGH_STEPS else 2.0
    elif config.l2 >= _FAR_TOO_PENALIZED and f.steps_since >= max(
        2 * f.epoch_steps, _PLATEAU_STEPS
    ):
        least *= _HIGH_LOSS
    else:
        return None
    return _early_underfitting(f) if f.loss > least else None


def bottleneck(f: Facts) -> Finding | None:
    """A hidden layer of so few units that the classes cannot be separated after it."""
    units = min(f.config.hidden, default=_BOTTLENECK)
    narrow = units < _BOTTLENECK and f.classes > 2 * units
    enough = f.steps_since >= max(2 * f.epoch_steps, _PLATEAU_STEPS)
    slow = f.config.learning_rate < usual_rate(f.config) / 3
    if not (narrow and enough) or slow or not f.loss > _HIGH_LOSS * f.guessing:
        return None
    return _early_underfitting(f)


def plateau(f: Facts) -> Finding | None:
    """The training loss has hardly fallen for some epochs: plateau or underfitting."""
    losses, evaluation = f.epoch_losses, f.snapshot.evaluation
    epochs = max(3, -(-_PLATEAU_STEPS // f.epoch_steps))
    # All of them since the last change, also the first, with which the last is compared.
    if len(losses) < epochs + 2 or f.steps_since < (epochs + 1) * f.epoch_steps:
        return None
    before, now = float(losses[-1 - epochs]), float(losses[-1])
    decayed = f.schedule_factor < 0.5
    slow = f.config.learning_rate < usual_rate(f.config) / 3
    if evaluation is None or now < max(_PLATEAU * before, 0.02) or decayed or slow:
        return None
    training, reached = f.snapshot.epoch_accuracy, evaluation.accuracy
    if training - reached > 0.05:  # a lower training loss would not help
        return None
    config = f.config
    evidence = (
        f"Over the last {epochs} epochs the training loss went from {before:.3f} to {now:.3f}."
    )
    both = (
        f" The accuracy is {training:.1%} on the training images and {reached:.1%} on the "
        f"{evaluation.subset} images."
    )
    if (found := _underfitting(config, f"{evidence}{both}")) is not None:
        return found
    if config.schedule != "constant":  # the rate will fall by itself
        return None
    return Finding(
        "plateau",
        Seriousness.WARNING,
        "the loss no longer falls",
        evidence,
        "With steps of this length, the weights move around a minimum without reaching it. A "
        "lower rate often makes the loss fall again; if it does not, the network has learned what "
        "it can.",
        Proposal("learning_rate", lower_rate(config)),
    )


def _remedy_for_guessing(f: Facts) -> Proposal:
    """What is most likely to help a network that guesses."""
    config = f.config
    usual, initialization = usual_rate(config), usual_initialization(config)
    if config.learning_rate < usual / 3:
        return Proposal("learning_rate", usual)
    if config.learning_rate <= usual and config.activation == "sigmoid" and len(config.hidden) > 1:
        return Proposal("activation", "relu")
    if config.learning_rate <= usual and config.initialization != initialization:
        return Proposal("initialization", initialization)
    return restart_with_lower_rate(f)


def _early_underfitting(f: Facts) -> Finding | None:
    """Underfitting that shows before the loss stops falling."""
    evaluation = f.snapshot.evaluation
    if evaluation is None or not evaluation.loss > _HIGH_LOSS * f.guessing:
        return None
    return _underfitting(
        f.config,
        f"After {f.steps:,} steps the training loss is {f.loss:.2f}; guessing gives "
        f"{f.guessing:.2f}. The accuracy on the {evaluation.subset} images is "
        f"{evaluation.accuracy:.1%}.",
    )


def _underfitting(config: Config, evidence: str) -> Finding | None:
    """The finding, if something keeps the network from fitting its images."""
    cause = _limit(config)
    if cause is None:
        return None
    limit, remedy, proposal = cause
    return Finding(
        "underfitting",
        Seriousness.WARNING,
        "underfitting",
        f"{evidence} {limit}",
        f"The network does not fit the training images, so more data would not help. {remedy}.",
        proposal,
    )


def _limit(config: Config) -> tuple[str, str, Proposal] | None:
    """What keeps a network from fitting its images: a sentence, what helps, and the change."""
    if config.dropout >= _TOO_REGULAR:
        return f"Dropout is {config.dropout:g}.", "Reduce dropout", Proposal("dropout", 0.2)
    if config.l2 >= _TOO_PENALIZED:
        # So strong a penalty has made the weights too small to recover.
        proposal = Proposal("l2", 1e-4, restart=config.l2 >= _FAR_TOO_PENALIZED)
        return f"l2 is {config.l2:g}.", "Reduce l2", proposal
    narrow = max(config.hidden, default=0) < _NARROW
    if narrow or min(config.hidden) < _BOTTLENECK:
        proposal = Proposal("hidden", (128, 64))
        if not config.hidden:
            return "It has no hidden layer.", "Add hidden layers", proposal
        first, *last = map(str, config.hidden)
        if not last:
            limit = f"Its hidden layer has {first} unit{'s' * (first != '1')}."
        else:
            limit = f"Its hidden layers have {', '.join((first, *last[:-1]))} and {last[-1]} units."
        return limit, "Use more hidden units", proposal
    return None
