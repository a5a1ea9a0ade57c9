"""Carries out what the panes request to know about the network of a run."""

from collections.abc import Callable

import numpy as np

from core.types import Bytes
from core.what_if.subject import Answer, Question
from tui.run.inspector import ExaminationTask
from tui.run.mailbox import Mailbox
from tui.run.runner import Runner


class Requests:
    """Requests do not change the run. Most that a command cancels are repeated after it."""

    def __init__(self, mail: Mailbox, runner: Runner) -> None:
        self._mail = mail
        self._runner = runner
        self._classified = np.empty(0, np.uint8)  # the latest picture
        self._waiting: set[tuple[object, ...]] = set()  # for the commands that cancelled them

    def trace_step(self) -> None:
        runner = self._runner
        if not runner.trainer.finished:
            runner.inspector.trace_step(runner.trainer, runner.is_running)
        elif not runner.inspector.trace_last_step(runner.timeline):
            self._repeat_later(self.trace_step)

    def survey(self) -> None:
        if not self._runner.inspector.survey(self._runner.trainer):
            self._repeat_later(self.survey)

    def classify(self, picture: Bytes) -> None:
        """After a stroke, training waits until it is painted: Python runs one thread at a time."""
        self._runner.inspector.classify(self._runner.trainer, picture)
        if not np.array_equal(picture, self._classified):
            self._classified = picture
            self._runner.wait_for_paint()

    def examine(self, task: str, work: ExaminationTask) -> bool:
        """Returns False if a command cancelled it; then it can be repeated after that."""
        return self._runner.inspector.examine(self._runner.trainer, task, work)

    def ask(self, question: Question[Answer]) -> None:
        """Answers a question of core.what_if about the network as it is now, in slices."""
        self._runner.questions.ask(self._runner.trainer, question)

    def stop_asking(self, question: Question[Answer]) -> None:
        self._runner.questions.stop(question)

    def find_rate(self, is_stopped: Callable[[], bool]) -> None:
        """Training that is running waits, and continues afterwards."""
        self._runner.inspector.find_rate(self._runner.trainer, is_stopped)

    def measure_along_step(self, step: int) -> None:
        runner = self._runner
        if not runner.is_running and not runner.inspector.measure_along_step(runner.timeline, step):
            self._repeat_later(self.measure_along_step, step)

    def _repeat_later(self, request: Callable[..., None], *arguments: object) -> None:
        """Repeats a request once after those that cancelled it, however often it was made."""

        def repeat() -> None:
            self._waiting.discard((request, *arguments))
            if not self._runner.is_running:
                request(*arguments)

        if not self._runner.is_running and (request, *arguments) not in self._waiting:
            self._waiting.add((request, *arguments))
            self._mail.put(repeat, cancels=False)
