"""What is known of a sweep that runs in another process: a value that its events bring up to date.

Pure, so that a screen only draws it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from core.experiments.search_space import describe
from core.experiments.spread import Spread, verdict_on_best
from core.experiments.study_plan import StudyPlan
from core.experiments.sweep import Note, TrialProgress
from core.experiments.trial import TrialResult

SweepPhase = Literal["starting", "training", "stopping", "ended"]


@dataclass(frozen=True, slots=True)
class SweepStarted:
    """The study is open. notes: sentences about what was decided."""

    study: str
    plan: StudyPlan
    is_new: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportancesFound:
    """How much each setting matters, see `Study.importances`."""

    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SweepEnded:
    """The process of the sweep makes no more trials.

    fault: why it had to end, or "". elsewhere: how many trials other programs make now.
    """

    fault: str = ""
    elsewhere: int = 0


SweepEvent = SweepStarted | TrialProgress | TrialResult | Note | ImportancesFound | SweepEnded


@dataclass(frozen=True, slots=True)
class SweepState:
    """A sweep at one moment.

    jobs: how many trials it trains at a time. is_new: whether the study began with it. results: the
    trials that are done, by number; running: those that this program trains. notes: sentences about
    what was decided, repaired or went wrong. epochs: completed by this program so far. importances:
    see `Study.importances`. elsewhere: how many trials other programs make at the end.
    """

    phase: SweepPhase = "starting"
    study: str = ""
    jobs: int = 1
    is_new: bool = True
    plan: StudyPlan | None = None
    results: Mapping[int, TrialResult] = field(default_factory=dict)
    running: Mapping[int, TrialProgress] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    importances: Mapping[str, float] = field(default_factory=dict)
    fault: str = ""
    elsewhere: int = 0
    epochs: int = 0

    def after(self, event: SweepEvent) -> "SweepState":
        """Returns the state after an event."""
        match event:
            case SweepStarted():
                return replace(
                    self,
                    phase="training" if self.phase == "starting" else self.phase,
                    study=event.study,
                    is_new=event.is_new,
                    plan=event.plan,
                    notes=event.notes,
                )
            case TrialProgress():
                running = {**self.running, event.number: event}
                before = self.running.get(event.number)
                new = max(event.epoch - (before.epoch if before else 0), 0)
                return replace(self, running=running, epochs=self.epochs + new)
            case TrialResult():
                others = {n: trial for n, trial in self.running.items() if n != event.number}
                return replace(self, results={**self.results, event.number: event}, running=others)
            case Note(text):
                return replace(self, notes=(*self.notes, text))
            case ImportancesFound(shares):
                return replace(self, importances=shares)
            case SweepEnded(fault, elsewhere):
                return replace(self, phase="ended", running={}, fault=fault, elsewhere=elsewhere)

    @property
    def ranked(self) -> list[TrialResult | TrialProgress]:
        """All trials, the best first: complete ones and those that train by their accuracy, then
        pruned ones, then those without a result."""
        return sorted((*self.results.values(), *self.running.values()), key=_rank)

    @property
    def best(self) -> TrialResult | None:
        """The complete trial with the highest accuracy."""
        complete = [one for one in self.results.values() if one.state == "complete"]
        return min(complete, key=_rank, default=None)

    @property
    def left(self) -> int:
        """How many trials have no result yet."""
        return max((self.plan.trials if self.plan else 0) - len(self.results), 0)

    @property
    def is_active(self) -> bool:
        return self.phase != "ended"

    def seconds_left(self, elapsed: float) -> float | None:
        """Returns how long the trials that are left take, at the pace so far.

        elapsed: seconds since the first epoch was complete; the time before it, in which the
        processes start, does not count. None before the second one.
        """
        if self.plan is None or self.epochs < 2:
            return None
        epochs = self.left * self.plan.epochs - sum(one.epoch for one in self.running.values())
        return max(epochs, 0) * elapsed / (self.epochs - 1)

    @property
    def spreads(self) -> list[tuple[str, Spread]]:
        """Of a sweep over seeds: see `spreads_over_seeds`."""
        return spreads_over_seeds(self.plan, self.results.values()) if self.plan else []

    @property
    def verdict(self) -> str:
        """Whether the best two settings differ by more than the spread of their seeds, or ""."""
        return verdict_on_best(self.spreads) or ""


def spreads_over_seeds(plan: StudyPlan, results: Iterable[TrialResult]) -> list[tuple[str, Spread]]:
    """Returns each of the settings other than the seed, in words, with the spread of its
    accuracies, the best first. Empty if the seed is not searched.

    The words are "" if nothing but the seed is searched. A seed counts once, because a trial with
    the settings of an earlier one gives the same result.
    """
    if "seed" not in plan.space.names:
        return []
    groups: dict[str, dict[Any, float]] = {}
    for result in results:
        if result.state == "complete" and result.accuracy is not None:
            others = {name: v for name, v in result.settings.items() if name != "seed"}
            groups.setdefault(describe(others), {})[result.settings["seed"]] = result.accuracy
    found = [(name, Spread(tuple(values.values()))) for name, values in groups.items()]
    return sorted(found, key=lambda pair: -pair[1].mean)


def about_repeated(results: Iterable[TrialResult]) -> str:
    """Returns how many trials have the settings of an earlier one, in words; "" if none has.

    The samplers random and tpe may draw a combination again, whose run is then the same.
    """
    found = [describe(result.settings) for result in results if result.settings]
    count = len(found) - len(set(found))
    if not count:
        return ""
    trials = f"{count:,} trial{'s repeat' if count > 1 else ' repeats'}"
    return f"{trials} the settings of earlier ones; a grid trains each combination once"


def _rank(trial: TrialResult | TrialProgress) -> tuple[int, float, int]:
    order = {"complete": 0, "pruned": 1}
    group = order.get(trial.state, 2) if isinstance(trial, TrialResult) else 0
    known = trial.accuracy is not None
    return group if known else 2, -(trial.accuracy or 0.0), trial.number
