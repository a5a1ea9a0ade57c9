"""When a pane requests a step trace: once for each state of the run."""

from queue import Empty
from unittest.mock import Mock

import pytest
import traces
from canned import run, run_started, step

from core.config.config import Config
from core.events import Branch, Phase, PhaseChanged, RunMoved
from core.history.history import History
from tui.panes.step.notices import notice
from tui.panes.trace_requests import TraceRequests
from tui.run.mailbox import Mailbox
from tui.run.requests import Requests


def snapshot(*events):
    history = History()
    for event in events:
        history.add(event)
    return history.snapshot()


def test_it_requests_one_trace_for_each_step():
    requests, history = TraceRequests(), History()
    for event in run(5):
        history.add(event)
    assert [requests.is_due(history.snapshot()) for _ in range(3)] == [True, False, False]
    history.add(step(6))
    assert requests.is_due(history.snapshot())


def test_it_requests_a_trace_after_a_move_even_to_the_same_step():
    requests, history = TraceRequests(), History()
    for event in [run_started(), PhaseChanged(Phase.PAUSED), step(1)]:
        history.add(event)
    assert requests.is_due(history.snapshot())
    assert not requests.is_due(history.snapshot())
    history.add(RunMoved(1, step(1), Config(), 0, (Branch(0, None, 0, 1),)))
    assert requests.is_due(history.snapshot())


def test_it_requests_nothing_before_training():
    assert not TraceRequests().is_due(snapshot())


def test_after_training_it_requests_the_last_step_once(tiny):
    requests, history = TraceRequests(), History()
    for event in [*run(6), PhaseChanged(Phase.FINISHED)]:
        history.add(event)
    assert "Tracing the last step." in notice(history.snapshot())
    assert [requests.is_due(history.snapshot()) for _ in range(3)] == [True, False, False]
    history.add(traces.event(traces.trace(traces.CONFIG, tiny, steps=5)))
    assert history.snapshot().trace_is_last
    assert "This was the last step." in notice(history.snapshot())
    assert not TraceRequests().is_due(history.snapshot())
    history.add(PhaseChanged(Phase.PAUSED))  # there are more epochs now
    assert requests.is_due(history.snapshot())


def test_the_interval_limits_requests_only_while_training_runs():
    requests, history = TraceRequests(), History()
    for event in [run_started(), PhaseChanged(Phase.RUNNING), step(1)]:
        history.add(event)
    assert requests.is_due(history.snapshot(), interval=60)
    history.add(step(2))
    assert not requests.is_due(history.snapshot(), interval=60)
    history.add(PhaseChanged(Phase.PAUSED))
    assert requests.is_due(history.snapshot(), interval=60)


def test_a_request_that_commands_cancelled_several_times_is_repeated_once():
    inspector = Mock(measure_along_step=Mock(return_value=False))
    mail, runner = Mailbox(), Mock(is_running=False, inspector=inspector)
    requests = Requests(mail, runner)
    for number in (7, 7, 8):
        requests.measure_along_step(number)
    inspector.measure_along_step.reset_mock(return_value=True)
    mail.take(0)()
    mail.take(0)()
    assert [call.args[1] for call in inspector.measure_along_step.call_args_list] == [7, 8]
    with pytest.raises(Empty):
        mail.take(0)
