"""Values that usually work, for the proposals of the coach."""

from typing import TYPE_CHECKING

from core.coach.finding import Proposal
from core.config.config import Config
from core.text import counted, rate_text

if TYPE_CHECKING:
    from core.coach.facts import Facts

UNUSUAL = 4.0
"""Times the usual rate, from which a learning rate is unusual."""

SMALL_BATCH = 16
"""Images of a batch, up to which its gradient is noisy."""

_RATES = {
    "sgd": 0.1,
    "momentum": 0.02,
    "nesterov": 0.02,
    "adagrad": 0.01,
    "rmsprop": 0.001,
    "adam": 0.003,
    "adamw": 0.003,
}
_LONG = 0.99  # momentum, above which a step adds up more than 100 gradients
_USUAL_MOMENTUM = 0.9
_SATURATING = ("tanh", "sigmoid")


def usual_rate(config: Config) -> float:
    """Returns a learning rate at which the optimizer usually works on images."""
    return _RATES[config.optimizer]


def lower_rate(config: Config, factor: float = 5) -> float:
    """Returns a lower rate: the usual one, or the current one / `factor` if that is less."""
    return min(usual_rate(config), _rounded(config.learning_rate / factor))


def is_slow(config: Config) -> bool:
    """Returns whether the learning rate is so low that the loss may be high for this reason."""
    return config.learning_rate < usual_rate(config) / 3


def has_long_momentum(config: Config) -> bool:
    """Returns whether momentum makes the steps far larger than a learning rate that is usual."""
    usual = config.learning_rate <= UNUSUAL * usual_rate(config)
    return usual and config.optimizer in ("momentum", "nesterov") and config.momentum > _LONG


def long_momentum(config: Config) -> str:
    """Returns a sentence about such a momentum. A gradient that stays the same moves the weights
    by rate / (1 - momentum) times it in each step."""
    rate = config.learning_rate / (1 - config.momentum)
    return (
        f"Momentum is {config.momentum:g}, so past gradients add up to a rate of {rate_text(rate)}."
    )


def shorter_momentum(restart: bool) -> Proposal:
    """Proposes the usual momentum."""
    return Proposal("momentum", _USUAL_MOMENTUM, restart)


def was_lowered(f: "Facts") -> bool:
    """Returns whether the learning rate was unusually high before it was lowered by hand."""
    limit = UNUSUAL * usual_rate(f.config)
    return f.config.learning_rate <= limit < (f.lowered_from or 0.0)


def restart_with_lower_rate(f: "Facts", factor: float = 5) -> Proposal:
    """Proposes a restart with a lower rate: if it was lowered already, with the current one, or the
    usual one if that is far too low. With a momentum that is too long, with less of it."""
    if has_long_momentum(f.config):
        return shorter_momentum(restart=True)
    if not was_lowered(f):
        rate = lower_rate(f.config, factor)
    elif is_slow(f.config):
        rate = usual_rate(f.config)
    else:
        rate = f.config.learning_rate
    return Proposal("learning_rate", rate, restart=True)


def unusual_rate(f: "Facts") -> str:
    """Returns a sentence about a learning rate that is or was unusually high, or about a momentum
    that is; "" of usual ones."""
    if has_long_momentum(f.config):
        return long_momentum(f.config)
    usual, highest = usual_rate(f.config), max(f.highest_rate, f.lowered_from or 0.0)
    if highest <= UNUSUAL * usual:
        return ""
    text = f"The learning rate {'was' if f.rate < highest else 'is'} {rate_text(highest)}"
    if f.config.batch_size <= SMALL_BATCH:
        text += f" with {counted(f.config.batch_size, 'image')} in a batch"
    return f"{text}; with {f.config.optimizer}, {usual:g} is usual."


def usual_initialization(config: Config) -> str:
    """Returns the initialization that suits the activation."""
    return "xavier" if config.activation in _SATURATING else "he"


def _rounded(rate: float) -> float:
    """One significant digit."""
    return float(f"{rate:.0e}")
