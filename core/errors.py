"""The errors that core raises. Each message is one sentence that tells a person what to change."""


class CoreError(Exception):
    """Anything that core refuses to do; catch it at the edge and show its message."""


class ConfigError(CoreError, ValueError):
    """A hyperparameter that cannot be used.

    `field` is the name of the Config field, so that a form can mark the right place.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class DataError(CoreError, ValueError):
    """A data file that is missing, damaged or does not fit the others."""


class Diverged(CoreError, ArithmeticError):
    """The loss or its gradient stopped being a finite number; the parameters are untouched."""

    def __init__(self, step: int, learning_rate: float) -> None:
        super().__init__(
            f"diverged at step {step} with learning rate {learning_rate:g}: the loss is no longer "
            "a finite number; try a learning rate ten times smaller"
        )
        self.step = step
        self.learning_rate = learning_rate


def os_reason(error: Exception) -> str:
    """What the operating system said, in lower case, to end a sentence."""
    reason = getattr(error, "strerror", None)
    return str(reason or error).lower()
