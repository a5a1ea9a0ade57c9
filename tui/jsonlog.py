"""The run as JSON, one object a line: for other programs, and to compare runs."""

import json
import math
import os
import sys
from typing import Any, TextIO

from core.errors import DataError
from core.events import Evaluation, Step
from core.metrics import confusion_matrix
from core.trainer import Trainer


def discard_output() -> None:
    """Sends standard output nowhere, for Python writes what is left of it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class JsonLog:
    """Writes to a file, to standard output for "-", or nowhere for None.

    Raises DataError if the file cannot be opened. Should writing fail later (a full disk),
    it says so once in `trouble` and the run goes on.
    """

    def __init__(self, target: str | None) -> None:
        self.trouble: str | None = None
        self._name = "standard output" if target == "-" else str(target)
        self._file: TextIO | None = None
        if target == "-":
            self._file = sys.stdout
        elif target is not None:
            try:
                self._file = open(target, "w", encoding="utf-8")  # noqa: SIM115
            except OSError as error:
                raise DataError(f"{target} cannot be written: {error.strerror}") from error

    def start(self, trainer: Trainer) -> None:
        self._write(
            event="start",
            config=trainer.config.as_dict(),
            parameters=trainer.network.parameters.size,
            train_images=len(trainer.training),
            heldout=trainer.watched.name,
            heldout_images=len(trainer.watched),
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
            heldout_loss=step.evaluation.loss,
            heldout_accuracy=step.evaluation.accuracy,
        )

    def end(self, trainer: Trainer, reason: str, test: Evaluation) -> None:
        # A diverged network may have no finite answer at all; then there is none to report.
        healthy = math.isfinite(test.loss)
        self._write(
            event="end",
            reason=reason,
            epoch=trainer.epochs,
            step=trainer.steps,
            seconds=trainer.seconds,
            test_loss=test.loss if healthy else None,
            test_accuracy=test.accuracy if healthy else None,
            confusion=confusion_matrix(test).tolist() if healthy else None,
            class_names=trainer.dataset.class_names,
        )
        if self._file not in (None, sys.stdout):
            self._file.close()

    def _write(self, **values: Any) -> None:
        if self._file is None:
            return
        values = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in values.items()
        }
        try:
            self._file.write(json.dumps(values, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            self.trouble = f"{self._name} is incomplete from here on: {error.strerror}"
            if self._file is sys.stdout:
                discard_output()
            self._file = None
