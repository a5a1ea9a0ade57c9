"""Back in time behind a screen: the session goes there, and the history follows."""

import time

import numpy as np
import pytest
from live import CONFIG, Watched

from core.events import Change, Evaluation, Phase, PhaseChanged, Progress, Refused, RunMoved, Step
from core.goals import Goal
from core.history.curves import Curve
from core.history.history import History
from core.training.trainer import Trainer
from tui.run import session as session_module
from tui.run.session import Session


@pytest.fixture
def watched(monkeypatch, tiny, tmp_path):
    """A session on 200 images of three classes that has gone 20 steps, nine in an epoch."""
    monkeypatch.setattr(session_module.dataset, "load", lambda path: tiny)
    watched = Watched(Session(CONFIG, tmp_path))
    watched.session.steps(20)
    evaluated(watched, 20)
    yield watched
    watched.session.close(timeout=60)


def evaluated(watched, step):
    """Waits until the network was evaluated as it is after a step."""
    return watched.until(lambda event: isinstance(event, Evaluation) and event.step == step)


def went(watched):
    return watched.until(lambda event: isinstance(event, RunMoved))


def snapshot(watched):
    history = History()
    for event in watched.events:
        history.add(event)
    return history.snapshot()


def parameters(watched):
    return watched.session._driver.trainer.network.parameters.copy()


def straight(tiny, steps, **later):
    """The parameters of a run that was never stopped; later: changes after 12 steps."""
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
    watched.session.back(3)
    assert went(watched).at == 17
    watched.until_phase(Phase.PAUSED)
    evaluation = evaluated(watched, 17)
    assert np.array_equal(parameters(watched), straight(tiny, 17))
    trainer = Trainer(CONFIG, tiny)
    for _ in range(17):
        trainer.step()
    assert np.array_equal(
        trainer.evaluate(trainer.evaluation_set).probabilities, evaluation.probabilities
    )


def test_it_goes_back_no_further_than_to_the_start(watched):
    watched.session.back(99)
    assert (went(watched).at, watched.of(RunMoved)[-1].step) == (0, None)
    evaluated(watched, 0)
    assert snapshot(watched).steps == 0


def test_two_presses_are_two_batches(watched):
    watched.session.back(1)
    watched.session.back(1)
    went(watched)
    assert went(watched).at == 18


def test_a_running_run_pauses_to_go_back(watched):
    watched.session.toggle()
    watched.until(lambda event: isinstance(event, Step) and event.step == 22)
    watched.session.back(1)
    there = went(watched).at
    watched.until_phase(Phase.PAUSED)
    evaluated(watched, there)


def test_a_finished_run_goes_on_from_its_past_with_the_same_numbers(watched, tiny):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.travel(5)
    went(watched)
    watched.until_phase(Phase.PAUSED)
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert np.array_equal(parameters(watched), straight(tiny, 27))


def test_of_several_places_that_are_sought_the_last_counts(watched):
    for step in (3, 8, 15, 6):
        watched.session.travel(step)
    watched.session.step()
    step = watched.until(lambda event: isinstance(event, Step) and event.step == 7)
    assert step.step == 7
    assert len(watched.of(RunMoved)) <= 4


def test_a_place_beyond_the_ends_is_the_end(watched):
    watched.session.travel(-7)
    assert went(watched).at == 0
    watched.session.travel(10**9)
    assert went(watched).at == 20


def test_a_goal_that_is_a_step_of_the_past_is_gone_back_to(watched):
    watched.session.go_to(Goal("step", 4))
    assert went(watched).at == 4


def test_a_change_in_the_past_begins_a_branch_and_the_old_one_can_be_gone_back_to(watched, tiny):
    watched.session.travel(12)
    watched.session.change(learning_rate=0.5)
    watched.session.go_to(Goal("step", 25))
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


def test_a_way_can_be_given_up_for_the_next_command(watched, monkeypatch):
    def go_to(step, should_continue):
        while should_continue(0.5):
            time.sleep(0.001)
        return False

    monkeypatch.setattr(watched.session._driver.timeline, "go_to", go_to)
    watched.session.travel(3)
    progress = watched.until(lambda event: isinstance(event, Progress))
    assert (progress.what, progress.share) == ("going to step 3", 0.5)
    watched.session.step()
    refused = watched.until(lambda event: isinstance(event, Refused))
    assert refused.message == "going there was given up for the next command"
    watched.until(lambda event: isinstance(event, Step) and event.step == 21)


