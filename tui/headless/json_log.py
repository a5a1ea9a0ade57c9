"""The log of a run as JSON, one object per line, for other programs."""

import errno
import os
import re
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

_TAKEN = re.compile(
    r"labels\.txt|.*mapping\.txt|.*idx\d[-_.]\w+"
    r"|.*\.(csv|npz|gz|png|jpe?g|bmp|gif|webp|tiff?|p[gp]m|run|toml|db)",
    re.IGNORECASE,
)
"""The names of data, runs, configs and studies: a log with one would be read as such."""

_DESCRIPTOR = re.compile(r"/dev/stderr|/(?:dev|proc/self)/fd/(\d{1,9})")


class JsonLog:
    """Writes the log to a file, to standard output for "-", or nowhere for None.

    A file that exists keeps its content until the first line is written, and a new one is removed
    if there is none.

    Raises DataError if the file cannot be opened, has a name that the program uses for other files,
    exists and `force` is False, or has anything but a log. If writing fails later, for example
    because the disk is full, this is reported, `failed` becomes True, and the run continues.
    """

    def __init__(self, target: str | None, force: bool = False) -> None:
        self.to_stdout = target is not None and _is_stdout(target)
        self._target = target or ""
        self._is_new = target is not None and not os.path.exists(os.path.expanduser(target))
        self._file = None if target is None or self.to_stdout else _open(target, force)
        self._is_empty = True  # nothing was written
        self._stream = TolerantStream(self._file, self._target) if self._file else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._file:
            self._file.close()
            if self._is_new and self._is_empty:
                with suppress(OSError):
                    if not os.path.getsize(self._file.name):
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
            threads=trainer.pool.threads,
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
        """Writes one object. Raises DataError if another program has filled the file meanwhile."""
        if self._file and self._is_empty and _is_own(self._file):
            _check(self._target)
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
    """Opens a new file, or with `force` a log; or a device, or a pipe that a program reads from."""
    path = os.path.expanduser(target)
    exists = os.path.exists(path)
    try:
        if match := _DESCRIPTOR.fullmatch(target):
            return open(os.dup(int(match[1] or 2)), "w", encoding="utf-8")
        if os.path.isfile(path) or not exists:
            _check(target)
            if exists and not force:
                raise DataError(f"{target} exists; add --force to overwrite it")
        return open(path, "w" if exists else "x", encoding="utf-8", opener=_opener)
    except OSError as error:
        no_reader = error.errno == errno.ENXIO
        reason = "no program reads from this pipe" if no_reader else os_reason(error)
        raise DataError(f"{target} cannot be written: {reason}") from error


def _check(target: str) -> None:
    """Raises DataError if a file may be anything but a log, such as data that the run reads."""
    path = os.path.expanduser(target)
    if _TAKEN.fullmatch(os.path.basename(os.path.realpath(path))):
        raise DataError(
            f"{target} has the name of another kind of file; choose one such as run.jsonl"
        )
    try:
        with open(path, "rb") as file:
            is_log = file.read(2) in (b"", b'{"')
    except FileNotFoundError:
        return
    except OSError:
        is_log = False
    if not is_log:
        raise DataError(f"{target} exists and is not a log; choose another file")


def _is_own(file: TextIO) -> bool:
    """Whether this is a regular file that was opened by its name, so that it has only the log."""
    return isinstance(file.name, str) and stat.S_ISREG(os.fstat(file.fileno()).st_mode)


def _opener(path: str, flags: int) -> int:
    """Opens without waiting, for example for a program that reads from the pipe, and keeps what
    is in the file."""
    flags = flags & ~os.O_TRUNC | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o666)
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(descriptor, True)
    return descriptor
