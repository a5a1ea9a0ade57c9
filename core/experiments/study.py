"""A study: the trials of a sweep in Optuna's storage, which several programs share.

Each trial is made once, whatever ends: one whose program is gone waits again, under its number, and
the next program that is free makes it anew.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from core.config.config import SETTINGS, Config
from core.errors import ConfigError, StudyError
from core.experiments.search_space import (
    Range,
    from_json,
    jsonable,
    write,
)
from core.experiments.study_plan import VERSION, Plan
from core.experiments.study_storage import import_optuna, open_storage, shown, storage_errors
from core.runs.owner import Owner, owner_from, this_program
from core.text import printable

if TYPE_CHECKING:
    import optuna

_FEWEST = 20  # complete trials that tell the importance of settings
_PLAN = "fashion_tui"  # attributes of Optuna's studies and trials
_OWNER, _HALF_RUN, _SETTINGS, _RESULT = "owner", "half_run", "settings", "result"
_VOID = "void"  # the state of a trial that two programs have begun at once


@dataclass(frozen=True, slots=True)
class TrialResult:
    """A trial that is done.

    state: "complete", "pruned", "diverged" or "failed". accuracy: the best validation accuracy,
    0..1; None if no epoch was completed. run: the name of its kept run. message: why it failed.
    """

    number: int
    state: str
    settings: dict[str, Any]
    accuracy: float | None
    run: str | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class StartedTrial:
    """A trial that this program is to make.

    half_run: the file of what its last program kept of it here before it was killed.
    """

    number: int
    config: Config
    settings: dict[str, Any]
    half_run: Path | None
    trial: "optuna.trial.Trial"


class Study:
    """The study with a name in a storage: creates it, or goes on with it.

    wanted: returns what to do, given the plan of the study so far, or None if there is no study.
    It may change the number of trials and a sampler that is no grid, but nothing else. What it
    raises is passed on, and then nothing was written.

    Raises StudyError if the study or the storage cannot be used.
    """

    def __init__(self, url: str, name: str, wanted: Callable[[Plan | None], Plan]) -> None:
        self.url, self.name = url, name
        self._optuna = import_optuna()
        self._owner = this_program()
        self._prunes = False
        with storage_errors(url):
            self._storage = open_storage(url)
            try:
                self._study, self.plan, self.is_new = self._open(wanted)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Releases the storage."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def results(self) -> list[TrialResult]:
        """Returns the trials that are done, in the order of their numbers."""
        found = []
        for trial in self._trials():
            if trial.state.is_finished() and (result := trial.user_attrs.get(_RESULT)):
                found.append(
                    TrialResult(
                        trial.number,
                        result["state"],
                        _settings(trial),
                        result["accuracy"],
                        result["run"],
                        result["message"],
                    )
                )
        return found

    def elsewhere(self) -> list[Owner]:
        """Returns the other programs that make trials now, one for each trial."""
        running = [trial for trial in self._trials() if trial.state.name == "RUNNING"]
        owners = [owner_from(trial.user_attrs.get(_OWNER)) for trial in running]
        return [owner for owner in owners if owner and owner.is_alive and not owner.is_this]

    def next_trial(self) -> StartedTrial | None:
        """Returns a trial to make now; None if all are done or being made."""
        with storage_errors(self.url):
            while True:
                trials = self._trials()
                self._recover(trials)
                waiting = [trial for trial in self._trials() if trial.state.name == "WAITING"]
                if not waiting:
                    settings = self._new(trials)
                    if settings is None:
                        return None
                    attributes = {_OWNER: self._owner.as_dict()}
                    if settings:
                        attributes[_SETTINGS] = _as_json(settings)
                    self._study.enqueue_trial(_parameters(settings), attributes)
                    continue
                for trial in waiting:
                    if started := self._take(trial):
                        return started

    def note_run(self, started: StartedTrial, path: Path) -> None:
        """Notes the file of the run of a trial as soon as it has one."""
        with self._writing():
            started.trial.set_user_attr(_HALF_RUN, [platform.node(), str(path.absolute())])

    def note_epoch(self, started: StartedTrial, epoch: int, accuracy: float) -> bool:
        """Takes the validation accuracy after an epoch; returns whether to prune the trial."""
        if self._prunes:
            with self._writing():
                started.trial.report(accuracy, epoch)
                return bool(started.trial.should_prune())
        return False

    def note_life(self, running: Iterable[StartedTrial]) -> None:
        """Notes that this program is still there. Call it every ten seconds or so."""
        owner = this_program(self._owner.since).as_dict()
        for started in running:
            with self._writing():
                started.trial.set_user_attr(_OWNER, owner)

    def finish(
        self, started: StartedTrial, state: str, accuracy: float | None, run: str | None, why: str
    ) -> TrialResult:
        """Notes the result of a trial, and returns it: the first one counts, if another program
        took this one for gone."""
        states = self._optuna.trial.TrialState
        values = {"state": state, "accuracy": accuracy, "run": run, "message": why}
        told = {"complete": states.COMPLETE, "pruned": states.PRUNED}.get(state, states.FAIL)
        with self._writing():
            started.trial.set_user_attr(_RESULT, values)
            with suppress(ValueError):  # another program makes it now
                value = accuracy if told is states.COMPLETE else None
                self._study.tell(started.trial, value, told)
            return TrialResult(started.number, state, started.settings, accuracy, run, why)
        return next(result for result in self.results() if result.number == started.number)

    def give_back(self, started: StartedTrial) -> None:
        """Lets a trial that was not completed wait again."""
        with storage_errors(self.url):
            self._wait_again(started.trial._trial_id)

    def importances(self) -> dict[str, float]:
        """Returns the share of each searched setting in what puts a trial among the best quarter,
        the largest first.

        Empty if fewer than _FEWEST trials are complete, or all are equally good. Source: Watanabe,
        Bansal and Hutter 2023, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in
        Arbitrary Subspaces", as Optuna computes it; its fANOVA would need scikit-learn.
        """
        names = [one.setting.name for one in self.plan.space.dimensions]
        complete = [result for result in self.results() if result.state == "complete"]
        accuracies = {result.accuracy for result in complete}
        if len(names) < 2 or len(complete) < _FEWEST or len(accuracies) < 2:
            return {}
        with storage_errors(self.url):
            evaluator = self._optuna.importance.PedAnovaImportanceEvaluator(target_quantile=0.25)
            try:
                found = self._optuna.importance.get_param_importances(
                    self._study, evaluator=evaluator, params=names
                )
            except (ValueError, RuntimeError):
                return {}
        return {name: float(share) for name, share in found.items() if np.isfinite(share)}

    def prune_with_median(self) -> None:
        """From now on, a trial is pruned after an epoch in which it is below the median of the
        trials before it; never in its first epoch, nor one of the first five trials."""
        self._study.pruner = self._optuna.pruners.MedianPruner(n_warmup_steps=2)
        self._prunes = True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A context that writes to a trial, or does nothing if another program has finished it."""
        with storage_errors(self.url), suppress(self._optuna.exceptions.UpdateFinishedTrialError):
            yield

    def _open(self, wanted: Callable[[Plan | None], Plan]) -> tuple["optuna.Study", Plan, bool]:
        optuna = self._optuna
        pruner = optuna.pruners.NopPruner()
        if self.name not in optuna.get_all_study_names(self._storage):
            plan = wanted(None)
            with suppress(optuna.exceptions.DuplicatedStudyError):  # by another program just now
                study = optuna.create_study(
                    study_name=self.name,
                    storage=self._storage,
                    direction="maximize",
                    pruner=pruner,
                )
                study.set_user_attr(_PLAN, plan.as_json())
                return study, plan, True
        study = optuna.load_study(study_name=self.name, storage=self._storage, pruner=pruner)
        before = self._plan_of(study)
        plan = wanted(before)
        if before and (differences := before.differences(plan)):
            raise StudyError(
                f"{self._where} is another: {'; '.join(differences)}. Give it the same options, or "
                "choose another name with --study"
            )
        if plan != before:
            study.set_user_attr(_PLAN, plan.as_json())
        return study, plan, False

    @property
    def _where(self) -> str:
        return f"the study {printable(self.name)} in {shown(self.url)}"

    def _plan_of(self, study: "optuna.Study") -> Plan | None:
        """Returns the plan of a study; None if its program has not come so far."""
        values = study.user_attrs.get(_PLAN)
        direction = study.direction.name
        if values is None and direction == "MAXIMIZE" and not study.get_trials(deepcopy=False):
            return None
        if not isinstance(values, dict):
            raise StudyError(
                f"{self._where} was not made by fashion-tui sweep; choose another name with --study"
            )
        try:
            if values["version"] != VERSION:
                raise ValueError
            return Plan.from_json(values)
        except (ConfigError, ValueError, TypeError, KeyError):
            program = printable(str(values.get("program", "unknown")))
            raise StudyError(
                f"{self._where} was made by another version of fashion-tui, {program}; choose "
                "another name with --study"
            ) from None

    def _trials(self) -> list["optuna.trial.FrozenTrial"]:
        """Returns the trials, without those that two programs have begun at once."""
        with storage_errors(self.url):
            found = self._study.get_trials(deepcopy=False)
        return [
            trial for trial in found if (trial.user_attrs.get(_RESULT) or {}).get("state") != _VOID
        ]

    def _recover(self, trials: Iterable["optuna.trial.FrozenTrial"]) -> None:
        """Lets the trials wait again whose program is gone."""
        for trial in trials:
            if trial.state.name == "RUNNING":
                owner = owner_from(trial.user_attrs.get(_OWNER))
                if owner is None or not owner.is_alive:
                    self._own(trial)
                    self._wait_again(trial._trial_id)

    def _own(self, trial: "optuna.trial.FrozenTrial") -> None:
        attributes = _OWNER, self._owner.as_dict()
        self._storage.set_trial_user_attr(trial._trial_id, *attributes)

    def _wait_again(self, trial_id: int) -> None:
        with suppress(self._optuna.exceptions.UpdateFinishedTrialError):
            waiting = self._optuna.trial.TrialState.WAITING
            self._storage.set_trial_state_values(trial_id, waiting)

    def _new(self, trials: list["optuna.trial.FrozenTrial"]) -> dict[str, Any] | None:
        """Returns settings of a trial that nobody has begun; {} if the sampler chooses them."""
        if len(trials) >= self.plan.trials:
            return None
        if self.plan.sampler != "grid":
            return {}
        begun = {_key(_settings(trial)) for trial in trials}
        return next((one for one in self.plan.space.grid() if _key(one) not in begun), None)

    def _take(self, waiting: "optuna.trial.FrozenTrial") -> StartedTrial | None:
        """Makes a waiting trial one of this program; returns None if another one was faster."""
        states = self._optuna.trial.TrialState
        owner = owner_from(waiting.user_attrs.get(_OWNER))
        try:
            if owner is None or not owner.is_alive:  # else it would seem abandoned for a moment
                self._own(waiting)
            if not self._storage.set_trial_state_values(waiting._trial_id, states.RUNNING):
                return None
        except self._optuna.exceptions.UpdateFinishedTrialError:
            return None
        if not (owner and owner.is_this):
            self._own(waiting)
        before = [trial for trial in self._trials() if trial.number < waiting.number]
        settings = _settings(waiting)
        same = self.plan.sampler == "grid" and any(_settings(one) == settings for one in before)
        if same or len(before) >= self.plan.trials:  # two programs have begun the last one
            self._storage.set_trial_user_attr(waiting._trial_id, _RESULT, {"state": _VOID})
            self._storage.set_trial_state_values(waiting._trial_id, states.FAIL)
            return None
        self._study.sampler = self._sampler(waiting.number)
        trial = self._optuna.trial.Trial(self._study, waiting._trial_id)
        chosen = {
            one.setting.name: _suggest(trial, one, self._optuna)
            for one in self.plan.space.dimensions
        }
        if chosen != settings:
            trial.set_user_attr(_SETTINGS, _as_json(chosen))
        host, half_run = waiting.user_attrs.get(_HALF_RUN) or ("", "")
        path = Path(half_run) if half_run and host == platform.node() else None
        config = self.plan.config.replace(**chosen)
        return StartedTrial(waiting.number, config, chosen, path, trial)

    def _sampler(self, number: int) -> Any:
        """Returns a sampler with a seed of its own for each trial, so that no two programs that
        share a study choose the same."""
        samplers = self._optuna.samplers
        seed = int(np.random.SeedSequence((self.plan.config.seed, number)).generate_state(1)[0])
        if self.plan.sampler == "tpe":
            return samplers.TPESampler(seed=seed)
        return samplers.RandomSampler(seed=seed)


def _suggest(trial: "optuna.trial.Trial", dimension: Any, optuna: Any) -> Any:
    setting = dimension.setting
    if not isinstance(dimension, Range):
        texts = tuple(write(setting, value) for value in dimension.values)
        text = trial.suggest_categorical(setting.name, texts)
        return dimension.values[texts.index(text)]
    if dimension.is_whole:
        first, last = int(dimension.low), int(dimension.high)
        return trial.suggest_int(setting.name, first, last, log=dimension.is_log)
    low, high = dimension.low, dimension.high
    drawn = trial.suggest_float(setting.name, low, high, log=dimension.is_log)
    return min(max(float(f"{drawn:.3g}"), low), high)  # digits that a person can read and type


def _settings(trial: "optuna.trial.FrozenTrial") -> dict[str, Any]:
    values = trial.user_attrs.get(_SETTINGS) or {}
    return {name: from_json(value) for name, value in values.items()}


def _as_json(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: jsonable(value) for name, value in settings.items()}


def _parameters(settings: Mapping[str, Any]) -> dict[str, str]:
    """Returns settings of a grid as Optuna's choices."""
    return {name: write(SETTINGS[name], value) for name, value in settings.items()}


def _key(settings: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(settings.items()))
