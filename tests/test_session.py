"""The session and its training thread, on data so small that it answers at once."""

import time

import numpy as np
import pytest
from live import CONFIG, Watched, idle_session

from core.data import dataset
from core.errors import DataError
from core.events import (
    Change,
    Evaluation,
    Kept,
    LayersMeasured,
    PaceChanged,
    Phase,
    PhaseChanged,
    Progress,
    Refused,
    RunStarted,
    Scored,
    Step,
    StepTraced,
    UnitsSurveyed,
    Warned,
)
from core.goals import Goal
from core.training.timeline import Timeline
from tui.run.session import Session


@pytest.fixture
def watched(monkeypatch, tiny, tmp_path):
    """A session on 200 images of three classes."""
    with idle_session(monkeypatch, tiny, tmp_path) as watched:
        yield watched


def test_it_starts_paused_with_an_evaluation_of_the_untrained_network(watched):
    kinds = [type(event) for event in watched.events]
    assert kinds == [RunStarted, Kept, PhaseChanged, Evaluation, LayersMeasured]
    run, kept, changed, evaluation, _ = watched.events
    assert (run.config, run.training_images, run.evaluation_images) == (CONFIG, 180, 20)
    assert kept == Kept("", note="not kept")
    assert changed.phase is Phase.PAUSED
    assert evaluation.step == 0


def test_a_step_trains_on_one_batch_and_evaluates_the_network_after_it(watched):
    watched.session.step()
    watched.until(lambda event: isinstance(event, Evaluation))
    assert [step.step for step in watched.of(Step)] == [1]
    assert watched.events[-1].step == 1
    assert watched.of(PhaseChanged)[-1].phase is Phase.PAUSED


def test_the_evaluation_waits_until_the_step_is_painted(watched, monkeypatch):
    monkeypatch.setattr("tui.run.runner._PAINTED", 3600.0)
    watched.session.step()
    watched.until(lambda event: isinstance(event, PhaseChanged) and watched.of(Step))
    assert watched.session._runner.timeout > 1800
    assert watched.of(Evaluation)[-1].step == 0


def test_the_epoch_command_stops_at_the_end_of_the_epoch(watched):
    watched.session.step()
    watched.session.epoch()
    watched.until(lambda event: isinstance(event, Step) and event.position == event.epoch_size)
    watched.until_phase(Phase.PAUSED)
    assert [step.step for step in watched.of(Step)] == list(range(1, 10))


def test_a_run_continues_to_the_last_epoch_and_evaluates_each(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    steps = watched.of(Step)
    assert [step.step for step in steps] == list(range(1, 28))
    assert [step.step for step in steps if step.evaluation] == [9, 18, 27]


def test_a_finished_run_makes_no_more_steps(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    for train in (watched.session.step, watched.session.toggle, watched.session.epoch):
        train()
        assert watched.until(lambda event: isinstance(event, Refused)).field == "end"
    assert len(watched.of(Step)) == 27
    assert watched.of(PhaseChanged)[-1].phase is Phase.FINISHED


def test_a_finished_run_continues_with_more_epochs(watched):
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


def test_an_impossible_change_is_refused_and_the_run_continues(watched):
    watched.session.toggle()
    watched.session.change(hidden=(5,))
    watched.until_phase(Phase.FINISHED)
    [refused] = watched.of(Refused)
    assert refused.field == "hidden"
    assert "can only be changed in a new run" in refused.message
    assert len(watched.of(Step)) == 27


def test_a_batch_size_above_the_training_images_takes_them_all_and_says_so(watched):
    watched.session.change(batch_size=999)
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step))
    assert watched.of(Step)[0].images == 180
    assert [warned.message for warned in watched.of(Warned)] == [
        "The batch size is 180, the number of training images, because 999 is more."
    ]


def test_a_reset_repeats_the_run(watched):
    watched.session.epoch()
    watched.until_phase(Phase.RUNNING)
    watched.until_phase(Phase.PAUSED)
    first = [step.loss for step in watched.of(Step)]
    watched.session.restart(CONFIG)
    watched.until(lambda event: isinstance(event, RunStarted))
    watched.events.clear()
    watched.session.epoch()
    watched.until_phase(Phase.RUNNING)
    watched.until_phase(Phase.PAUSED)
    assert [step.loss for step in watched.of(Step)] == first


