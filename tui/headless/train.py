"""`fashion-tui train`: a whole run without a screen."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from core.config.config import Config
from core.data import dataset
from core.errors import Diverged
from core.metrics import EpochAverages
from core.training.trainer import Trainer
from tui.headless import tables
from tui.headless.json_log import JsonLog
from tui.headless.report import ProgressBars, ProgressLines
from tui.streams import print_error

_SIGNALS = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGHUP"):  # not on Windows
    _SIGNALS.append(signal.SIGHUP)
_FINISHED, _OUTPUT_FAILED, _DIVERGED, _SIGNALLED = 0, 1, 3, 128


def train(config: Config, data: Path, json_target: str | None, force: bool = False) -> int:
    """Trains to the end, scores the test set once, prints the results; returns the exit code.

    json_target: where to write the log of the run; force: whether to overwrite a file there.
    """
    trainer = Trainer(config, dataset.load(data))
    with JsonLog(json_target, force) as log, _interruption() as signals:
        console = Console(stderr=log.to_stdout, highlight=False, markup=False, emoji=False)
        log.start(trainer)
        report = (
            ProgressBars(trainer, console)
            if console.file.isatty()
            else ProgressLines(trainer, console)
        )
        code, reason = _FINISHED, "finished"
        try:
            with report:
                _epochs(trainer, log, report, signals)
        except Diverged as error:
            print_error(str(error))
            code, reason = _DIVERGED, "diverged"
        if trainer.stopped:
            console.print(trainer.early_stopping.message, soft_wrap=True)
        elif trainer.early_stopping.best_epoch:
            console.print(trainer.early_stopping.unstopped_message, soft_wrap=True)
        if signals:
            code, reason = _SIGNALLED + signals[0], "interrupted"
        test = None
        try:
            test = trainer.evaluate(trainer.dataset.test)
        except Diverged as error:
            if not code:
                print_error(str(error))
                code, reason = _DIVERGED, "diverged"
        log.end(trainer, reason, test)
    if test and reason != "diverged":
        names = trainer.dataset.class_names
        console.print(tables.per_class(test, names))
        console.print(tables.confusions(test, names), crop=False, no_wrap=True, overflow="ignore")
        console.print(
            f"after {trainer.steps} steps: test loss {test.loss:.4f}, "
            f"test accuracy {test.accuracy:.2%} ({len(test.labels):,} images)"
        )
    return code or (_OUTPUT_FAILED if log.failed else _FINISHED)


def _epochs(
    trainer: Trainer, log: JsonLog, report: ProgressBars | ProgressLines, signals: list[int]
) -> None:
    """Trains until the run is finished or a signal arrives; raises Diverged."""
    averages = EpochAverages()
    warned: list[str] = []
    while not trainer.finished and not signals:
        step = trainer.step()
        averages.add(step)
        report.step(step)
        if step.evaluation:
            log.epoch(step, averages.loss, averages.accuracy, averages.speed)
            report.epoch(step, averages)
            for warning in step.evaluation.warnings:
                if warning not in warned:
                    warned.append(warning)
                    print_error(f"warning: after epoch {step.epoch}: {warning}")
            averages = EpochAverages(step.seconds)


@contextmanager
def _interruption() -> Iterator[list[int]]:
    """Yields a list that receives the first of _SIGNALS, so that the current step finishes.

    A second signal ends the program at once. What is ignored, as SIGHUP after `nohup`, stays so.
    """
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(number)
        signal.signal(number, previous[signal.Signals(number)])

    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, receive) for number in heeded}
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
