"""The log of a run as JSON, one object per line, for other programs."""

import errno
import os
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self, TextIO

from core.coach.finding_log import Noted
from core.errors import DataError, os_reason
from core.events import Evaluation, Step
from core.metrics import balanced_accuracy, confusion_matrix
from core.runs.description import fingerprint
from core.training.trainer import Trainer
from tui.headless.advice import as_object
from tui.headless.json_text import as_json
from tui.streams import TolerantStream


class JsonLog:
    """Writes the log to a file, to standard output for "-", or nowhere for None.

    A file that exists keeps its content until the first line is written, and a new one is removed
    if there is none.

    Raises DataError if the file cannot be opened, or exists and `force` is False. If writing fails
    later, for example because the disk is full, this is reported, `failed` becomes True, and the
    run continues.
    """

    def __init__(self, target: str | None, force: bool = False) -> None:
        self.to_stdout = target is not None and _is_stdout(target)
        self._is_new = target is not None and not os.path.exists(os.path.expanduser(target))
        self._file = None if target is None or self.to_stdout else _open(target, force)
        self._is_empty = True  # nothing was written
        self._stream = TolerantStream(self._file, target) if self._file and target else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._file:
            self._file.close()
            if self._is_new and self._is_empty:
                with suppress(OSError):
                    os.unlink(self._file.name)

    @property
    def failed(self) -> bool:
        """Whether the file is incomplete."""
        return self._stream is not None and self._stream.error is not None

    def start(self, trainer: Trainer) -> None:
        if not (self._stream or self.to_stdout):
            return  # the fingerprint takes a moment
        self.write(
            event="start",
            config=trainer.config.as_dict(),
            parameters=trainer.network.parameters.size,
            train_images=len(trainer.training_set),
            evaluation_set=trainer.evaluation_set.name,
            evaluation_images=len(trainer.evaluation_set),
            threads=trainer.team.threads,
            step_threads=trainer.step_threads,
            data=trainer.dataset.name,
            fingerprint=fingerprint(trainer.dataset),
            notes=trainer.notes,
        )

    def epoch(self, step: Step, speed: float) -> None:
        assert step.evaluation is not None
        self.write(
            event="epoch",
            epoch=step.epoch,
            step=step.step,
            seconds=step.seconds,
            images_per_second=speed,
            train_loss=step.epoch_loss,
            train_accuracy=step.epoch_accuracy,
            evaluation_loss=step.evaluation.loss,
            evaluation_accuracy=step.evaluation.accuracy,
        )

    def end(
        self,
        trainer: Trainer,
        reason: str,
        test: Evaluation | None,
        run: str | None,
        found: Sequence[Noted],
    ) -> None:
        """test: None if the network has no finite loss, and so no results to report.

        run: the name under which the run is kept, if it is. found: the findings of the coach.
        """
        self.write(
            event="end",
            reason=reason,
            run=run,
            epoch=trainer.epochs,
            step=trainer.steps,
            seconds=trainer.seconds,
            test_loss=test.loss if test else None,
            test_accuracy=test.accuracy if test else None,
            test_balanced_accuracy=balanced_accuracy(test) if test else None,
            confusion=confusion_matrix(test).tolist() if test else None,
            class_names=trainer.dataset.class_names,
            warnings=test.warnings if test else (),
            coach=[as_object(noted) for noted in found],
        )

    def write(self, **values: Any) -> None:
        """Writes one object."""
        if self._file and self._is_empty and stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
            self._file.truncate(0)
        self._is_empty = False
        out = sys.stdout if self.to_stdout else self._stream
        if out:
            out.write(as_json(values) + "\n")


def _is_stdout(target: str) -> bool:
    """Whether this is standard output, or another name of the file or pipe behind it."""
    if target == "-":
        return True
    try:
        file, stdout = os.stat(os.path.expanduser(target)), os.fstat(sys.stdout.fileno())
    except OSError:
        return False
    return os.path.samestat(file, stdout) and not stat.S_ISCHR(file.st_mode)


def _open(target: str, force: bool) -> TextIO:
    """Opens a new file, or with `force` any; or a device, or a pipe that a program reads from."""
    path = os.path.expanduser(target)
    exists = os.path.exists(path)
    if os.path.isfile(path) and not force:
        raise DataError(f"{target} exists; add --force to overwrite it")
    try:
        return open(path, "w" if exists else "x", encoding="utf-8", opener=_opener)
    except OSError as error:
        no_reader = error.errno == errno.ENXIO
        reason = "no program reads from this pipe" if no_reader else os_reason(error)
        raise DataError(f"{target} cannot be written: {reason}") from error


def _opener(path: str, flags: int) -> int:
    """Opens without waiting, for example for a program that reads from the pipe, and keeps what
    is in the file."""
    flags = flags & ~os.O_TRUNC | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o666)
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(descriptor, True)
    return descriptor
