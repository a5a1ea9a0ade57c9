"""Going back in a session, and the history that follows it."""

import time

import numpy as np
import pytest
from live import CONFIG, Watched

from core.data import dataset
from core.events import (
    Change,
    Evaluation,
    LayersMeasured,
    Phase,
    PhaseChanged,
    Progress,
    Refused,
    RunMoved,
    Scored,
    Step,
)
from core.goals import Goal
from core.history.curves import Curve
from core.history.history import History
from core.training.trainer import Trainer
from tui.run.session import Session


@pytest.fixture
def watched(monkeypatch, tiny, tmp_path):
    """A session on 200 images of three classes after 20 steps; an epoch has nine."""
    monkeypatch.setattr(dataset, "load", lambda path, *_: tiny)
    watched = Watched(Session(CONFIG, tmp_path))
    watched.session.steps(20)
    evaluated(watched, 20)
    yield watched
    watched.session.close(timeout=60)


def evaluated(watched, step):
    """Waits for the evaluation after a step."""
    return watched.until(lambda event: isinstance(event, Evaluation) and event.step == step)


def measured(watched, step):
    """Waits until the layers were measured after a step, which puts the parameters back."""
    watched.until(lambda event: isinstance(event, LayersMeasured) and event.stats.step == step)


def went(watched):
    return watched.until(lambda event: isinstance(event, RunMoved))


def snapshot(watched):
    history = History()
    for event in watched.events:
        history.add(event)
    return history.snapshot()


def parameters(watched):
    return watched.session._runner.trainer.network.parameters.copy()


def straight(tiny, steps, **later):
    """The parameters of an uninterrupted run; later: changes after 12 steps."""
    trainer = Trainer(CONFIG, tiny)
    for step in range(steps):
        if step == 12 and later:
            trainer.change(**later)
        trainer.step()
    return trainer.network.parameters


def is_same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in Curve.__dataclass_fields__
    )


def test_going_back_shows_the_network_as_it_was_there(watched, tiny):
    watched.session.step_back(3)
    assert went(watched).current_step == 17
    watched.until_phase(Phase.PAUSED)
    evaluation = evaluated(watched, 17)
    assert np.array_equal(parameters(watched), straight(tiny, 17))
    trainer = Trainer(CONFIG, tiny)
    for _ in range(17):
        trainer.step()
    assert np.array_equal(
        trainer.evaluate(trainer.evaluation_set).probabilities, evaluation.probabilities
    )


def test_it_does_not_go_back_past_the_start(watched):
    watched.session.step_back(99)
    assert (went(watched).current_step, watched.of(RunMoved)[-1].step) == (0, None)
    evaluated(watched, 0)
    assert snapshot(watched).steps == 0


def test_two_presses_are_two_batches(watched):
    watched.session.step_back(1)
    watched.session.step_back(1)
    went(watched)
    assert went(watched).current_step == 18


def test_a_running_run_pauses_to_go_back(watched):
    watched.session.toggle()
    watched.until(lambda event: isinstance(event, Step) and event.step == 22)
    watched.session.step_back(1)
    there = went(watched).current_step
    watched.until_phase(Phase.PAUSED)
    evaluated(watched, there)


def test_a_finished_run_repeats_its_numbers_from_an_earlier_step(watched, tiny):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.go_to_step(5)
    went(watched)
    watched.until_phase(Phase.PAUSED)
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert np.array_equal(parameters(watched), straight(tiny, 27))


def test_of_several_requested_steps_the_last_counts(watched):
    for step in (3, 8, 15, 6):
        watched.session.go_to_step(step)
    watched.session.step()
    step = watched.until(lambda event: isinstance(event, Step) and event.step == 7)
    assert step.step == 7
    assert len(watched.of(RunMoved)) <= 4


def test_a_step_beyond_either_end_is_the_end(watched):
    watched.session.go_to_step(-7)
    assert went(watched).current_step == 0
    watched.session.go_to_step(10**9)
    assert went(watched).current_step == 20


def test_a_goal_that_is_an_earlier_step_goes_back(watched):
    watched.session.go_to_goal(Goal("step", 4))
    assert went(watched).current_step == 4


def test_a_change_in_the_past_starts_a_branch_and_the_old_one_is_kept(watched, tiny):
    watched.session.go_to_step(12)
    watched.session.change(learning_rate=0.5)
    watched.session.go_to_goal(Goal("step", 25))
    evaluated(watched, 25)
    assert np.array_equal(parameters(watched), straight(tiny, 25, learning_rate=0.5))
    now = snapshot(watched)
    assert now.branch == 1
    assert [(b.parent, b.fork) for b in now.branches] == [(None, 0), (0, 12)]
    assert [(c.step, c.new) for c in now.branches[1].changes] == [(12, 0.5)]
    watched.session.switch_branch(0)
    evaluated(watched, 20)
    assert np.array_equal(parameters(watched), straight(tiny, 20))
    assert snapshot(watched).config == CONFIG


