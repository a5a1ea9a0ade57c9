"""What one hyperparameter is, said once: the form, `--help` and the README are made from it.

A kind knows its range in words, reads a value from text, and refuses what lies outside.
"""

from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from core.config.grids import COUNTING, DOUBLING, Grid
from core.errors import ConfigError

Applies = Literal["next batch", "reset"]
Group = Literal["optimizer", "network", "run", "schedule", "regularization", "data"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""In the order in which people need them."""


class Kind(Protocol):
    """The type and range of a setting."""

    @property
    def range(self) -> str:
        """The allowed values in words, to follow "must be"."""

    def parse(self, text: str) -> Any:
        """The value that `text` writes, in range or not; ValueError if it writes none."""

    def allows(self, value: Any) -> bool:
        """Whether `value` has the type of this kind and lies in its range."""

    def write(self, value: Any) -> str:
        """The text that `parse` reads back as `value`."""

    def nudge(self, value: Any, up: bool) -> Any:
        """The next value above (in a list: before) or below; at the end `value` itself."""


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`; nudged, it moves along `grid`."""

    low: int
    high: int
    grid: Grid = COUNTING

    @property
    def range(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"

    def parse(self, text: str) -> int:
        return int(text)

    def allows(self, value: Any) -> bool:
        return type(value) is int and self.low <= value <= self.high

    def write(self, value: int) -> str:
        return str(value)

    def nudge(self, value: int, up: bool) -> int:
        nudged = int(self.grid.beside(value, up))
        return nudged if self.allows(nudged) else value


@dataclass(frozen=True)
class Real:
    """A number from `low` to `high`, with or without these two; nudged, it moves along `grid`."""

    low: float
    high: float
    grid: Grid
    without_low: bool = False
    without_high: bool = False

    @property
    def range(self) -> str:
        low = f"above {self.low:g}" if self.without_low else f"of at least {self.low:g}"
        high = f"below {self.high:g}" if self.without_high else f"at most {self.high:g}"
        return f"a number {low} and {high}"

    def parse(self, text: str) -> float:
        return float(text)

    def allows(self, value: Any) -> bool:
        if type(value) not in (int, float) or value in self._without:
            return False
        return self.low <= value <= self.high

    @property
    def _without(self) -> tuple[float, ...]:
        return (self.low,) * self.without_low + (self.high,) * self.without_high

    def write(self, value: float) -> str:
        # The shorter of the two that reads back as the same number: 0.001, 1e-05, 0.123456789.
        short = f"{value:g}"
        return short if float(short) == value else repr(value)

    def nudge(self, value: float, up: bool) -> float:
        nudged = self.grid.beside(value, up)
        return nudged if self.allows(nudged) else value


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    @property
    def range(self) -> str:
        return "one of " + ", ".join(self.options)

    def parse(self, text: str) -> str:
        return text.strip().lower()

    def allows(self, value: Any) -> bool:
        return value in self.options

    def write(self, value: str) -> str:
        return value

    def nudge(self, value: str, up: bool) -> str:
        place = self.options.index(value) + (-1 if up else 1)
        return self.options[place] if 0 <= place < len(self.options) else value


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    range = "yes or no"
    options = ("yes", "no")

    def parse(self, text: str) -> bool:
        return {"yes": True, "no": False}[text.strip().lower()]

    def allows(self, value: Any) -> bool:
        return type(value) is bool

    def write(self, value: bool) -> str:
        return "yes" if value else "no"

    def nudge(self, value: bool, up: bool) -> bool:
        return up


@dataclass(frozen=True)
class Sizes:
    """Up to `most` whole numbers from 1 to `high`, written with commas between them."""

    most: int
    high: int

    @property
    def range(self) -> str:
        return (
            f"up to {self.most} numbers from 1 to {self.high:,} with commas between, as in 128,64"
        )

    def parse(self, text: str) -> tuple[int, ...]:
        empty = text.strip().lower() in ("", "none")
        return () if empty else tuple(int(part) for part in text.split(","))

    def allows(self, value: Any) -> bool:
        return (
            isinstance(value, tuple)
            and len(value) <= self.most
            and all(type(size) is int and 1 <= size <= self.high for size in value)
        )

    def write(self, value: tuple[int, ...]) -> str:
        return ",".join(str(size) for size in value) or "none"

    def nudge(self, value: tuple[int, ...], up: bool, place: int = -1) -> tuple[int, ...]:
        """Nudges the number at `place`, by powers of two."""
        if not value:
            return value
        sizes = list(value)
        sizes[place] = Whole(1, self.high, DOUBLING).nudge(sizes[place], up)
        return tuple(sizes)


@dataclass(frozen=True)
class Setting:
    """A hyperparameter in words: its name, kind, meaning, and when a change of it takes effect.

    `group` is the part of the form and of the help that it belongs to.
    """

    name: str
    group: Group
    kind: Kind
    meaning: str
    applies: Applies

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")

    def parse(self, text: str) -> Any:
        """The value that a person wrote; ConfigError with the allowed range if it is none."""
        try:
            value = self.kind.parse(text)
        except (ValueError, KeyError):
            raise self._error(text.strip() or "nothing") from None
        return self.check(value)

    def check(self, value: Any) -> Any:
        """`value` itself; ConfigError with the allowed range if it lies outside."""
        if not self.kind.allows(value):
            raise self._error(value)
        return value

    def write(self, value: Any) -> str:
        return self.kind.write(value)

    def _error(self, got: object) -> ConfigError:
        try:
            shown = got if isinstance(got, str) else repr(got)
        except ValueError:  # Python writes no whole number of more than 4,300 digits
            shown = "a number of very many digits"
        if len(shown) > 40:
            shown = shown[:39] + "…"
        return ConfigError(self.name, f"{self.label} must be {self.kind.range}, got {shown}")