def test_a_new_run_says_whether_it_has_the_initial_weights_of_the_last_one(watched):
    def restarted(**changes):
        watched.session.restart(CONFIG.replace(**changes))
        return watched.until(lambda event: isinstance(event, RunStarted)).same_start

    assert watched.of(RunStarted)[0].same_start is None
    watched.session.step()
    assert restarted(learning_rate=0.5, optimizer="sgd", dropout=0.3, activation="tanh")
    assert restarted(batch_size=10)
    assert not restarted(seed=1)
    assert restarted(seed=1, epochs=9)
    assert not restarted(seed=1, hidden=(5,))


def test_an_impossible_reset_leaves_the_run_as_it_is(watched):
    watched.session.step()
    watched.session.restart(CONFIG.replace(hidden=(10_000, 10_000)))
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step) and event.step == 2)
    assert [refused.field for refused in watched.of(Refused)] == ["hidden"]
    assert len(watched.of(RunStarted)) == 1


def test_the_test_set_is_scored_only_when_asked(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert watched.of(Scored) == []
    watched.session.score()
    watched.until(lambda event: isinstance(event, Scored))
    assert watched.events[-1].evaluation.subset == "test"
    assert len(watched.events[-1].evaluation.labels) == 60


def test_divergence_is_reported_and_the_session_stays_usable(watched):
    watched.session._runner.trainer.network.parameters[:] = np.inf
    watched.session.toggle()
    changed = watched.until_phase(Phase.DIVERGED)
    assert "diverged after step 0 with learning rate 0.001" in changed.message
    watched.session.restart(CONFIG)
    watched.until_phase(Phase.PAUSED)
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step) and event.step == 1)


def test_an_unexpected_error_is_reported_and_the_thread_survives(watched, monkeypatch):
    def fail():
        raise RuntimeError("a cosmic ray")

    monkeypatch.setattr(watched.session._runner.trainer, "step", fail)
    watched.session.toggle()
    changed = watched.until_phase(Phase.FAILED)
    way_out = "Press r to restart the run, q to quit, or : and enter data PATH to open other data."
    assert changed.message == f"RuntimeError: a cosmic ray. {way_out}"
    watched.session.restart(CONFIG)
    watched.until_phase(Phase.PAUSED)


@pytest.fixture
def failing(watched, monkeypatch):
    """A session that has just failed to evaluate the network after a step."""

    def fail(*arguments):
        raise RuntimeError("a cosmic ray")

    monkeypatch.setattr(watched.session._runner.trainer, "evaluate", fail)
    watched.session.step()
    watched.until_phase(Phase.FAILED)
    return watched


def test_an_error_that_would_repeat_is_reported_once_and_the_thread_rests(failing, caplog):
    time.sleep(0.1)
    assert failing.session.drain() == []
    [record] = caplog.get_records("setup")
    assert str(record.exc_info[1]) == "a cosmic ray"


def test_a_command_tries_again_after_an_error(failing, monkeypatch):
    failing.session.change(learning_rate=0.5)
    failing.until_phase(Phase.FAILED)
    monkeypatch.undo()
    failing.session.toggle()
    failing.until_phase(Phase.FINISHED)


@pytest.mark.parametrize("error", [ValueError("bad"), MemoryError()], ids=repr)
@pytest.mark.parametrize("place", ["load", "start"])
def test_any_error_at_the_start_is_reported(monkeypatch, tiny, error, place):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(dataset, "load", lambda path, *_: tiny)
    if place == "load":
        monkeypatch.setattr(dataset, "load", fail)
    else:
        monkeypatch.setattr("tui.run.commands.Trainer", fail)
    watched = Watched(Session(CONFIG, None))
    message = watched.until_phase(Phase.FAILED).message
    start = "There is not enough memory." if isinstance(error, MemoryError) else "ValueError: bad."
    assert message.startswith(start)
    assert message.endswith("Start again with other data (--data) or other settings.")
    watched.session.close(timeout=60)


