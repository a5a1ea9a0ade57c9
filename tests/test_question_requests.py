"""When a question is asked, and asked again."""

import canned
from canned import run_started

from core.config.config import Config
from core.events import Answered, Phase, PhaseChanged
from core.history.history import History
from core.what_if.switched_off import SwitchedOff
from tui.panes import question_requests
from tui.panes.question_requests import QuestionRequests


class Clock:
    now = 0.0


def answered(step, seconds=0.1, done=1.0):
    return Answered(SwitchedOff(step, frozenset(), *[None] * 3, done), seconds)


def test_at_rest_it_is_asked_once_for_each_state_of_the_run_and_each_question():
    history, requests = History(), QuestionRequests(0.1)
    assert not requests.is_due(history.snapshot(), 1, None)  # nothing is loaded yet
    history.add(run_started(Config()))
    history.add(PhaseChanged(Phase.PAUSED))
    asked = [requests.is_due(history.snapshot(), about, None) for about in (1, 1, 2, 2, 1)]
    assert asked == [True, False, True, False, True]
    history.add(canned.step(1))
    assert requests.is_due(history.snapshot(), 1, None)
    requests.forget()
    assert requests.is_due(history.snapshot(), 1, answered(1))
    history.add(PhaseChanged(Phase.FINISHED))  # the best weights may be back
    assert requests.is_due(history.snapshot(), 1, answered(1))


def test_while_training_runs_it_waits_for_the_answer_and_takes_a_share_of_the_time(monkeypatch):
    monkeypatch.setattr(question_requests, "monotonic", lambda: Clock.now)
    history, requests = History(), QuestionRequests(0.1)
    history.add(run_started(Config()))
    history.add(PhaseChanged(Phase.RUNNING))
    assert requests.is_due(history.snapshot(), 1, None)
    for step, now, last, due in (
        (1, 5.0, None, False),
        (2, 6.0, answered(0, 0.5, done=0.5), False),
        (3, 4.9, answered(0, 0.5), False),  # 0.5 s are a tenth of 5 s
        (4, 5.1, answered(0, 0.5), True),
        (5, 5.3, answered(4, 0.001), False),
        (6, 5.5, answered(4, 0.001), True),
    ):
        Clock.now = now
        history.add(canned.step(step))
        assert requests.is_due(history.snapshot(), 1, last) is due, step
    history.add(canned.step(7))
    assert requests.is_due(history.snapshot(), 2, None)  # another question does not wait