def test_after_divergence_it_says_which_step_was_healthy_and_goes_back_there(watched):
    watched.session._driver.trainer.network.parameters[:] *= np.float32(1e25)
    watched.session.toggle()
    turned = watched.until_phase(Phase.DIVERGED)
    last_healthy_step = watched.session._driver.timeline.last_healthy_step
    assert turned.message.endswith(f"b goes back to step {last_healthy_step}, the last healthy one")
    assert 0 < last_healthy_step < watched.session._driver.trainer.steps
    watched.session.change(batch_size=30)  # in between one may think of another setting
    watched.until_phase(Phase.PAUSED)
    watched.session.back(1)
    assert went(watched).at == last_healthy_step
    watched.until_phase(Phase.PAUSED)


def test_a_run_that_diverges_at_once_says_so(monkeypatch, tiny, tmp_path):
    monkeypatch.setattr(session_module.dataset, "load", lambda path: tiny)
    watched = Watched(Session(CONFIG, tmp_path))
    evaluated(watched, 0)
    watched.session._driver.trainer.network.parameters[:] = np.inf
    watched.session.step()
    assert watched.until_phase(Phase.DIVERGED).message.endswith("b goes back to the start")
    watched.session.close(timeout=60)


def test_the_curves_end_where_the_run_stands_and_the_rest_is_ahead(watched):
    before = snapshot(watched)
    watched.session.travel(8)
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


def test_gone_through_again_the_curves_are_what_they_were(watched):
    before = snapshot(watched)
    watched.session.travel(3)
    watched.session.go_to(Goal("step", 20))
    evaluated(watched, 20)
    after = snapshot(watched)
    assert not after.other_branches
    for name, curve in after.training_curves.items():
        assert is_same(curve, before.training_curves[name])


def test_a_branch_has_the_curve_of_its_parent_up_to_its_fork(watched):
    before = snapshot(watched)
    watched.session.travel(12)
    watched.session.change(learning_rate=0.5)
    watched.session.go_to(Goal("step", 25))
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


def test_changes_after_the_step_are_not_marked_before_it(watched):
    watched.session.change(learning_rate=0.5)
    watched.session.travel(12)
    evaluated(watched, 12)
    now = snapshot(watched)
    assert (now.changes, now.config) == ((), CONFIG)
    watched.session.travel(20)
    evaluated(watched, 20)
    assert [change.new for change in snapshot(watched).changes] == [0.5]


def test_run_on_from_the_past_the_settings_change_again_where_they_did(watched):
    watched.session.change(learning_rate=0.5)
    watched.session.travel(18)
    watched.session.go_to(Goal("step", 22))
    evaluated(watched, 22)
    now = snapshot(watched)
    assert (now.config.learning_rate, now.branch) == (0.5, 0)
    assert [change.step for change in now.changes] == [20]
    rates = {step.step: step.learning_rate for step in watched.of(Step)}
    assert (rates[20], rates[21]) == (0.001, 0.5)


def test_nudges_of_one_setting_at_one_step_are_one_change(watched):
    for rate in (0.1, 0.2, 0.5):
        watched.session.change(learning_rate=rate)
    watched.session.change(batch_size=30)
    watched.session.change(batch_size=20)
    watched.until(lambda event: isinstance(event, Change) and event.new == 20)
    changes = [(change.field, change.old, change.new) for change in snapshot(watched).changes]
    assert changes == [("learning_rate", 0.001, 0.5)]


def test_the_life_of_an_image_is_told_up_to_the_step(watched):
    watched.session.travel(9)
    evaluated(watched, 9)
    assert snapshot(watched).predictions.of(0).steps.max() == 9
    watched.session.travel(20)
    evaluated(watched, 20)
    life = snapshot(watched).predictions.of(0).steps.tolist()
    assert life == sorted(set(life))
    assert {9, 18, 20} <= set(life)


def test_the_speed_is_that_since_the_run_stands_there(watched):
    watched.session.travel(9)
    evaluated(watched, 9)
    assert snapshot(watched).speed == 0
    watched.session.step()
    evaluated(watched, 10)
    assert snapshot(watched).speed > 0
    assert [turned.phase for turned in watched.of(PhaseChanged)][-1] is Phase.PAUSED
