"""The training thread behind a screen, on data so small that it answers at once."""

import time
from collections import deque

import numpy as np
import pytest

from core.config import Config
from core.errors import DataError
from core.events import Began, Change, Evaluation, Phase, Refused, Scored, Step, Turned
from tui import session as session_module
from tui.session import Session

CONFIG = Config(hidden=(4,), batch_size=20, validation=20, epochs=3)


class Watched:
    """A session and all that it has said so far."""

    def __init__(self, session):
        self.session = session
        self.events = []
        self._unread = deque()

    def until(self, condition):
        """Reads on to the next event that the condition holds of; returns that event."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self._unread += self.session.drain()
            while self._unread:
                self.events.append(self._unread.popleft())
                if condition(self.events[-1]):
                    return self.events[-1]
            time.sleep(0.002)
        raise AssertionError(f"never came, after {[type(e).__name__ for e in self.events]}")

    def until_phase(self, phase):
        return self.until(lambda event: isinstance(event, Turned) and event.phase is phase)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def watched(monkeypatch, tiny, tmp_path):
    """A session on 200 images of three classes that has begun, paused and been evaluated."""
    monkeypatch.setattr(session_module.dataset, "load", lambda path: tiny)
    watched = Watched(Session(CONFIG, tmp_path))
    watched.until(lambda event: isinstance(event, Evaluation))
    yield watched
    watched.session.close(timeout=10)
    assert not watched.session._thread.is_alive()


def test_it_begins_paused_with_the_untrained_network_evaluated(watched):
    kinds = [type(event) for event in watched.events]
    assert kinds == [Began, Turned, Evaluation]
    began, turned, evaluation = watched.events
    assert (began.config, began.training_images, began.watched_images) == (CONFIG, 180, 20)
    assert turned.phase is Phase.PAUSED
    assert evaluation.step == 0


def test_a_step_trains_on_one_batch_and_evaluates_the_network_after_it(watched):
    watched.session.step()
    watched.until(lambda event: isinstance(event, Evaluation))
    assert [step.step for step in watched.of(Step)] == [1]
    assert watched.events[-1].step == 1
    assert watched.of(Turned)[-1].phase is Phase.PAUSED


def test_an_epoch_ends_at_its_end(watched):
    watched.session.step()
    watched.session.epoch()
    watched.until(lambda event: isinstance(event, Step) and event.position == event.of)
    watched.until_phase(Phase.PAUSED)
    assert [step.step for step in watched.of(Step)] == list(range(1, 10))


def test_a_run_goes_on_to_the_last_epoch_and_evaluates_each(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    steps = watched.of(Step)
    assert [step.step for step in steps] == list(range(1, 28))
    assert [step.step for step in steps if step.evaluation] == [9, 18, 27]


def test_a_finished_run_does_not_step_any_further(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.step()
    watched.until_phase(Phase.FINISHED)
    assert len(watched.of(Step)) == 27


def test_more_epochs_let_a_finished_run_go_on(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.change(epochs=4)
    watched.until_phase(Phase.PAUSED)
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert len(watched.of(Step)) == 36


def test_a_change_takes_effect_at_the_next_batch(watched):
    watched.session.step()
    watched.session.change(learning_rate=0.5, batch_size=30)
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step) and event.step == 2)
    assert [(c.step, c.field, c.new) for c in watched.of(Change)] == [
        (1, "learning_rate", 0.5),
        (1, "batch_size", 30),
    ]
    assert [(s.learning_rate, s.images) for s in watched.of(Step)] == [(0.001, 20), (0.5, 30)]


def test_a_change_that_cannot_be_is_refused_and_the_run_goes_on(watched):
    watched.session.toggle()
    watched.session.change(batch_size=999)
    watched.until_phase(Phase.FINISHED)
    [refused] = watched.of(Refused)
    assert refused.field == "batch_size"
    assert "at most 180" in refused.message
    assert len(watched.of(Step)) == 27


def test_a_reset_starts_anew_from_the_seed_and_repeats_the_run(watched):
    watched.session.epoch()
    watched.until_phase(Phase.RUNNING)
    watched.until_phase(Phase.PAUSED)
    first = [step.loss for step in watched.of(Step)]
    watched.session.reset(CONFIG)
    watched.until(lambda event: isinstance(event, Began))
    watched.events.clear()
    watched.session.epoch()
    watched.until_phase(Phase.RUNNING)
    watched.until_phase(Phase.PAUSED)
    assert [step.loss for step in watched.of(Step)] == first


def test_a_reset_that_cannot_be_leaves_the_run_as_it_is(watched):
    watched.session.step()
    watched.session.reset(CONFIG.replace(validation=200))
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step) and event.step == 2)
    assert [refused.field for refused in watched.of(Refused)] == ["validation"]
    assert len(watched.of(Began)) == 1


def test_the_test_set_is_scored_only_when_asked(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert watched.of(Scored) == []
    watched.session.score()
    watched.until(lambda event: isinstance(event, Scored))
    assert watched.events[-1].evaluation.part == "test"
    assert len(watched.events[-1].evaluation.labels) == 60


def test_divergence_is_told_and_the_network_stays_usable(watched):
    watched.session._trainer.network.parameters[:] = np.inf
    watched.session.toggle()
    turned = watched.until_phase(Phase.DIVERGED)
    assert "diverged at step 1 with learning rate 0.001" in turned.message
    watched.session.reset(CONFIG)
    watched.until_phase(Phase.PAUSED)
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step) and event.step == 1)


def test_an_unforeseen_error_is_told_and_the_thread_lives_on(watched, monkeypatch):
    def fail():
        raise RuntimeError("a cosmic ray")

    monkeypatch.setattr(watched.session._trainer, "step", fail)
    watched.session.toggle()
    turned = watched.until_phase(Phase.FAILED)
    assert turned.message == "RuntimeError: a cosmic ray"
    watched.session.reset(CONFIG)
    watched.until_phase(Phase.PAUSED)


def test_commands_given_while_the_data_is_read_are_carried_out_after_it(monkeypatch, tiny):
    def slowly(path):
        time.sleep(0.05)
        return tiny

    monkeypatch.setattr(session_module.dataset, "load", slowly)
    watched = Watched(Session(CONFIG, None))
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert len(watched.of(Step)) == 27
    watched.session.close(timeout=10)


def test_data_that_cannot_be_read_is_told(monkeypatch):
    def fail(path):
        raise DataError("no such thing")

    monkeypatch.setattr(session_module.dataset, "load", fail)
    watched = Watched(Session(CONFIG, None))
    turned = watched.until_phase(Phase.FAILED)
    assert turned.message == "no such thing"
    watched.session.close(timeout=10)


def test_the_commands_change_nothing_of_the_numbers(watched, tiny):
    """A run that is paused, stepped and evaluated equals one that runs through."""
    from core.trainer import Trainer

    for command in ("step", "step", "epoch", "score", "step", "toggle"):
        getattr(watched.session, command)()
    watched.until_phase(Phase.FINISHED)
    straight = Trainer(CONFIG, tiny)
    while not straight.finished:
        straight.step()
    stepped = watched.session._trainer.network.parameters
    assert (stepped == straight.network.parameters).all()
