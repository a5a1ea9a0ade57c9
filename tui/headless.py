"""`fashion-tui train`: the whole run without a screen, in the colours of rich or in plain lines."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from core import dataset
from core.config import Config
from core.errors import Diverged
from core.metrics import EpochAverages
from core.trainer import Trainer
from tui import tables
from tui.jsonlog import JsonLog
from tui.report import Bars, Lines

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EXIT_CODES = {"finished": 0, "diverged": 3, "interrupted": 130}
_LOG_INCOMPLETE = 1


def train(config: Config, data: Path, json_target: str | None) -> int:
    """Trains to the end, scores the test set once, prints both; returns the exit code."""
    console = Console(stderr=json_target == "-", highlight=False)
    trainer = Trainer(config, dataset.load(data))
    log = JsonLog(json_target)
    log.start(trainer)
    reason = _epochs(trainer, log, console)
    test = trainer.evaluate(trainer.dataset.test)
    log.end(trainer, reason, test)
    if reason != "diverged":
        names = trainer.dataset.class_names
        console.print(tables.per_class(test, names))
        console.print(tables.confusions(test, names), crop=False, no_wrap=True, overflow="ignore")
        console.print(
            f"test set after {trainer.steps} steps: loss {test.loss:.4f}, "
            f"accuracy {test.accuracy:.2%} ({len(test.labels):,} images)"
        )
    if log.trouble:
        print(f"fashion-tui: {log.trouble}", file=sys.stderr)
        return _EXIT_CODES[reason] or _LOG_INCOMPLETE
    return _EXIT_CODES[reason]


def _epochs(trainer: Trainer, log: JsonLog, console: Console) -> str:
    """Trains until the run is "finished", "diverged" or "interrupted"; says which."""
    report = Bars(trainer, console) if console.is_terminal else Lines(trainer, console)
    with _interruption() as interrupted, report:
        averages = EpochAverages()
        while not trainer.finished:
            if interrupted:
                return "interrupted"
            try:
                step = trainer.step()
            except Diverged as error:
                print(f"fashion-tui: {error}", file=sys.stderr)
                return "diverged"
            averages.add(step)
            report.step(step)
            if step.evaluation:
                log.epoch(step, averages.loss, averages.accuracy, averages.speed)
                report.epoch(step, averages)
                averages = EpochAverages(step.seconds)
    return "finished"


@contextmanager
def _interruption() -> Iterator[list[int]]:
    """A list that fills at the first Ctrl-C or SIGTERM, so that no step is cut in two.

    The second one ends the program at once.
    """
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(number)
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.signal(number, receive) for number in _SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
