"""When a step is asked to be taken apart: once for each place where the run stands."""

from canned import run, run_started, step

from core.config.config import Config
from core.events import Branch, Phase, PhaseChanged, RunMoved
from core.history.history import History
from tui.panes.step.trace_requests import Asking, notice


def told(*events):
    history = History()
    for event in events:
        history.add(event)
    return history.snapshot()


def test_it_asks_once_for_each_step():
    asking, history = Asking(), History()
    for event in run(5):
        history.add(event)
    assert [asking.wants(history.snapshot()) for _ in range(3)] == [True, False, False]
    history.add(step(6))
    assert asking.wants(history.snapshot())


def test_a_run_that_went_somewhere_is_asked_anew_even_if_it_stands_where_it_stood():
    asking, history = Asking(), History()
    for event in [run_started(), PhaseChanged(Phase.PAUSED), step(1)]:
        history.add(event)
    assert asking.wants(history.snapshot())
    assert not asking.wants(history.snapshot())
    history.add(RunMoved(1, step(1), Config(), 0, (Branch(0, None, 0, 1),)))
    assert asking.wants(history.snapshot())


def test_a_run_that_is_over_or_not_there_is_not_asked_for():
    assert not Asking().wants(told())
    assert not Asking().wants(told(*run(5), PhaseChanged(Phase.FINISHED)))
    assert "no next step" in notice(told(*run(5), PhaseChanged(Phase.FINISHED)))
