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


def was_lowered(f: "Facts") -> bool:
    """Returns whether the learning rate was unusually high before it was lowered by hand."""
    limit = UNUSUAL * usual_rate(f.config)
    return f.config.learning_rate <= limit < (f.lowered_from or 0.0)


def restart_with_lower_rate(f: "Facts", factor: float = 5) -> Proposal:
    """Proposes a restart with a lower rate: if it was lowered already, with the current one, or the
    usual one if that is far too low."""
    if not was_lowered(f):
        rate = lower_rate(f.config, factor)
    elif is_slow(f.config):
        rate = usual_rate(f.config)
    else:
        rate = f.config.learning_rate
    return Proposal("learning_rate", rate, restart=True)


def unusual_rate(f: "Facts") -> str:
    """Returns a sentence about a learning rate that is or was unusually high; "" of a usual one."""
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
