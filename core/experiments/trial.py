"""A trial of a study: as this program makes it, as its result, and as Optuna stores it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config.config import Config
from core.errors import StudyError
from core.experiments.search_space import from_json, jsonable

if TYPE_CHECKING:
    import optuna

OWNER_KEY, HALF_RUN_KEY, SETTINGS_KEY, RESULT_KEY = "owner", "half_run", "settings", "result"
"""Attributes of a trial in the storage."""

VOID = "void"
"""The state of a trial that does not count, because two programs began the same one at once."""


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
    """A trial that this program trains.

    half_run: the file of what its last program kept of it here before it was killed.
    """

    number: int
    config: Config
    settings: dict[str, Any]
    half_run: Path | None
    trial: "optuna.trial.Trial"


def stored(study: "optuna.Study") -> list["optuna.trial.FrozenTrial"]:
    """Returns the trials of a study in the storage, without those that are void."""
    found = study.get_trials(deepcopy=False)
    return [one for one in found if _attribute(one, RESULT_KEY).get("state") != VOID]


def settings_of(trial: "optuna.trial.FrozenTrial") -> dict[str, Any]:
    """Returns the searched settings of a trial; {} until they are chosen."""
    return {name: from_json(value) for name, value in _attribute(trial, SETTINGS_KEY).items()}


def result_of(trial: "optuna.trial.FrozenTrial") -> TrialResult | None:
    """Returns the result of a trial; None if it has none."""
    values = _attribute(trial, RESULT_KEY)
    if not (values and trial.state.is_finished()):
        return None
    if not values.keys() >= {"state", "accuracy", "run", "message"}:
        raise _damaged(trial, RESULT_KEY)
    return TrialResult(
        trial.number,
        values["state"],
        settings_of(trial),
        values["accuracy"],
        values["run"],
        values["message"],
    )


def as_json(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Returns settings as they are stored."""
    return {name: jsonable(value) for name, value in settings.items()}


def _attribute(trial: "optuna.trial.FrozenTrial", name: str) -> dict[str, Any]:
    """Returns the values that a trial has in the storage; {} if it has none. Raises StudyError."""
    values = trial.user_attrs.get(name) or {}
    if not isinstance(values, dict):
        raise _damaged(trial, name)
    return values


def _damaged(trial: "optuna.trial.FrozenTrial", name: str) -> StudyError:
    return StudyError(f"trial {trial.number} of the study is damaged: its {name} cannot be read")
