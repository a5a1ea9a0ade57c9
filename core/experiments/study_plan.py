"""The plan of a sweep: stored with its study, so that only the same sweep continues it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.config.config import SETTINGS, WITHOUT_EFFECT, Config
from core.errors import ConfigError
from core.experiments.search_space import (
    MOST,
    SAMPLERS,
    Range,
    SearchSpace,
    from_json,
    jsonable,
    write,
)
from core.types import ignore
from core.version import __version__

TRIALS = 20
"""How many trials the samplers random and tpe make by default."""

VERSION = 1
"""Of the format of a stored plan; others are refused."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The plan of a study. config: the settings of all trials but for those that are searched.
    fingerprint: of the data. trials: how many; for a grid, its combinations.
    """

    space: SearchSpace
    config: Config
    sampler: str
    trials: int
    fingerprint: str

    @property
    def epochs(self) -> float:
        """How many epochs a trial has on average, if none ends early."""
        for one in self.space.dimensions:
            if one.setting.name == "epochs":
                return sum(one.corners) / len(one.corners)
        return self.config.epochs

    def as_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "program": __version__,
            "space": self.space.as_json(),
            "config": {name: jsonable(value) for name, value in self.config.as_dict().items()},
            "sampler": self.sampler,
            "trials": self.trials,
            "fingerprint": self.fingerprint,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "StudyPlan":
        kept = {name: from_json(value) for name, value in values["config"].items()}
        config = Config.from_dict(kept)
        space = SearchSpace.from_json(values["space"])
        return cls(space, config, values["sampler"], values["trials"], values["fingerprint"])

    def differences(self, other: "StudyPlan") -> list[str]:
        """Returns how another plan differs: "its epochs is 5, now 10"."""
        found = []
        if self.space.as_json() != other.space.as_json():
            found.append(f"it searches {self.space}, and now you search {other.space}")
        names = {one.setting.name for one in (*self.space.dimensions, *other.space.dimensions)}
        for name, setting in SETTINGS.items():
            before, now = getattr(self.config, name), getattr(other.config, name)
            if before != now and name not in names | WITHOUT_EFFECT:
                found.append(
                    f"its {setting.label} is {write(setting, before)}, now {write(setting, now)}"
                )
        if self.sampler != other.sampler and "grid" in (self.sampler, other.sampler):
            found.append(f"its sampler is {self.sampler}, now {other.sampler}")
        if self.fingerprint != other.fingerprint:
            found.append("its data is different")
        return found


def plan_from(
    space: SearchSpace,
    config: Config,
    sampler: str | None,
    trials: int | None,
    fingerprint: str,
    fits: Callable[[Config], object] = ignore,
    most: int = MOST,
) -> StudyPlan:
    """Returns a plan.

    sampler: None is a grid, or tpe if there is a range. trials: None is all combinations of a grid,
    or TRIALS. fits, most: see SearchSpace.check.

    Raises ConfigError if grid, ranges and number of trials contradict each other.
    """
    chosen = sampler or ("tpe" if space.has_ranges else "grid")
    if chosen not in SAMPLERS:
        raise ConfigError("sampler", f"--sampler: enter one of {', '.join(SAMPLERS)}")
    if trials is not None and not 1 <= trials <= MOST:
        raise ConfigError("trials", f"--trials: enter a number from 1 to {MOST:,}")
    count = _grid_trials(space, trials) if chosen == "grid" else trials or TRIALS
    space.check(config, fits, most)
    return StudyPlan(space, config, chosen, count, fingerprint)


def _grid_trials(space: SearchSpace, trials: int | None) -> int:
    ranges = [one.setting.option for one in space.dimensions if isinstance(one, Range)]
    if ranges:
        raise ConfigError(
            "set",
            f"--set: a grid needs values, and {ranges[0]} has a range; enter VALUE,VALUE, or add "
            "--sampler random or tpe",
        )
    count = int(space.combinations)
    if count > MOST:
        raise ConfigError(
            "set",
            f"--set: the grid has {count:,} combinations, and a sweep at most {MOST:,} trials; "
            "enter fewer values, or add --sampler tpe --trials 50",
        )
    if trials not in (None, count):
        raise ConfigError(
            "trials",
            f"--trials: the grid has {count:,} combinations and trains each; leave out --trials, "
            "or add --sampler random or tpe",
        )
    return count