def start_endless_move(watched, monkeypatch):
    """Goes to step 3, and only ends when a command cancels it."""
    monkeypatch.setattr("tui.run.moves._PATIENCE", 0.3)

    def go_to(step, should_continue):
        while should_continue(0.5):
            time.sleep(0.001)
        return False

    monkeypatch.setattr(watched.session._runner.timeline, "go_to", go_to)
    watched.session.go_to_step(3)


def test_a_command_right_after_a_move_waits_for_it(watched, monkeypatch):
    timeline = watched.session._runner.timeline
    go_to = timeline.go_to

    def go_slowly_to(step, should_continue):
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            if not should_continue(0.5):
                return False
            time.sleep(0.01)
        return go_to(step)

    monkeypatch.setattr(timeline, "go_to", go_slowly_to)
    watched.session.step_back(10)
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step) and event.step == 11)
    assert not watched.of(Refused)


def test_the_next_command_cancels_a_move(watched, monkeypatch):
    start_endless_move(watched, monkeypatch)
    progress = watched.until(lambda event: isinstance(event, Progress))
    assert (progress.task, progress.share) == ("going to step 3", 0.5)
    watched.session.step()
    refused = watched.until(lambda event: isinstance(event, Refused))
    assert refused.message == "going to step 3: cancelled by the next command"
    watched.until(lambda event: isinstance(event, Step) and event.step == 21)


def test_steps_back_add_up_also_when_each_cancels_the_one_before(watched, monkeypatch):
    timeline = watched.session._runner.timeline
    go_to = timeline.go_to

    def go_slowly_to(step, should_continue):
        while step > 5 and should_continue(0.5):
            time.sleep(0.001)
        return step <= 5 and go_to(step)

    monkeypatch.setattr(timeline, "go_to", go_slowly_to)
    monkeypatch.setattr("tui.run.moves._PATIENCE", 0.3)
    for _ in range(3):
        watched.session.step_back(5)
    assert went(watched).current_step == 5
    watched.until_phase(Phase.PAUSED)
    assert not watched.of(Refused)


def test_after_divergence_it_names_the_last_healthy_step_and_goes_back_to_it(watched):
    measured(watched, 20)
    watched.session._runner.trainer.network.parameters[:] *= np.float32(1e25)
    watched.session.toggle()
    changed = watched.until_phase(Phase.DIVERGED)
    last_healthy_step = watched.session._runner.timeline.last_healthy_step
    assert changed.message.endswith(
        "; lower the learning rate, then restart (r) or go back (b) to step "
        f"{last_healthy_step}, the last healthy one"
    )
    assert 0 < last_healthy_step < watched.session._runner.trainer.steps
    watched.session.change(batch_size=30)  # the user tries another setting first
    watched.until_phase(Phase.PAUSED)
    watched.session.step_back(1)
    assert went(watched).current_step == last_healthy_step
    watched.until_phase(Phase.PAUSED)


def test_a_run_that_diverges_at_the_first_step_goes_back_to_the_start(monkeypatch, tiny, tmp_path):
    monkeypatch.setattr(dataset, "load", lambda path, *_: tiny)
    watched = Watched(Session(CONFIG, tmp_path))
    measured(watched, 0)
    watched.session._runner.trainer.network.parameters[:] = np.inf
    watched.session.step()
    assert watched.until_phase(Phase.DIVERGED).message.endswith("(r) or go back (b) to the start")
    watched.session.close(timeout=60)


def test_the_curves_end_at_the_current_step_and_the_rest_is_kept_apart(watched):
    before = snapshot(watched)
    watched.session.go_to_step(8)
    evaluated(watched, 8)
    now = snapshot(watched)
    assert (now.steps, now.end, now.furthest_step) == (8, 20, 20)
    for name, curve in now.training_curves.items():
        assert is_same(curve, before.training_curves[name].until(8))
        assert is_same(now.recent_curves[name], before.recent_curves[name].until(8))
    [other_branches] = now.other_branches
    assert (other_branches.branch, other_branches.since) == (0, 8)
    assert other_branches.training_curves["loss"].first.tolist() == list(range(9, 21))
    assert now.evaluation_curves["loss"].last.max() <= 8


def test_repeated_steps_do_not_change_the_curves(watched):
    before = snapshot(watched)
    watched.session.go_to_step(3)
    watched.session.go_to_goal(Goal("step", 20))
    evaluated(watched, 20)
    after = snapshot(watched)
    assert not after.other_branches
    for name, curve in after.training_curves.items():
        assert is_same(curve, before.training_curves[name])


def test_a_branch_has_the_curves_of_its_parent_up_to_its_fork(watched):
    before = snapshot(watched)
    watched.session.go_to_step(12)
    watched.session.change(learning_rate=0.5)
    watched.session.go_to_goal(Goal("step", 25))
    evaluated(watched, 25)
    now = snapshot(watched)
    for name in ("loss", "accuracy", "average loss", "learning rate"):
        assert is_same(now.training_curves[name].until(12), before.training_curves[name].until(12))
    assert len(now.training_curves["loss"]) == 25
    [other_branches] = now.other_branches
    assert (
        other_branches.branch,
        other_branches.since,
        other_branches.training_curves["loss"].last[-1],
    ) == (0, 12, 20)
    assert [(change.step, change.new) for change in now.changes] == [(12, 0.5)]


