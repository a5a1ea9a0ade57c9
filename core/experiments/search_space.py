"""The settings that a sweep searches: for each one some values, or a range of numbers."""

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from core.config.config import SETTINGS, Config
from core.config.grids import Even
from core.config.kinds import Real, Sizes, Whole
from core.config.settings import Setting
from core.errors import ConfigError
from core.types import ignore

MOST = 10_000
"""The most combinations of a grid, and trials of a sweep."""

SAMPLERS = ("grid", "random", "tpe")


@dataclass(frozen=True, slots=True)
class Values:
    """Some values of a setting, each once."""

    setting: Setting
    values: tuple[Any, ...]

    @property
    def corners(self) -> tuple[Any, ...]:
        """The values with which all settings together are checked."""
        return self.values

    def __str__(self) -> str:
        texts = (write(self.setting, value) for value in self.values)
        return f"{self.setting.label} {', '.join(texts)}"


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`, both included; whole ones for a setting of whole numbers.

    is_log: whether to search the logarithm, because the setting is one of orders of magnitude.
    """

    setting: Setting
    low: float
    high: float

    @property
    def corners(self) -> tuple[Any, ...]:
        return self.low, self.high

    @property
    def is_whole(self) -> bool:
        return isinstance(self.setting.kind, Whole)

    @property
    def is_log(self) -> bool:
        kind = self.setting.kind
        assert isinstance(kind, Real | Whole)
        return self.low > 0 and not isinstance(kind.grid, Even)

    def __str__(self) -> str:
        return f"{self.setting.label} {self.setting.write(self.low)} to " + self.setting.write(
            self.high
        )


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """What a sweep searches, in the order in which it was given."""

    dimensions: tuple[Values | Range, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The settings that are searched."""
        return tuple(one.setting.name for one in self.dimensions)

    @property
    def has_ranges(self) -> bool:
        return any(isinstance(one, Range) for one in self.dimensions)

    @property
    def combinations(self) -> float:
        """How many there are; infinite with a range."""
        if self.has_ranges:
            return math.inf
        return math.prod(len(one.corners) for one in self.dimensions)

    def grid(self) -> Iterator[dict[str, Any]]:
        """Yields all combinations, the last setting changing first. There must be no range."""
        yield from self._products([one.corners for one in self.dimensions])

    def check(
        self, config: Config, fits: Callable[[Config], object] = ignore, most: int = MOST
    ) -> None:
        """Raises ConfigError if settings contradict each other in some combination.

        fits: raises ConfigError if a config does not fit the data. Of more than `most`
        combinations, so many random ones are checked; of a range, only the ends.
        """
        corners = [one.corners for one in self.dimensions]
        count, refused, reason, example = 0, 0, "", ""
        for changes in self._samples(corners, most):
            count += 1
            try:
                fits(config.replace(**changes))
            except ConfigError as error:
                refused += 1
                if refused == 1:
                    reason, example = str(error), describe(changes)
        if refused:
            raise ConfigError(
                "set",
                f"{refused:,} of {count:,} combinations cannot be trained, such as {example}: "
                f"{reason}",
            )

    def as_json(self) -> list[list[Any]]:
        """Returns the dimensions for JSON: equal for equal search spaces."""
        return [
            [one.setting.name, "range", one.low, one.high]
            if isinstance(one, Range)
            else [one.setting.name, "values", *map(jsonable, one.values)]
            for one in self.dimensions
        ]

    @classmethod
    def from_json(cls, rows: Any) -> "SearchSpace":
        """Returns the search space that `as_json` described. Raises ConfigError or ValueError."""
        dimensions: list[Values | Range] = []
        for name, kind, *values in rows:
            setting = SETTINGS[name]
            checked = tuple(setting.check(from_json(value)) for value in values)
            if kind == "range":
                dimensions.append(Range(setting, *checked))
            else:
                dimensions.append(Values(setting, checked))
        return cls(tuple(dimensions))

    def __str__(self) -> str:
        return "; ".join(map(str, self.dimensions))

    def _products(self, options: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
        names = [one.setting.name for one in self.dimensions]
        for values in product(*options):
            yield dict(zip(names, values, strict=True))

    def _samples(self, options: list[tuple[Any, ...]], most: int) -> Iterator[dict[str, Any]]:
        if math.prod(map(len, options)) <= most:
            yield from self._products(options)
            return
        rng = random.Random(0)
        names = [one.setting.name for one in self.dimensions]
        for _ in range(most):
            yield {name: rng.choice(some) for name, some in zip(names, options, strict=True)}


def write(setting: Setting, value: Any) -> str:
    """Returns the text of a value in `--set`."""
    text = setting.write(value)
    return text.replace(",", "-") if isinstance(setting.kind, Sizes) else text


def describe(changes: Mapping[str, Any]) -> str:
    """Returns settings in words: "learning rate 0.01, dropout 0.2"."""
    return ", ".join(
        f"{SETTINGS[name].label} {write(SETTINGS[name], value)}" for name, value in changes.items()
    )


def jsonable(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def from_json(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
