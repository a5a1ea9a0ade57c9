"""Progress of a run without a screen: bars on a terminal, plain lines elsewhere."""

from time import monotonic
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from core.events import Step
from core.training.trainer import Trainer

_REFRESH_SECONDS = 0.1


class ProgressLines:
    """Prints one plain line after each epoch."""

    def __init__(self, trainer: Trainer, console: Console) -> None:
        self._trainer = trainer
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def step(self, step: Step) -> None:
        """Prints nothing after a single batch."""

    def epoch(self, step: Step, speed: float) -> None:
        self._console.print(epoch_line(step, speed, self._trainer.config.epochs), soft_wrap=True)


class ProgressBars:
    """Shows a bar for the epoch and one for the run, below a line for each finished epoch."""

    def __init__(self, trainer: Trainer, console: Console) -> None:
        self._trainer = trainer
        self._last_refresh = 0.0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TaskProgressColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=console,
            auto_refresh=False,
        )
        images = len(trainer.training_set)
        self._epoch = self._progress.add_task("epoch", total=images, figures="")
        self._run = self._progress.add_task("run", total=images * trainer.config.epochs, figures="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._progress.stop()

    def step(self, step: Step) -> None:
        last = step.position == step.epoch_size and step.epoch == self._trainer.config.epochs
        if monotonic() - self._last_refresh < _REFRESH_SECONDS and not last:
            return
        images = (step.epoch - 1) * step.epoch_size + step.position
        self._progress.update(
            self._epoch,
            description=f"epoch {step.epoch}/{self._trainer.config.epochs}",
            completed=step.position,
            figures=f"batch loss {step.loss:.3f}, accuracy {step.accuracy:.0%}",
        )
        self._progress.update(
            self._run,
            completed=images,
            total=step.epoch_size * self._trainer.config.epochs,
            figures=f"{images / step.seconds:,.0f} images/s",
        )
        self._progress.refresh()
        self._last_refresh = monotonic()

    def epoch(self, step: Step, speed: float) -> None:
        # Shorter than the plain line, so that it fits a terminal; the bars show the rest.
        evaluation = step.evaluation
        assert evaluation is not None
        self._progress.console.print(
            f"epoch {step.epoch}/{self._trainer.config.epochs}: "
            f"training loss {step.epoch_loss:.3f}, accuracy {step.epoch_accuracy:.1%}; "
            f"{evaluation.subset} loss {evaluation.loss:.3f}, accuracy {evaluation.accuracy:.1%}",
            soft_wrap=True,
        )


def epoch_line(step: Step, speed: float, epochs: int) -> str:
    """Returns the results of an epoch: the mean over its batches, and the evaluation after it."""
    assert step.evaluation is not None
    evaluation = step.evaluation
    return (
        f"epoch {step.epoch}/{epochs}  step {step.step:,}  "
        f"training loss {step.epoch_loss:.4f} accuracy {step.epoch_accuracy:.2%}  "
        f"{evaluation.subset} loss {evaluation.loss:.4f} accuracy {evaluation.accuracy:.2%}  "
        f"{speed:,.0f} images/s"
    )
