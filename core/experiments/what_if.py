"""Asks questions of core.what_if about a run."""

from typing import TypeVar

from core.training.trainer import Trainer
from core.what_if.subject import Answer, Question, Subject, advance

A = TypeVar("A", bound=Answer)


def ask(trainer: Trainer, question: Question[A]) -> A:
    """Answers a question about the network as it is now, on the evaluation set.

    question: such as core.what_if.robustness.robustness, or one with arguments:
        partial(switched_off, units=frozenset({(0, 3)})).

    The run is not changed.
    """
    subject = Subject(trainer.network.copy(), trainer.evaluation_set, trainer.steps)
    answer, _ = advance(question(subject))
    assert answer is not None
    return answer
