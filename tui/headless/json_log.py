"""The log of a run as JSON, one object per line, for other programs."""

import json
import math
import os
import sys
from typing import Any, Self

from core.errors import DataError, os_reason
from core.events import Evaluation, Step
from core.metrics import confusion_matrix
from core.training.trainer import Trainer
from tui.streams import TolerantStream


class JsonLog:
    """Writes the log to a file, to standard output for "-", or nowhere for None.

    Raises DataError if the file cannot be opened. If writing fails later, for example because the
    disk is full, `trouble` holds the reason and the run continues.
    """

    def __init__(self, target: str | None) -> None:
        self._file: TolerantStream | None = None
        self._to_stdout = target == "-"
        if target is not None and not self._to_stdout:
            try:
                file = open(os.path.expanduser(target), "w", encoding="utf-8")  # noqa: SIM115
            except OSError as error:
                raise DataError(f"{target} cannot be written: {os_reason(error)}") from error
            self._file = TolerantStream(file, target)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._file:
            self._file.close()

    @property
    def trouble(self) -> str | None:
        """The reason why the file is incomplete, or None."""
        return self._file.trouble if self._file else None

    def start(self, trainer: Trainer) -> None:
        self._write(
            event="start",
            config=trainer.config.as_dict(),
            parameters=trainer.network.parameters.size,
            train_images=len(trainer.training_set),
            evaluation_set=trainer.evaluation_set.name,
            evaluation_images=len(trainer.evaluation_set),
        )

    def epoch(self, step: Step, train_loss: float, train_accuracy: float, speed: float) -> None:
        assert step.evaluation is not None
        self._write(
            event="epoch",
            epoch=step.epoch,
            step=step.step,
            seconds=step.seconds,
            images_per_second=speed,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            evaluation_loss=step.evaluation.loss,
            evaluation_accuracy=step.evaluation.accuracy,
        )

    def end(self, trainer: Trainer, reason: str, test: Evaluation) -> None:
        # A diverged network may have no finite outputs, and then no results to report.
        is_finite = math.isfinite(test.loss)
        self._write(
            event="end",
            reason=reason,
            epoch=trainer.epochs,
            step=trainer.steps,
            seconds=trainer.seconds,
            test_loss=test.loss if is_finite else None,
            test_accuracy=test.accuracy if is_finite else None,
            confusion=confusion_matrix(test).tolist() if is_finite else None,
            class_names=trainer.dataset.class_names,
        )

    def _write(self, **values: Any) -> None:
        values = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in values.items()
        }
        out = sys.stdout if self._to_stdout else self._file
        if out:
            out.write(json.dumps(values, allow_nan=False) + "\n")