def test_commands_wait_until_the_data_is_loaded(monkeypatch, tiny):
    def slowly(path, *_):
        time.sleep(0.05)
        return tiny

    monkeypatch.setattr(dataset, "load", slowly)
    watched = Watched(Session(CONFIG, None))
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert len(watched.of(Step)) == 27
    watched.session.close(timeout=60)


def test_reading_a_large_dataset_reports_its_progress(monkeypatch, tiny):
    def slowly(path, reading, report):
        time.sleep(0.35)
        report(0.4)
        return tiny

    monkeypatch.setattr(dataset, "load", slowly)
    watched = Watched(Session(CONFIG, None))
    watched.until_phase(Phase.PAUSED)
    assert watched.of(Progress)[:2] == [
        Progress("reading the images", share) for share in (0.4, 1.0)
    ]
    watched.session.close(timeout=60)


def test_unreadable_data_is_reported(monkeypatch):
    def fail(path, *_):
        raise DataError("no such thing")

    monkeypatch.setattr(dataset, "load", fail)
    watched = Watched(Session(CONFIG, None))
    changed = watched.until_phase(Phase.FAILED)
    assert changed.message == "no such thing"
    watched.session.close(timeout=60)


def test_commands_do_not_change_the_numbers(watched, tiny):
    """A run that is paused, stepped and evaluated equals an uninterrupted one."""
    from core.training.trainer import Trainer

    for command in ("step", "step", "epoch", "score", "step", "toggle"):
        getattr(watched.session, command)()
    watched.until_phase(Phase.FINISHED)
    straight = Trainer(CONFIG, tiny)
    while not straight.finished:
        straight.step()
    stepped = watched.session._runner.trainer.network.parameters
    assert (stepped == straight.network.parameters).all()


def test_ten_batches_requested_twice_are_twenty(watched):
    watched.session.steps(10)
    watched.session.steps(10)
    watched.until(lambda event: isinstance(event, Step) and event.step == 20)
    watched.until_phase(Phase.PAUSED)
    assert len(watched.of(Step)) == 20


@pytest.mark.parametrize(
    ("goal", "last"), [(Goal("step", 5), 5), (Goal("epoch", 2), 18), (Goal("epoch", 99), 27)]
)
def test_it_runs_to_a_step_or_an_epoch_and_reports_the_goal(watched, goal, last):
    watched.session.go_to_goal(goal)
    changed = watched.until_phase(Phase.RUNNING)
    assert changed.goal == goal
    watched.until(lambda event: isinstance(event, Step) and event.step == last)
    ended = watched.until(lambda event: isinstance(event, PhaseChanged))
    assert ended.phase is (Phase.FINISHED if last == 27 else Phase.PAUSED)
    assert ended.goal is None


def test_it_runs_until_the_validation_accuracy_is_reached(watched):
    start = watched.of(Evaluation)[0].accuracy
    wanted = start + 0.2
    watched.session.change(learning_rate=0.05)
    watched.session.go_to_goal(Goal("accuracy", wanted))
    watched.until_phase(Phase.RUNNING)
    ended = watched.until(lambda event: isinstance(event, PhaseChanged))
    seen = [e.accuracy for e in watched.of(Evaluation)]
    seen += [s.evaluation.accuracy for s in watched.of(Step) if s.evaluation]
    assert ended.phase is Phase.PAUSED
    assert max(seen) >= wanted


def test_an_accuracy_that_is_already_met_is_refused(watched):
    watched.session.go_to_goal(Goal("accuracy", 0.01))
    refused = watched.until(lambda event: isinstance(event, Refused))
    words = "the run is already at or past 1.00%; go back with b or the timeline"
    assert refused.message == words


