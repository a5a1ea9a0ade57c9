"""Answers questions of core.what_if in slices, between two steps of the training."""

from functools import partial
from time import perf_counter
from typing import Any

from core.events import Answered, Warned
from core.training.trainer import Trainer
from core.what_if.subject import Answer, Answering, Question, Subject, advance
from tui.run.mailbox import Mailbox

_SLICE = 0.02  # seconds of work before a command or a step can come
_POST_INTERVAL = 0.2  # seconds between two parts of an answer
_TOO_LARGE = Warned(
    "There is not enough memory to measure a copy of the network; the run continues."
)


class Questions:
    """The questions that are not answered yet. Each is about a copy of the network."""

    def __init__(self, mail: Mailbox) -> None:
        self._mail = mail
        self._open: dict[str, _Open] = {}
        self._next_slice = 0.0

    def __bool__(self) -> bool:
        return bool(self._open)

    def ask(self, trainer: Trainer, question: Question[Answer]) -> None:
        """Begins to answer a question, in place of an earlier one of the same kind."""
        try:
            subject = Subject(trainer.network.copy(), trainer.evaluation_set, trainer.steps)
        except MemoryError:
            self._mail.post(_TOO_LARGE, urgent=True)
        else:
            self._open[_name(question)] = _Open(question(subject))

    def stop(self, question: Question[Answer]) -> None:
        self._open.pop(_name(question), None)

    def clear(self) -> None:
        self._open.clear()

    @property
    def are_due(self) -> bool:
        """Whether questions are due now, rather than training."""
        return bool(self._open) and perf_counter() >= self._next_slice

    def work(self, shares_time: bool = False) -> None:
        """Works for a moment on the question that was asked first, if there is one.

        shares_time: leave as much time to the training.
        """
        if not self._open:
            return
        name = next(iter(self._open))
        asked = self._open[name]
        start = perf_counter()
        try:
            answer, goes_on = advance(asked.work, _SLICE)
        except MemoryError:
            del self._open[name]
            self._mail.post(_TOO_LARGE, urgent=True)
            return
        except BaseException:
            del self._open[name]
            raise
        end = perf_counter()
        asked.seconds += end - start
        asked.answer = answer or asked.answer
        if asked.answer and (not goes_on or end - asked.posted >= _POST_INTERVAL):
            self._mail.post(Answered(asked.answer, asked.seconds), urgent=not goes_on)
            asked.answer, asked.posted = None, end
        if not goes_on:
            del self._open[name]
        self._next_slice = 2 * end - start if shares_time else 0.0


class _Open:
    """answer: the latest part that was not posted; posted: when one was; seconds: of work."""

    def __init__(self, work: Answering[Answer]) -> None:
        self.work = work
        self.answer: Answer | None = None
        self.posted = perf_counter()
        self.seconds = 0.0


def _name(question: Question[Answer]) -> str:
    """The name of the function that answers it, whatever its arguments are."""
    function: Any = question.func if isinstance(question, partial) else question
    return str(function.__name__)
