"""The trials of a study that are left: programs take them, and give back what they do not complete.

Each trial is completed once: if its program is gone, it waits again under its number, and the next
free program makes it.
"""

import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.config.config import SETTINGS
from core.experiments.search_space import Range, Values, write
from core.experiments.study_plan import StudyPlan
from core.experiments.study_storage import import_optuna
from core.experiments.trial import (
    HALF_RUN_KEY,
    OWNER_KEY,
    RESULT_KEY,
    SETTINGS_KEY,
    VOID,
    StartedTrial,
    as_json,
    settings_of,
    stored,
)
from core.runs.owner import Owner, owner_from

if TYPE_CHECKING:
    import optuna


class TrialQueue:
    """The trials of a study. owner: this program, which takes them."""

    def __init__(
        self,
        study: "optuna.Study",
        storage: "optuna.storages.RDBStorage",
        plan: StudyPlan,
        owner: Owner,
    ) -> None:
        self._study, self._storage, self._plan, self._owner = study, storage, plan, owner
        self._optuna = import_optuna()

    def take(self) -> StartedTrial | None:
        """Returns a trial to make now; None if all are done or being made."""
        while True:
            trials = stored(self._study)
            self._recover(trials)
            waiting = [trial for trial in stored(self._study) if trial.state.name == "WAITING"]
            for trial in waiting:
                if started := self._start(trial):
                    return started
            if not waiting and not self._add(trials):
                return None

    def give_back(self, started: StartedTrial) -> None:
        """Lets a trial that was not completed wait again."""
        self._wait_again(started.trial._trial_id)

    def _recover(self, trials: Iterable["optuna.trial.FrozenTrial"]) -> None:
        """Lets the trials wait again whose program is gone."""
        for trial in trials:
            if trial.state.name == "RUNNING":
                owner = owner_from(trial.user_attrs.get(OWNER_KEY))
                if owner is None or not owner.is_alive:
                    self._own(trial)
                    self._wait_again(trial._trial_id)

    def _own(self, trial: "optuna.trial.FrozenTrial") -> None:
        self._storage.set_trial_user_attr(trial._trial_id, OWNER_KEY, self._owner.as_dict())

    def _wait_again(self, trial_id: int) -> None:
        with suppress(self._optuna.exceptions.UpdateFinishedTrialError):
            waiting = self._optuna.trial.TrialState.WAITING
            self._storage.set_trial_state_values(trial_id, waiting)

    def _add(self, trials: list["optuna.trial.FrozenTrial"]) -> bool:
        """Adds a trial that waits; returns False if there are as many as planned."""
        settings = self._new(trials)
        if settings is None:
            return False
        attributes = {OWNER_KEY: self._owner.as_dict()}
        if settings:
            attributes[SETTINGS_KEY] = as_json(settings)
        self._study.enqueue_trial(_parameters(settings), attributes)
        return True

    def _new(self, trials: list["optuna.trial.FrozenTrial"]) -> dict[str, Any] | None:
        """Returns settings of a trial that nobody has begun; {} if the sampler chooses them."""
        if len(trials) >= self._plan.trials:
            return None
        if self._plan.sampler != "grid":
            return {}
        begun = {_key(settings_of(trial)) for trial in trials}
        return next((one for one in self._plan.space.grid() if _key(one) not in begun), None)

    def _start(self, waiting: "optuna.trial.FrozenTrial") -> StartedTrial | None:
        """Makes a waiting trial one of this program; returns None if another one was faster."""
        states = self._optuna.trial.TrialState
        owner = owner_from(waiting.user_attrs.get(OWNER_KEY))
        try:
            if owner is None or not owner.is_alive:  # else it would seem abandoned for a moment
                self._own(waiting)
            if not self._storage.set_trial_state_values(waiting._trial_id, states.RUNNING):
                return None
        except self._optuna.exceptions.UpdateFinishedTrialError:
            return None
        if not (owner and owner.is_this):
            self._own(waiting)
        before = [trial for trial in stored(self._study) if trial.number < waiting.number]
        settings = settings_of(waiting)
        same = self._plan.sampler == "grid" and any(settings_of(one) == settings for one in before)
        if same or len(before) >= self._plan.trials:  # two programs have begun the last one
            self._storage.set_trial_user_attr(waiting._trial_id, RESULT_KEY, {"state": VOID})
            self._storage.set_trial_state_values(waiting._trial_id, states.FAIL)
            return None
        self._study.sampler = self._sampler(waiting.number)
        trial = self._optuna.trial.Trial(self._study, waiting._trial_id)
        chosen = {one.setting.name: _suggest(trial, one) for one in self._plan.space.dimensions}
        if chosen != settings:
            trial.set_user_attr(SETTINGS_KEY, as_json(chosen))
        host, half_run = waiting.user_attrs.get(HALF_RUN_KEY) or ("", "")
        path = Path(half_run) if half_run and host == platform.node() else None
        config = self._plan.config.replace(**chosen)
        return StartedTrial(waiting.number, config, chosen, path, trial)

    def _sampler(self, number: int) -> Any:
        """Returns a sampler with a seed of its own for each trial, so that no two programs that
        share a study choose the same."""
        samplers = self._optuna.samplers
        seed = int(np.random.SeedSequence((self._plan.config.seed, number)).generate_state(1)[0])
        if self._plan.sampler == "tpe":
            return samplers.TPESampler(seed=seed)
        return samplers.RandomSampler(seed=seed)


def _suggest(trial: "optuna.trial.Trial", dimension: Values | Range) -> Any:
    setting = dimension.setting
    if isinstance(dimension, Values):
        texts = tuple(write(setting, value) for value in dimension.values)
        text = trial.suggest_categorical(setting.name, texts)
        return dimension.values[texts.index(text)]
    if dimension.is_whole:
        first, last = int(dimension.low), int(dimension.high)
        return trial.suggest_int(setting.name, first, last, log=dimension.is_log)
    low, high = dimension.low, dimension.high
    drawn = trial.suggest_float(setting.name, low, high, log=dimension.is_log)
    return min(max(float(f"{drawn:.3g}"), low), high)  # digits that a person can read and type


def _parameters(settings: Mapping[str, Any]) -> dict[str, str]:
    """Returns settings of a grid as Optuna's choices."""
    return {name: write(SETTINGS[name], value) for name, value in settings.items()}


def _key(settings: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(settings.items()))
