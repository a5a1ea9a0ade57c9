"""Values that usually work, for the proposals of the coach."""

from core.config.config import Config

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


def usual_initialization(config: Config) -> str:
    """Returns the initialization that suits the activation."""
    return "xavier" if config.activation in _SATURATING else "he"


def _rounded(rate: float) -> float:
    """One significant digit."""
    return float(f"{rate:.0e}")
