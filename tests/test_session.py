"""The training thread behind a screen, on data so small that it answers at once."""

import time

import numpy as np
import pytest
from live import CONFIG, Watched

from core.errors import DataError
from core.events import (
    Change,
    Evaluation,
    PaceChanged,
    Phase,
    PhaseChanged,
    Progress,
    Refused,
    RunStarted,
    Scored,
    Step,
    UnitsSurveyed,
)
from core.goals import Goal
from tui.run import session as session_module
from tui.run.session import Session


@pytest.fixture
def watched(monkeypatch, tiny, tmp_path):
    """A session on 200 images of three classes that has begun, paused and been evaluated."""
    monkeypatch.setattr(session_module.dataset, "load", lambda path: tiny)
    watched = Watched(Session(CONFIG, tmp_path))
    watched.until(lambda event: isinstance(event, Evaluation))
    yield watched
    watched.session.close(timeout=60)
    assert not watched.session._thread.is_alive()


def test_it_begins_paused_with_the_untrained_network_evaluated(watched):
    kinds = [type(event) for event in watched.events]
    assert kinds == [RunStarted, PhaseChanged, Evaluation]
    run, turned, evaluation = watched.events
    assert (run.config, run.training_images, run.evaluation_images) == (CONFIG, 180, 20)
    assert turned.phase is Phase.PAUSED
    assert evaluation.step == 0


def test_a_step_trains_on_one_batch_and_evaluates_the_network_after_it(watched):
    watched.session.step()
    watched.until(lambda event: isinstance(event, Evaluation))
    assert [step.step for step in watched.of(Step)] == [1]
    assert watched.events[-1].step == 1
    assert watched.of(PhaseChanged)[-1].phase is Phase.PAUSED


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
    watched.until(lambda event: isinstance(event, RunStarted))
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
    assert len(watched.of(RunStarted)) == 1


