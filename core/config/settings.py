"""Describes a setting once: the form, `--help`, errors and the README all use this description."""

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.config.kinds import SMALLEST, TECHNICAL, Kind, Real, Whole
from core.errors import SettingError

_DECIMAL_COMMA = re.compile(r"\d*,(?!\d{3}$)\d+|0*,\d+")  # not thousands
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(,\d{3})+")

Applies = Literal["next batch", "restart"]
Group = Literal["optimizer", "network", "run", "schedule", "regularization", "data"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""In the order of the form: those needed most often come first."""

MAIN = ("optimizer", "learning_rate", "schedule", "batch_size", "hidden", "dropout", "epochs")
"""The settings that are changed most often, in the order in which the form shows them first."""


@dataclass(frozen=True)
class Setting:
    """The description of one field of Config.

    group: the section of the form and of `--help`; applies: when a change takes effect.
    """

    name: str
    group: Group
    kind: Kind
    meaning: str
    applies: Applies

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")

    @property
    def option(self) -> str:
        """The name on the command line, after the hyphens: learning-rate."""
        return self.name.replace("_", "-")

    def parse(self, text: str) -> Any:
        """Returns the value that a person entered. Raises ConfigError if it is not allowed."""
        try:
            value = self.kind.parse(text)
        except (ValueError, KeyError):
            raise self._comma_error(text.strip()) or self._error(text) from None
        return self.check(value)

    def _comma_error(self, text: str) -> SettingError | None:
        """What to enter in place of a decimal comma, or of commas between thousands."""
        advice = ""
        if isinstance(self.kind, Real) and _DECIMAL_COMMA.fullmatch(text):
            advice = f"enter {text.replace(',', '.')}, with a decimal point"
        elif isinstance(self.kind, Whole) and _THOUSANDS.fullmatch(text):
            advice = f"enter {text.replace(',', '')}, without commas"
        return SettingError(self.name, f"{self.label}: {advice}") if advice else None

    def check(self, value: Any) -> Any:
        """Returns `value`. Raises ConfigError if it is not allowed."""
        if not self.kind.allows(value):
            raise self._error(value)
        return value

    def write(self, value: Any) -> str:
        return self.kind.write(value)

    def _error(self, value: Any) -> SettingError:
        match self.kind:
            case Whole(high=high) | Real(high=high) if _exceeds(value, high):
                allowed = f"at most {high:,.0f}"
            case Real(low=low) if type(value) in (int, float) and 0 < value < low == SMALLEST:
                allowed = f"at least {low:g}"
            case kind:
                allowed = kind.range
        return SettingError(self.name, f"{self.label}: enter {allowed}")


def _exceeds(value: Any, high: float) -> bool:
    return type(value) in (int, float) and value > high >= TECHNICAL
