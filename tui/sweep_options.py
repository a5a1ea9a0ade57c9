"""What `fashion-tui sweep` was asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.config.config import SETTINGS, WITHOUT_EFFECT
from core.errors import ConfigError
from core.experiments.search_parser import parse
from core.experiments.search_space import SearchSpace
from core.experiments.sweep_request import check_name, number

_OTHERS = ("resume", "at")


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """What to sweep. None stands for the study's own, or a default.

    given: the names of the settings that are not searched and were given.
    """

    space: SearchSpace | None
    sampler: str | None
    trials: int | None
    jobs: int
    prune: bool
    study: str | None
    storage: str | None
    given: frozenset[str]

    @classmethod
    def parsed(cls, values: Mapping[str, Any]) -> "SweepOptions":
        """Raises ConfigError if a value cannot be used."""
        for name in _OTHERS:
            if name in values:
                raise ConfigError("sweep", f"a sweep trains new runs; leave out --{name}")
        space = parse(values["set"]) if "set" in values else None
        given = {name for name in SETTINGS if name in values}
        for one in space.dimensions if space else ():
            if one.setting.name in given:
                raise ConfigError(
                    "set", f"--set searches {one.setting.option}; leave out --{one.setting.option}"
                )
        study = values.get("study")
        if study is not None:
            check_name(study)
        if space is None and study is None:
            raise ConfigError(
                "set",
                "enter what to search, such as --set learning-rate=0.001,0.003,0.01, or the "
                "--study to continue",
            )
        return cls(
            space,
            values.get("sampler"),
            _number(values, "trials"),
            _number(values, "jobs") or 1,
            values.get("prune", False),
            study,
            values.get("storage"),
            frozenset(SETTINGS if {"preset", "config"} & values.keys() else given - WITHOUT_EFFECT),
        )


def _number(values: Mapping[str, Any], name: str) -> int | None:
    return number(name, values[name]) if name in values else None
