"""Describes a setting once: the form, `--help`, errors and the README all use this description."""

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.config.kinds import SMALLEST, TECHNICAL, Kind, Real, Whole
from core.errors import SettingError

_DECIMAL_COMMA = re.compile(r"\d*,(?!\d{3}$)\d+|0*,\d+")  # not thousands

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
            if isinstance(self.kind, Real) and _DECIMAL_COMMA.fullmatch(text.strip()):
                point = text.strip().replace(",", ".")
                message = f"{self.label}: enter {point}, with a decimal point"
                raise SettingError(self.name, message) from None
            raise self._error(text) from None
        return self.check(value)

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
