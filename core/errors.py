"""The errors of core. Each message is one sentence that tells the user what to change."""

from core.text import rate_text


class CoreError(Exception):
    """Base class: catch it in the user interface and show its message."""


class ConfigError(CoreError, ValueError):
    """A setting, or another input of the user, has a value that cannot be used.

    field: the name of the Config field or of the input, so that a form can mark it.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SettingError(ConfigError):
    """The value of one setting is not allowed, whatever the others are."""


class DataError(CoreError, ValueError):
    """A data file is missing, damaged or does not match the others."""


class RunError(CoreError):
    """A run file is missing, damaged, of another version, or cannot be written."""


class ExportError(CoreError):
    """A run cannot be exported: a file exists, or what is needed for its kind is missing."""


class StudyError(CoreError):
    """A study of a sweep cannot be read or written, or is not the one that was asked for."""


class Diverged(CoreError, ArithmeticError):
    """The numbers of the run are no longer finite. A step that raises this changes nothing.

    step: the one that the run is at, as everything on the screen names it; 0 at the start.
    learning_rate: in force, after the schedule. what: the part of the sentence that names what is
    not finite.
    """

    def __init__(self, step: int, learning_rate: float, what: str = "the loss is") -> None:
        super().__init__(
            f"diverged after step {step:,} with learning rate {rate_text(learning_rate)}: {what} "
            "not finite; lower the learning rate"
        )
        self.step = step
        self.learning_rate = learning_rate
        self.what = what


def os_reason(error: Exception) -> str:
    """Returns the reason the operating system gives, in lower case, to end a sentence with."""
    reason = getattr(error, "strerror", None)
    return str(reason or error).lower()
