"""One run of an experiment: trained to its end without a screen, and kept if you want it.

Every experiment that trains whole runs calls `train_run`, so that all of them measure the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.config.config import Config
from core.data.dataset import Dataset
from core.errors import ConfigError, Diverged
from core.events import Phase, PhaseChanged, Step
from core.runs.keeper import Keeper
from core.training.trainer import Trainer
from core.types import ignore

_PATIENCE = 90.0  # seconds for the end of a run to be written, and for `named`

RunState = Literal["complete", "pruned", "diverged", "stopped"]


@dataclass(frozen=True, slots=True)
class Keep:
    """Where to keep the runs of an experiment.

    data: the path of their dataset. report: called with a sentence if a run cannot be written.
    """

    directory: Path
    data: Path
    report: Callable[[str], object] = ignore


@dataclass(frozen=True, slots=True)
class TrainedRun:
    """The result of `train_run`.

    state: "pruned" if `should_continue` returned False after an epoch, "stopped" if within one.
    accuracy: the best validation accuracy of the epochs so far, 0..1; None before the first.
    epochs: those that are complete. run: the name under which it is kept; None if it is not.
    message: why it diverged, or "".
    """

    config: Config
    state: RunState
    accuracy: float | None
    epochs: int
    run: str | None
    message: str = ""


def check_validates(config: Config) -> None:
    """Raises ConfigError if there is no validation set: the test set must not choose settings."""
    if not config.validation:
        raise ConfigError(
            "validation",
            "experiments compare validation accuracies, and these settings have no validation "
            "images; add --validation 5000",
        )


def train_run(
    config: Config,
    dataset: Dataset,
    keep: Keep | None = None,
    *,
    threads: int = 0,
    should_continue: Callable[[Step], bool] = lambda step: True,
    named: Callable[[str], object] = ignore,
) -> TrainedRun:
    """Trains a new run to its end and returns what it reached. The test set is not used.

    threads: see Trainer. should_continue: called after each step; the run ends if it returns False.
    named: called in another thread with the name of the run, before it has a file; if it raises
    an error, the run is not kept.

    Raises ConfigError if the settings do not fit the data.
    """
    check_validates(config)
    trainer = Trainer(config, dataset, threads)
    keeper = None
    if keep:
        keeper = Keeper.start(
            keep.directory, trainer.started(), keep.data, keep.report, named=named
        )
    try:
        return _train(trainer, keeper, should_continue)
    finally:
        if keeper:
            keeper.close()


def _train(
    trainer: Trainer,
    keeper: Keeper | None,
    should_continue: Callable[[Step], bool],
) -> TrainedRun:
    accuracy: float | None = None
    state: RunState = "complete"
    message, name = "", None
    try:
        while not trainer.finished:
            step = trainer.step()
            if step.evaluation:
                accuracy = max(accuracy or 0.0, step.evaluation.accuracy)
            if keeper:
                keeper.add(step)
                if keeper.due(trainer.steps):
                    keeper.add_checkpoint(trainer.checkpoint())
            if not should_continue(step):
                if not trainer.finished:
                    state = "pruned" if step.evaluation else "stopped"
                break
    except Diverged as error:
        state, message = "diverged", str(error)
    if keeper:
        if trainer.stopped:
            keeper.add(trainer.evaluate(trainer.evaluation_set))  # with the weights it restored
        phase = {"complete": Phase.FINISHED, "diverged": Phase.DIVERGED}.get(state, Phase.PAUSED)
        keeper.add(PhaseChanged(phase, message or None))
        keeper.add_checkpoint(trainer.checkpoint())
        keeper.close(_PATIENCE)
        kept = keeper.path
        name = kept.stem if kept and not keeper.failed else None
    return TrainedRun(trainer.config, state, accuracy, trainer.epochs, name, message)
