"""The kinds of settings: whole numbers, real numbers, choices, flags and lists of sizes.

Each kind describes its range in words, checks values, and converts them from and to text.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from core.config.grids import COUNTING, DOUBLING, Grid
from core.text import short_exponent, significant

TECHNICAL = 1000
"""Upper bounds from here on only keep the memory in bounds. The description of a range leaves them
out; only the error for a larger value names them."""

SMALLEST = 1e-30
"""A lower bound for numbers above 0: smaller ones lose their digits in 32 bits, or become 0. It is
described as 0; only the error for a smaller value names it."""


class Kind(Protocol):
    """The type and range of a setting."""

    @property
    def range(self) -> str:
        """The allowed values in words, to follow "enter"."""

    def parse(self, text: str) -> Any:
        """Returns the value that `text` stands for, which may be out of range.

        Raises ValueError or KeyError if there is none.
        """

    def allows(self, value: Any) -> bool:
        """Whether `value` has the right type and is in range."""

    def write(self, value: Any) -> str:
        """Returns the text that `parse` turns back into `value`."""

    def next_value(self, value: Any, up: bool) -> Any:
        """Returns the next value up or down, in a list the option before or after it.

        At the end of the range or list, returns `value` itself.
        """


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`; its next values are on `grid`."""

    low: int
    high: int
    grid: Grid = COUNTING

    @property
    def range(self) -> str:
        if self.high >= TECHNICAL:
            return f"a whole number of at least {self.low}"
        return f"a whole number from {self.low} to {self.high}"

    def parse(self, text: str) -> int:
        if "e" not in text.lower():
            return int(text)
        number = float(text)
        if not number.is_integer():
            raise ValueError(text)
        return int(number)

    def allows(self, value: Any) -> bool:
        return type(value) is int and self.low <= value <= self.high

    def write(self, value: int) -> str:
        return str(value)

    def next_value(self, value: int, up: bool) -> int:
        following = int(self.grid.neighbor(value, up))
        return following if self.allows(following) else value


@dataclass(frozen=True)
class Real:
    """A number from `low` to `high`, both included by default; its next values are on `grid`.

    example: a typical value, for the person who has to enter one.
    """

    low: float
    high: float
    grid: Grid
    example: float
    without_low: bool = False
    without_high: bool = False

    @property
    def range(self) -> str:
        low = f"above {self.low:g}" if self.without_low else f"of at least {self.low:g}"
        if self.low == SMALLEST:
            low = "above 0"
        if self.high >= TECHNICAL:
            bounds = low
        elif self.without_high:
            bounds = f"{low} and below {self.high:g}"
        elif self.without_low:
            bounds = f"{low} and at most {self.high:g}"
        else:
            bounds = f"from {self.low:g} to {self.high:g}"
        return f"a number {bounds}, for example {self.write(self.example)}"

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
        # The shortest text that `parse` turns back into this number: 0.001, 1e-5, 0.123456789.
        short = significant(value)
        return short if float(short) == value else short_exponent(repr(value))

    def next_value(self, value: float, up: bool) -> float:
        following = self.grid.neighbor(value, up)
        return following if self.allows(following) else value


@dataclass(frozen=True)
class Choice:
    """One of some words, its options."""

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

    def next_value(self, value: str, up: bool) -> str:
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

    def next_value(self, value: bool, up: bool) -> bool:
        return up


@dataclass(frozen=True)
class Sizes:
    """Up to `max_count` whole numbers from 1 to `high`, separated by commas."""

    max_count: int
    high: int

    @property
    def range(self) -> str:
        return (
            f"none (0), or up to {self.max_count} whole numbers from 1 to {self.high:,} "
            "separated by commas, for example 128,64"
        )

    def parse(self, text: str) -> tuple[int, ...]:
        is_none = text.strip().lower() in ("0", "none")
        return () if is_none else tuple(int(part) for part in text.split(","))

    def allows(self, value: Any) -> bool:
        return (
            isinstance(value, tuple)
            and len(value) <= self.max_count
            and all(type(size) is int and 1 <= size <= self.high for size in value)
        )

    def write(self, value: tuple[int, ...]) -> str:
        return ",".join(str(size) for size in value) or "none"

    def next_value(self, value: tuple[int, ...], up: bool, place: int = -1) -> tuple[int, ...]:
        """Returns `value` with the next power of two in place of the number at index `place`."""
        if not value:
            return value
        sizes = list(value)
        sizes[place] = Whole(1, self.high, DOUBLING).next_value(sizes[place], up)
        return tuple(sizes)
