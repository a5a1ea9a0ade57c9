"""The queue of events between the training thread and a screen that does not fetch them."""

import canned

from core.events import Evaluation, Phase, PhaseChanged, Step
from core.history.history import History
from tui.run import mailbox
from tui.run.mailbox import Mailbox


def test_events_come_out_in_order_and_complete():
    mail = Mailbox()
    events = canned.run(35)
    for event in events:
        mail.post(event)
    assert mail.drain() == events
    assert mail.drain() == []


def test_a_screen_that_fetches_nothing_costs_a_bounded_number_of_events(monkeypatch):
    monkeypatch.setattr(mailbox, "_MAX_STEPS", 100)
    mail = Mailbox()
    mail.post(canned.run_started(), PhaseChanged(Phase.RUNNING))
    for number in range(1, 5001):
        mail.post(canned.step(number, evaluated=number % 50 == 0))
        if number % 70 == 0:
            mail.post(canned.evaluation(number))
        assert len(mail._events) <= 150
    events = mail.drain()
    assert isinstance(events[1], PhaseChanged)
    steps = [event.step for event in events if isinstance(event, Step)]
    assert steps == sorted(set(steps))
    assert steps[-1] == 5000
    evaluated = [e for e in events if isinstance(e, Evaluation) or getattr(e, "evaluation", None)]
    assert len(evaluated) <= 2 * mailbox._MAX_EVALUATIONS + 1
    history = History()
    for event in events:
        history.add(event)
    assert history.snapshot().steps == 5000
