"""A study: the trials of a sweep in Optuna's storage, which several programs share."""

import platform
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from core.errors import ConfigError, StudyError
from core.experiments.study_plan import VERSION, StudyPlan
from core.experiments.study_storage import import_optuna, open_storage, shown, storage_errors
from core.experiments.trial import (
    HALF_RUN_KEY,
    OWNER_KEY,
    RESULT_KEY,
    StartedTrial,
    TrialResult,
    result_of,
    stored,
)
from core.experiments.trial_queue import TrialQueue
from core.runs.owner import Owner, owner_from, this_program
from core.text import printable

if TYPE_CHECKING:
    import optuna

PRUNES_FROM = 5
"""Complete trials to compare with, from which trials are pruned."""

_FEWEST = 20  # complete trials, from which the importance of settings is computed
_PATIENCE = 3.0  # seconds for another program, which has just made the study, to store its plan
_PLAN = "fashion_tui"  # an attribute of the study in the storage


class Study:
    """The study with a name in a storage: creates it, or continues it.

    wanted: returns what to do, given the plan of the study so far, or None if there is no study.
    It may change the number of trials, but not below those that are there, and the sampler unless
    one is a grid, but nothing else. An error that it raises is passed on, and nothing is written.

    Raises StudyError if the study or the storage cannot be used.
    """

    def __init__(
        self, url: str, name: str, wanted: Callable[[StudyPlan | None], StudyPlan]
    ) -> None:
        self.url, self.name = url, name
        self._optuna = import_optuna()
        self._owner = this_program()
        self._prunes = False
        with storage_errors(url):
            self._storage = open_storage(url)
            try:
                self._study, self.plan, self.is_new = self._open(wanted)
                self._queue = TrialQueue(self._study, self._storage, self.plan, self._owner)
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
        return [result for trial in self._trials() if (result := result_of(trial))]

    def elsewhere(self) -> list[Owner]:
        """Returns the other programs that make trials now, one for each trial."""
        running = [trial for trial in self._trials() if trial.state.name == "RUNNING"]
        owners = [owner_from(trial.user_attrs.get(OWNER_KEY)) for trial in running]
        return [owner for owner in owners if owner and owner.is_alive and not owner.is_this]

    def compared(self) -> int:
        """Returns how many complete trials noted their epochs, so that pruning compares with
        them."""
        trials = self._trials()
        return sum(
            trial.state.name == "COMPLETE" and bool(trial.intermediate_values) for trial in trials
        )

    def next_trial(self) -> StartedTrial | None:
        """Returns a trial to make now; None if all are done or being made."""
        with storage_errors(self.url):
            return self._queue.take()

    def note_run(self, started: StartedTrial, path: Path) -> None:
        """Notes the file that the run of a trial will have, so that it is never unknown."""
        with self._writing():
            started.trial.set_user_attr(HALF_RUN_KEY, [platform.node(), str(path.absolute())])

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
                started.trial.set_user_attr(OWNER_KEY, owner)

    def finish(
        self, started: StartedTrial, state: str, accuracy: float | None, run: str | None, why: str
    ) -> TrialResult:
        """Stores the result of a trial and returns it, or the result that another program has
        stored, if it assumed that this one was gone."""
        states = self._optuna.trial.TrialState
        values = {"state": state, "accuracy": accuracy, "run": run, "message": why}
        final = {"complete": states.COMPLETE, "pruned": states.PRUNED}.get(state, states.FAIL)
        with self._writing():
            started.trial.set_user_attr(RESULT_KEY, values)
            with suppress(ValueError):  # another program makes it now
                value = accuracy if final is states.COMPLETE else None
                self._study.tell(started.trial, value, final)
            return TrialResult(started.number, state, started.settings, accuracy, run, why)
        return next(result for result in self.results() if result.number == started.number)

    def give_back(self, started: StartedTrial) -> None:
        """Lets a trial that was not completed wait again."""
        with storage_errors(self.url):
            self._queue.give_back(started)

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
        """From now on, a trial is pruned after an epoch in which it is below the median of
        PRUNES_FROM or more complete trials that were made with pruning; never in its first
        epoch."""
        self._study.pruner = self._optuna.pruners.MedianPruner(
            n_startup_trials=PRUNES_FROM, n_warmup_steps=2, n_min_trials=PRUNES_FROM
        )
        self._prunes = True

    def _trials(self) -> list["optuna.trial.FrozenTrial"]:
        with storage_errors(self.url):
            return stored(self._study)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A context that writes to a trial, or does nothing if another program has finished it."""
        with storage_errors(self.url), suppress(self._optuna.exceptions.UpdateFinishedTrialError):
            yield

    def _open(
        self, wanted: Callable[[StudyPlan | None], StudyPlan]
    ) -> tuple["optuna.Study", StudyPlan, bool]:
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
        before, deadline = self._plan_of(study), time.monotonic() + _PATIENCE
        while before is None and time.monotonic() < deadline:
            time.sleep(0.05)
            before = self._plan_of(study)
        plan = wanted(before)
        if before and (differences := before.differences(plan)):
            raise StudyError(
                f"{self._where} is for another sweep: {'; '.join(differences)}. Give it the "
                "same options, or choose another name with --study"
            )
        # Trials that are there stay.
        plan = replace(plan, trials=max(plan.trials, len(stored(study))))
        if plan != before:
            study.set_user_attr(_PLAN, plan.as_json())
        return study, plan, False

    @property
    def _where(self) -> str:
        return f"the study {printable(self.name)} in {shown(self.url)}"

    def _plan_of(self, study: "optuna.Study") -> StudyPlan | None:
        """Returns the plan of a study; None if it is not stored yet."""
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
            return StudyPlan.from_json(values)
        except (ConfigError, ValueError, TypeError, KeyError):
            program = printable(str(values.get("program", "unknown")))
            raise StudyError(
                f"{self._where} was made by another version of fashion-tui, {program}; choose "
                "another name with --study"
            ) from None
