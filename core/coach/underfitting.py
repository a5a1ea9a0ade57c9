"""The rules about underfitting: what keeps a network from fitting its training images."""

from core.coach.facts import Facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.usual import UNUSUAL, is_slow, usual_rate

_FEWEST_STEPS = 50
_ENOUGH_STEPS = 150
_MANY_STEPS = 300
_NARROW = 20  # units of the widest hidden layer
_BOTTLENECK = 4  # units of the narrowest one
_TOO_REGULAR = 0.4  # dropout
_FAR_TOO_REGULAR = 0.8
_HIGH_LOSS = 0.35  # times that of guessing
_STILL_GUESSES = 0.8  # times it
_LIMITED_LOSS = 0.25  # times it, with a setting that is far too strong
_TOO_PENALIZED = 0.01  # l2
_FAR_TOO_PENALIZED = 0.03
_TOO_DECAYED = 3.0  # weight decay
_TOO_SHIFTED = 0.25  # of the side of an image


def too_regular(f: Facts) -> Finding | None:
    """So much dropout, L2, weight decay or shifting that the network hardly learns: its training
    loss may even rise."""
    config, enough = f.config, f.steps_since >= _ENOUGH_STEPS
    usual = config.learning_rate <= UNUSUAL * usual_rate(config)
    if f.diverged or not usual:
        return None
    if config.hidden and config.dropout >= _FAR_TOO_REGULAR and f.steps_since >= _FEWEST_STEPS:
        return _early(f, 0.5 if enough else 1.0, _HIGH_LOSS)
    if not _is_limited(f):
        return None
    if f.steps_since >= max(2 * f.epoch_steps, _MANY_STEPS):
        return _early(f, _LIMITED_LOSS, _LIMITED_LOSS)
    return _early(f, _STILL_GUESSES, _HIGH_LOSS) if enough and not is_slow(config) else None


def bottleneck(f: Facts) -> Finding | None:
    """A hidden layer of so few units that the classes cannot be separated after it."""
    units = min(f.config.hidden, default=_BOTTLENECK)
    narrow = units < _BOTTLENECK and f.classes > 2 * units
    enough = f.steps_since >= max(2 * f.epoch_steps, _MANY_STEPS)
    if not (narrow and enough) or is_slow(f.config):
        return None
    return _early(f, _LIMITED_LOSS, _LIMITED_LOSS)


def underfitting(f: Facts, evidence: str) -> Finding | None:
    """The finding, if something keeps the network from fitting its images."""
    cause = _limit(f)
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


def _is_limited(f: Facts) -> bool:
    """Whether L2, weight decay or shifts are far too strong."""
    config = f.config
    return (
        config.l2 >= _FAR_TOO_PENALIZED
        or config.weight_decay >= _TOO_DECAYED
        or _is_shifted_too_far(f)
    )


def _is_shifted_too_far(f: Facts) -> bool:
    return f.config.shift > _TOO_SHIFTED * min(_image_size(f))


def _image_size(f: Facts) -> tuple[int, ...]:
    """Height and width of an image, in pixels."""
    assert f.snapshot.run is not None
    return f.snapshot.run.dataset.train_images.shape[1:3]


def _early(f: Facts, training: float, evaluated: float) -> Finding | None:
    """Underfitting that shows before the loss stops falling.

    training, evaluated: the least loss of each, as multiples of that of guessing.
    """
    evaluation = f.snapshot.evaluation
    if not f.loss > training * f.guessing or evaluation is None:
        return None
    if not evaluation.loss > evaluated * f.guessing:
        return None
    return underfitting(
        f,
        f"After {f.steps:,} steps the training loss is {f.loss:.2f} nats; guessing gives "
        f"{f.guessing:.2f}. The {evaluation.subset} accuracy is {evaluation.accuracy:.1%}.",
    )


def _limit(f: Facts) -> tuple[str, str, Proposal] | None:
    """What keeps a network from fitting its images: a sentence, what helps, and the change."""
    config = f.config
    if config.weight_decay >= _TOO_DECAYED:
        return (
            f"Weight decay is {config.weight_decay:g}.",
            "Each step shrinks the weights so much that they cannot grow; reduce weight decay",
            Proposal("weight_decay", 0.01),
        )
    if _is_shifted_too_far(f):
        height, width = _image_size(f)
        return (
            f"Shift is {config.shift}, and the images have {height}×{width} pixels.",
            "Images that are moved so far lose much of what shows their class; reduce shift",
            Proposal("shift", min(2, min(height, width) // 10)),
        )
    if config.l2 >= _TOO_PENALIZED:
        # So strong a penalty has made the weights too small to recover.
        proposal = Proposal("l2", 1e-4, restart=config.l2 >= _FAR_TOO_PENALIZED)
        return f"l2 is {config.l2:g}.", "Reduce l2", proposal
    if config.dropout >= _TOO_REGULAR:
        return f"Dropout is {config.dropout:g}.", "Reduce dropout", Proposal("dropout", 0.2)
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