def test_changes_after_the_current_step_are_not_shown(watched):
    watched.session.change(learning_rate=0.5)
    watched.session.go_to_step(12)
    evaluated(watched, 12)
    now = snapshot(watched)
    assert (now.changes, now.config) == ((), CONFIG)
    watched.session.go_to_step(20)
    evaluated(watched, 20)
    assert [change.new for change in snapshot(watched).changes] == [0.5]


def test_settings_change_again_at_the_same_steps(watched):
    watched.session.change(learning_rate=0.5)
    watched.session.go_to_step(18)
    watched.session.go_to_goal(Goal("step", 22))
    evaluated(watched, 22)
    now = snapshot(watched)
    assert (now.config.learning_rate, now.branch) == (0.5, 0)
    assert [change.step for change in now.changes] == [20]
    rates = {step.step: step.learning_rate for step in watched.of(Step)}
    assert (rates[20], rates[21]) == (0.001, 0.5)


def test_several_changes_of_one_setting_at_one_step_are_one_change(watched):
    for rate in (0.1, 0.2, 0.5):
        watched.session.change(learning_rate=rate)
    watched.session.change(batch_size=30)
    watched.session.change(batch_size=20)
    watched.until(lambda event: isinstance(event, Change) and event.new == 20)
    changes = [(change.field, change.old, change.new) for change in snapshot(watched).changes]
    assert changes == [("learning_rate", 0.001, 0.5)]


def test_the_predictions_for_an_image_end_at_the_current_step(watched):
    watched.session.go_to_step(9)
    evaluated(watched, 9)
    assert snapshot(watched).predictions.image(0).steps.max() == 9
    watched.session.go_to_step(20)
    evaluated(watched, 20)
    steps = snapshot(watched).predictions.image(0).steps.tolist()
    assert steps == sorted(set(steps))
    assert {9, 18, 20} <= set(steps)


def test_the_speed_restarts_when_the_run_moves(watched):
    watched.session.go_to_step(9)
    evaluated(watched, 9)
    assert snapshot(watched).speed == 0
    watched.session.step()
    evaluated(watched, 10)
    assert snapshot(watched).speed > 0
    assert [changed.phase for changed in watched.of(PhaseChanged)][-1] is Phase.PAUSED


def test_space_stops_a_move_and_does_not_train(watched, monkeypatch):
    start_endless_move(watched, monkeypatch)
    watched.until(lambda event: isinstance(event, Progress))
    seen = len(watched.of(Step))
    watched.session.toggle()
    watched.until(lambda event: isinstance(event, Refused))
    watched.until_phase(Phase.PAUSED)
    watched.session.score()
    watched.until(lambda event: isinstance(event, Scored))
    assert (len(watched.of(Step)), watched.of(PhaseChanged)[-1].phase) == (seen, Phase.PAUSED)
    watched.session.toggle()  # the next one starts it
    watched.until_phase(Phase.RUNNING)


def test_a_later_step_of_a_finished_run_is_gone_to_and_not_trained(watched, tiny):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.go_to_step(5)
    evaluated(watched, 5)
    trained = len(watched.of(Step))
    watched.session.go_to_goal(Goal("step", 25))
    assert went(watched).current_step == 25
    evaluated(watched, 25)
    assert len(watched.of(Step)) == trained
    assert np.array_equal(parameters(watched), straight(tiny, 25))


def test_epochs_that_the_branch_has_are_gone_to_and_not_trained(watched, tiny):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    trained = len(watched.of(Step))
    for epoch in (1, 2, 3, 2):
        watched.session.go_to_goal(Goal("epoch", epoch))
        assert went(watched).current_step == 9 * epoch
        evaluated(watched, 9 * epoch)
    assert len(watched.of(Step)) == trained
    assert np.array_equal(parameters(watched), straight(tiny, 18))


def test_the_last_epoch_to_go_to_is_that_of_the_branch_although_the_settings_were_others(watched):
    watched.session.change(epochs=5)
    watched.session.go_to_goal(Goal("epoch", 5))
    watched.until_phase(Phase.FINISHED)
    watched.session.change(epochs=6, batch_size=10)
    watched.session.go_to_goal(Goal("epoch", 6))
    watched.until_phase(Phase.FINISHED)
    watched.session.go_to_step(9)
    evaluated(watched, 9)
    assert snapshot(watched).run_end == (6, 45 + 18)


def test_an_accuracy_goal_after_going_back_is_not_met_by_the_accuracy_before(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    accuracy = watched.session._runner.evaluator.schedule.accuracy
    watched.session.go_to_step(0)
    watched.session.go_to_goal(Goal("accuracy", accuracy))
    watched.until_phase(Phase.RUNNING)
    changed = watched.until(lambda event: isinstance(event, PhaseChanged))
    assert watched.session._runner.trainer.steps > 0
    assert watched.session._runner.evaluator.schedule.accuracy >= accuracy
    assert changed.phase in (Phase.PAUSED, Phase.FINISHED)