def test_slow_motion_shows_every_batch_and_stops_at_once(watched):
    for _ in range(9):
        watched.session.change_pace(-1)
    watched.session.change_pace(3)
    watched.session.toggle()
    watched.until(lambda event: isinstance(event, Step) and event.step == 3)
    watched.session.toggle()
    watched.until_phase(Phase.PAUSED)
    assert [event.pace for event in watched.of(PaceChanged)] == [20, 5, 2, 1, 20]
    refused = [event.message for event in watched.of(Refused)]
    assert refused == ["1 batch per second is the slowest pace; > is faster"] * 5
    # The pause may cancel the evaluation of the last step, which comes after it then.
    last = watched.of(Step)[-1].step
    if last not in {event.step for event in watched.of(Evaluation)}:
        watched.until(lambda event: isinstance(event, Evaluation) and event.step == last)
    assert {1, 2, 3} <= {event.step for event in watched.of(Evaluation)}
    assert last < 10


def test_a_listener_is_called_once_until_it_drains_and_at_once_after_a_command(watched):
    calls = []
    watched.session.listen(calls.append)
    assert calls == [True]
    watched.session.step()
    watched.until(lambda event: isinstance(event, Evaluation) and event.step == 1)
    assert calls.count(True) >= 2
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert len(calls) < len(watched.events)


def test_a_command_cancels_an_evaluation_which_is_repeated_later(watched, monkeypatch):
    """The evaluation never ends by itself, so without cancelling, the restart would not come."""
    trainer = watched.session._runner.trainer

    def evaluate(part, should_continue):
        while should_continue(0.5):
            time.sleep(0.001)

    monkeypatch.setattr(trainer, "evaluate", evaluate)
    watched.session.step()
    progress = watched.until(lambda event: isinstance(event, Progress))
    assert (progress.task, progress.share) == ("evaluating", 0.5)
    watched.session.restart(CONFIG)
    watched.until(lambda event: isinstance(event, RunStarted))
    watched.until(lambda event: isinstance(event, Evaluation))


def test_the_next_command_cancels_scoring_the_test_set(watched, monkeypatch):
    def evaluate(part, should_continue):
        while should_continue(0.5):
            time.sleep(0.001)

    monkeypatch.setattr(watched.session._runner.trainer, "evaluate", evaluate)
    watched.session.score()
    watched.until(lambda event: isinstance(event, Progress))
    watched.session.change(learning_rate=0.5)
    refused = watched.until(lambda event: isinstance(event, Refused))
    assert refused.message == "scoring the test set: cancelled by the next command"
    watched.until(lambda event: isinstance(event, Change))
    monkeypatch.undo()


def test_units_are_surveyed_on_request_also_in_a_finished_run(watched):
    watched.session.survey()
    first = watched.until(lambda event: isinstance(event, UnitsSurveyed)).survey
    assert (first.step, first.images, len(first.layers)) == (0, 180, 2)
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.survey()
    assert watched.until(lambda event: isinstance(event, UnitsSurveyed)).survey.step == 27


def test_requests_of_a_pane_do_not_cancel_each_other(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.trace_step()
    watched.session.survey()
    assert watched.until(lambda event: isinstance(event, StepTraced)).trace.step == 27
    assert watched.until(lambda event: isinstance(event, UnitsSurveyed)).survey.step == 27


def surveys_that_never_end(monkeypatch):
    def survey(network, activation, part, step, should_continue):
        while should_continue(0.5):
            time.sleep(0.001)

    monkeypatch.setattr("core.inspection.surveying.survey", survey)


def test_a_command_cancels_a_survey_which_is_repeated_once(watched, monkeypatch):
    surveys_that_never_end(monkeypatch)
    for _ in range(3):
        watched.session.survey()
    progress = watched.until(lambda event: isinstance(event, Progress))
    assert (progress.task, progress.share) == ("measuring unit activity", 0.5)
    monkeypatch.undo()
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step))
    assert watched.until(lambda event: isinstance(event, UnitsSurveyed)).survey.step == 1
    assert len(watched.of(UnitsSurveyed)) == 1


def test_a_survey_cancelled_by_a_run_is_not_repeated(watched, monkeypatch):
    surveys_that_never_end(monkeypatch)
    watched.session.survey()
    watched.until(lambda event: isinstance(event, Progress))
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    assert watched.of(UnitsSurveyed) == []


