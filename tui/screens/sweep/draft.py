"""What a person has entered for a sweep: texts, and the request that they make. No screen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.config.config import SETTINGS, Config
from core.config.settings import Setting
from core.data.dataset import Dataset
from core.data.reading import Reading
from core.errors import ConfigError
from core.experiments.search_parser import is_searchable, parse
from core.experiments.search_space import SearchSpace
from core.experiments.study_plan import StudyPlan, plan_from
from core.experiments.sweep_request import (
    SweepRequest,
    check_name,
    memory_check,
    number,
    threads_per_job,
)
from core.experiments.trained_run import check_validates
from core.nn.blas_threads import usable_cores
from core.runs.summary import by_importance
from core.text import capitalized
from core.types import ignore

AUTOMATIC = "automatic"
"""A grid, or tpe if there is a range."""

SEARCHED = tuple(SETTINGS[name] for name in by_importance(SETTINGS) if is_searchable(name))
"""The settings that can be searched, the main ones first."""


OPTIONS = ("epochs", "trials", "jobs", "study")
"""What is typed, besides the values to search."""


_CHECKED = 100  # combinations, each a millisecond at worst
_WORDS = ((" with --study", ""), ("leave out --", "clear "), ("add --", "choose "), ("--", ""))


@dataclass(frozen=True, slots=True)
class Where:
    """The data of the run on the screen, and where its runs are kept; None: nowhere.

    studies: the names of those that are known, the latest first.
    """

    data: Path
    reading: Reading
    runs: Path | None
    studies: Sequence[str] = ()


class SweepDraft:
    """The texts of the sweep screen. They stay when it is closed.

    texts: the values to search, by setting; "" if it is not searched. sampler: one of SAMPLERS, or
    AUTOMATIC. trials, epochs, jobs, study: as typed; "" stands for the default.
    """

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.sampler = AUTOMATIC
        self.trials = self.epochs = self.jobs = self.study = ""
        self.prune = False

    @property
    def searched(self) -> list[str]:
        """What is searched, as on the command line: "dropout=0,0.1"."""
        return [
            f"{one.option}={text}" for one in SEARCHED if (text := self.texts.get(one.name, ""))
        ]

    def space(self) -> SearchSpace | None:
        """Returns what to search; None for nothing. Raises ConfigError."""
        return parse(self.searched) if self.searched else None

    def config(self, base: Config) -> Config:
        """Returns the settings of the trials that are not searched. Raises ConfigError."""
        return base.replace(epochs=SETTINGS["epochs"].parse(self.epochs)) if self.epochs else base

    def request(self, base: Config, where: Where) -> SweepRequest:
        """Returns the sweep. base: the settings in the form. Raises ConfigError."""
        for name in OPTIONS:
            check_option(name, getattr(self, name))
        space, config = self.space(), self.config(base)
        if space is None and not self.study:
            raise ConfigError(
                "set", "enter values or a range beside a setting, or the name of a study"
            )
        if space and self.epochs and "epochs" in space.names:
            raise ConfigError("epochs", "epochs are searched; clear one of the two fields")
        jobs = number("jobs", self.jobs) if self.jobs else 1
        return SweepRequest(
            space,
            config,
            frozenset(SETTINGS if space else ["epochs"] if self.epochs else ()),
            None if self.sampler == AUTOMATIC else self.sampler,
            number("trials", self.trials) if self.trials else None,
            jobs,
            threads_per_job(jobs, config.threads),
            self.prune,
            self.study or None,
            None,
            where.data,
            where.reading,
            where.runs,
        )


def check_values(setting: Setting, text: str) -> None:
    """Raises ConfigError if a text has no values to search; none are fine."""
    if text.strip():
        parse([f"{setting.option}={text}"])


def check_option(name: str, text: str) -> None:
    """Raises ConfigError if the text of one of OPTIONS cannot be used; "" can."""
    if not text:
        return
    match name:
        case "study":
            check_name(text)
        case "epochs":
            SETTINGS["epochs"].parse(text)
        case _:
            number(name, text)


def plain(error: object) -> str:
    """Returns a sentence about an error, without the options of the command line."""
    text = str(error).removeprefix("--set: ")
    for option, words in _WORDS:
        text = text.replace(option, words)
    return capitalized(text)


def planned(request: SweepRequest, data: Dataset | None) -> StudyPlan | None:
    """Returns the plan of a new study; None if it continues one. Raises ConfigError.

    Of many combinations, some are checked; the sweep itself checks all. data: to check whether
    they fit in memory.
    """
    check_validates(request.config)
    if request.space is None:
        return None
    fits = memory_check(request.config, data) if data else ignore
    sampler, trials = request.sampler, request.trials
    return plan_from(request.space, request.config, sampler, trials, "", fits, _CHECKED)


def about(plan: StudyPlan | None, request: SweepRequest) -> str:
    """Says how many trials there are, and why so many."""
    if plan is None:
        return f"Continues the study {request.study}."
    epochs = f"{plan.epochs:g} epoch{'s' * (plan.epochs != 1)}"
    count = plan.space.combinations
    if plan.space.names == ("seed",) and count > 1:
        return f"Repeat: the same settings with {count:,} seeds, {epochs} each."
    runs = f"{plan.trials:,} run{'s' * (plan.trials != 1)} of {epochs}"
    if plan.sampler == "grid":
        return f"Each of {count:,} combinations once: {runs}."
    of = "numbers in the ranges" if math.isinf(count) else f"{count:,} combinations"
    how = "at random" if plan.sampler == "random" else "mostly near good results"
    again = ", some of them more than once" if plan.trials > count else ""
    return f"{runs}, drawn from {of}, {how}{again}."


def estimate(
    plan: StudyPlan | None,
    request: SweepRequest,
    images: int,
    speed: float,
    epoch_seconds: float | None = None,
) -> str:
    """Says about how long that takes.

    images: of the training set; speed: images a second of the run on the screen, 0 if it is
    unknown; then epoch_seconds, how long an epoch took in the last sweep, is used if it is known.
    """
    if plan is None:
        return ""
    if not speed and epoch_seconds is None:
        return "A time estimate appears after the first epoch."
    at_once = min(request.jobs, usable_cores(), plan.trials)
    epoch = images / speed if speed else epoch_seconds or 0.0
    seconds = plan.trials * plan.epochs * epoch / at_once
    whose = "current run" if speed else "last sweep"
    processes = "a process" if at_once == 1 else f"{at_once} processes"
    return (
        f"About {duration(seconds)} at the {whose}'s speed, plus a few seconds to start "
        f"{processes}."
    )


def duration(seconds: float) -> str:
    """Returns a time in its largest unit: "40 s", "3 min", "2.5 h"."""
    if seconds < 60:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 86_400 else f"{seconds / 86_400:.1f} days"