def test_the_test_set_is_scored_only_when_asked(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert watched.of(Scored) == []
    watched.session.score()
    watched.until(lambda event: isinstance(event, Scored))
    assert watched.events[-1].evaluation.subset == "test"
    assert len(watched.events[-1].evaluation.labels) == 60


def test_divergence_is_told_and_the_network_stays_usable(watched):
    watched.session._driver.trainer.network.parameters[:] = np.inf
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

    monkeypatch.setattr(watched.session._driver.trainer, "step", fail)
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
    watched.session.close(timeout=60)


def test_data_that_cannot_be_read_is_told(monkeypatch):
    def fail(path):
        raise DataError("no such thing")

    monkeypatch.setattr(session_module.dataset, "load", fail)
    watched = Watched(Session(CONFIG, None))
    turned = watched.until_phase(Phase.FAILED)
    assert turned.message == "no such thing"
    watched.session.close(timeout=60)


def test_the_commands_change_nothing_of_the_numbers(watched, tiny):
    """A run that is paused, stepped and evaluated equals one that runs through."""
    from core.training.trainer import Trainer

    for command in ("step", "step", "epoch", "score", "step", "toggle"):
        getattr(watched.session, command)()
    watched.until_phase(Phase.FINISHED)
    straight = Trainer(CONFIG, tiny)
    while not straight.finished:
        straight.step()
    stepped = watched.session._driver.trainer.network.parameters
    assert (stepped == straight.network.parameters).all()


def test_ten_batches_asked_for_twice_are_twenty(watched):
    watched.session.steps(10)
    watched.session.steps(10)
    watched.until(lambda event: isinstance(event, Step) and event.step == 20)
    watched.until_phase(Phase.PAUSED)
    assert len(watched.of(Step)) == 20


@pytest.mark.parametrize(
    ("goal", "last"), [(Goal("step", 5), 5), (Goal("epoch", 2), 18), (Goal("epoch", 99), 27)]
)
def test_it_goes_to_a_step_or_an_epoch_and_says_so(watched, goal, last):
    watched.session.go_to(goal)
    turned = watched.until_phase(Phase.RUNNING)
    assert turned.goal == goal
    watched.until(lambda event: isinstance(event, Step) and event.step == last)
    ended = watched.until(lambda event: isinstance(event, PhaseChanged))
    assert ended.phase is (Phase.FINISHED if last == 27 else Phase.PAUSED)
    assert ended.goal is None


def test_it_goes_on_until_the_held_out_accuracy_is_reached(watched):
    start = watched.of(Evaluation)[0].accuracy
    wanted = start + 0.2
    watched.session.change(learning_rate=0.05)
    watched.session.go_to(Goal("accuracy", wanted))
    watched.until_phase(Phase.RUNNING)
    ended = watched.until(lambda event: isinstance(event, PhaseChanged))
    seen = [e.accuracy for e in watched.of(Evaluation)]
    seen += [s.evaluation.accuracy for s in watched.of(Step) if s.evaluation]
    assert ended.phase is Phase.PAUSED
    assert max(seen) >= wanted


def test_a_goal_that_lies_behind_is_refused(watched):
    watched.session.epoch()
    watched.until(lambda event: isinstance(event, Step) and event.step == 9)
    watched.session.go_to(Goal("epoch", 1))
    refused = watched.until(lambda event: isinstance(event, Refused))
    words = "the run is at epoch 1 or past it already; b and the timeline go back"
    assert refused.message == words


def test_slow_motion_shows_every_batch_and_stops_at_once(watched):
    for _ in range(9):
        watched.session.change_pace(-1)
    watched.session.change_pace(3)
    watched.session.toggle()
    watched.until(lambda event: isinstance(event, Step) and event.step == 3)
    watched.session.toggle()
    watched.until_phase(Phase.PAUSED)
    assert [event.pace for event in watched.of(PaceChanged)] == [20, 5, 2, 1, 1, 1, 1, 1, 1, 20]
    evaluated = {event.step for event in watched.of(Evaluation)}
    assert {1, 2, 3} <= evaluated
    assert len(watched.of(Step)) < 10


def test_a_listener_is_told_once_until_it_fetches_and_at_once_of_an_answer(watched):
    calls = []
    watched.session.listen(calls.append)
    assert calls == [True]
    watched.session.step()
    watched.until(lambda event: isinstance(event, Evaluation) and event.step == 1)
    assert calls.count(True) >= 2
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert len(calls) < len(watched.events)


def test_an_evaluation_gives_way_to_a_command_and_is_made_up_for(watched, monkeypatch):
    """One that never ends on its own: without giving way, the reset would not come."""
    trainer = watched.session._driver.trainer

    def evaluate(part, should_continue):
        while should_continue(0.5):
            time.sleep(0.001)

    monkeypatch.setattr(trainer, "evaluate_while", evaluate)
    watched.session.step()
    progress = watched.until(lambda event: isinstance(event, Progress))
    assert (progress.what, progress.share) == ("evaluating", 0.5)
    watched.session.reset(CONFIG)
    watched.until(lambda event: isinstance(event, RunStarted))
    watched.until(lambda event: isinstance(event, Evaluation))


def test_scoring_the_test_set_can_be_given_up(watched, monkeypatch):
    def evaluate(part, should_continue):
        while should_continue(0.5):
            time.sleep(0.001)

    monkeypatch.setattr(watched.session._driver.trainer, "evaluate_while", evaluate)
    watched.session.score()
    watched.until(lambda event: isinstance(event, Progress))
    watched.session.change(learning_rate=0.5)
    refused = watched.until(lambda event: isinstance(event, Refused))
    assert refused.message == "scoring the test set was given up for the next command"
    watched.until(lambda event: isinstance(event, Change))
    monkeypatch.undo()


def test_every_unit_is_looked_at_when_asked_for_also_at_the_end(watched):
    watched.session.survey()
    first = watched.until(lambda event: isinstance(event, UnitsSurveyed)).survey
    assert (first.step, first.images, len(first.layers)) == (0, 180, 2)
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.survey()
    assert watched.until(lambda event: isinstance(event, UnitsSurveyed)).survey.step == 27


def surveys_that_never_end(monkeypatch):
    def survey(network, activation, part, step, should_continue):
        while should_continue(0.5):
            time.sleep(0.001)

    monkeypatch.setattr("core.inspection.unit_survey.survey", survey)


def test_a_survey_gives_way_to_a_command_and_is_made_up_for(watched, monkeypatch):
    surveys_that_never_end(monkeypatch)
    for _ in range(3):
        watched.session.survey()
    progress = watched.until(lambda event: isinstance(event, Progress))
    assert (progress.what, progress.share) == ("looking at every unit", 0.5)
    monkeypatch.undo()
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step))
    assert watched.until(lambda event: isinstance(event, UnitsSurveyed)).survey.step == 1
    assert len(watched.of(UnitsSurveyed)) == 1


def test_a_survey_that_gave_way_to_a_run_does_not_hold_it_up(watched, monkeypatch):
    surveys_that_never_end(monkeypatch)
    watched.session.survey()
    watched.until(lambda event: isinstance(event, Progress))
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert watched.of(UnitsSurveyed) == []