def test_an_evaluation_that_is_not_finite_is_a_divergence_and_is_not_repeated(watched):
    """Paused or running: the loss of the batches may stay finite for long."""
    watched.session.step()
    # measuring the layers restores the network
    watched.until(lambda event: isinstance(event, LayersMeasured) and event.stats.step)
    watched.session._runner.trainer.network.parameters[:] = np.inf
    watched.session._runner.evaluator.schedule.reset()
    watched.session.change_pace(0)
    changed = watched.until_phase(Phase.DIVERGED)
    assert "the validation loss is not finite" in changed.message
    watched.session.score()
    assert "the test loss is not finite" in watched.until_phase(Phase.DIVERGED).message
    watched.session.step()
    again = watched.until_phase(Phase.DIVERGED).message  # by the next step
    assert again.startswith(f"{changed.message.partition(':')[0]}: the loss is not finite")
    time.sleep(0.05)
    assert watched.session.drain() == []
    watched.session.step_back(1)
    watched.until(lambda event: isinstance(event, Evaluation) and event.step == 0)


def test_a_divergence_that_a_step_has_reported_is_not_reported_by_the_evaluation_again(watched):
    watched.session.step()
    watched.until(lambda event: isinstance(event, LayersMeasured) and event.stats.step)
    watched.session._commands.trainer.network.parameters[:] = np.inf
    watched.session._commands._runner.evaluator.schedule.reset()
    watched.session.step()
    assert "diverged after step 1 " in watched.until_phase(Phase.DIVERGED).message
    time.sleep(0.05)
    assert not any(isinstance(event, PhaseChanged) for event in watched.session.drain())
    watched.session.step()
    assert "diverged after step 1 " in watched.until_phase(Phase.DIVERGED).message


def test_the_layers_have_a_past_from_the_start_though_nobody_looks(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    measured = [event.stats.step for event in watched.of(LayersMeasured)]
    evaluated = {event.step for event in watched.of(Evaluation)}
    evaluated |= {step.step for step in watched.of(Step) if step.evaluation}
    assert measured[0] == 0
    assert set(measured) == evaluated - {27}  # after the last step there is no next one


def test_measuring_layers_takes_little_of_the_time(watched, monkeypatch):
    clock = iter(range(100_000))
    monkeypatch.setattr("tui.run.inspector.thread_time", lambda: next(clock))  # each costs 1 s
    for step in range(1, 6):
        watched.session.step()
        watched.until(lambda event, step=step: isinstance(event, Evaluation) and event.step == step)
    watched.session.close(timeout=60)
    watched.events += watched.session.drain()
    assert len(watched.of(LayersMeasured)) <= 2  # the first one, and one that was still cheap


def test_the_last_step_of_a_finished_run_is_traced_and_the_run_stays_as_it_is(watched):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    trainer = watched.session._runner.trainer
    before = trainer.network.parameters.copy()
    watched.session.trace_step()
    traced = watched.until(lambda event: isinstance(event, StepTraced))
    assert (traced.trace.step, traced.stats.step) == (27, 26)
    last = watched.of(Step)[-1]
    assert traced.trace.loss == pytest.approx(last.loss, rel=1e-5)
    assert traced.trace.array("W1").tobytes() == trainer.network.linears[0].W.tobytes()
    assert trainer.network.parameters.tobytes() == before.tobytes()
    assert (trainer.steps, trainer.finished) == (27, True)
    watched.session.change(epochs=4)
    watched.session.toggle()
    watched.until(lambda event: isinstance(event, Step) and event.step == 36)


def test_a_command_cancels_the_trace_of_the_last_step_which_is_repeated_once(watched, monkeypatch):
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    revisit, calls = Timeline.revisit, []

    def slow(timeline, step, look, should_continue):
        calls.append(step)
        if len(calls) > 1:
            return revisit(timeline, step, look, should_continue)
        while should_continue(0.5):
            time.sleep(0.001)
        return None

    monkeypatch.setattr(Timeline, "revisit", slow)
    watched.session.trace_step()
    watched.session.trace_step()
    watched.session.change_pace(-1)
    assert watched.until(lambda event: isinstance(event, StepTraced)).trace.step == 27
