"""The run as JSON, one object a line: for other programs, and to compare runs."""

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
    """Writes to a file, to standard output for "-", or nowhere for None.

    Raises DataError if the file cannot be opened. Should writing fail later (a full disk),
    `trouble` says so and the run goes on.
    """

    def __init__(self, target: str | None) -> None:
        self._file: TolerantStream | None = None
        self._standard = target == "-"
        if target is not None and not self._standard:
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
        """Why the file is incomplete."""
        return self._file.trouble if self._file else None

    def start(self, trainer: Trainer) -> None:
        self._write(
            event="start",
            config=trainer.config.as_dict(),
            parameters=trainer.network.parameters.size,
            train_images=len(trainer.training_set),
            heldout=trainer.evaluation_set.name,
            heldout_images=len(trainer.evaluation_set),
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

    def end(self, trainer: Trainer, why: str, test: Evaluation) -> None:
        # A diverged network may have no finite answer at all; then there is none to report.
        last_healthy_step = math.isfinite(test.loss)
        self._write(
            event="end",
            reason=why,
            epoch=trainer.epochs,
            step=trainer.steps,
            seconds=trainer.seconds,
            test_loss=test.loss if last_healthy_step else None,
            test_accuracy=test.accuracy if last_healthy_step else None,
            confusion=confusion_matrix(test).tolist() if last_healthy_step else None,
            class_names=trainer.dataset.class_names,
        )

    def _write(self, **values: Any) -> None:
        values = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in values.items()
        }
        out = sys.stdout if self._standard else self._file
        if out:
            out.write(json.dumps(values, allow_nan=False) + "\n")
