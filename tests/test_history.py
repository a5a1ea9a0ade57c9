"""History: events go in, a snapshot comes out."""

import dataclasses
import math
import tracemalloc

import numpy as np
import pytest
from canned import evaluation, run, run_started, step

from core.config.config import Config
from core.events import Branch, Change, Phase, PhaseChanged, RunMoved, Scored
from core.history.history import History


def record(*events):
    history = History()
    for event in events:
        history.add(event)
    return history


def test_before_the_first_event_the_run_is_loading():
    snapshot = History().snapshot()
    assert snapshot.phase is Phase.LOADING
    assert snapshot.steps == 0
    assert len(snapshot.training_curves["loss"]) == 0


def test_every_batch_and_every_evaluation_is_a_point_of_its_curve():
    snapshot = record(*run(35, of=10)).snapshot()
    assert snapshot.steps == 35
    assert snapshot.training_curves["loss"].first.tolist() == list(range(1, 36))
    assert snapshot.evaluation_curves["accuracy"].first.tolist() == [0, 10, 20, 30]
    assert snapshot.evaluation.step == 30


def test_the_best_evaluation_is_that_of_the_branch_up_to_the_current_step():
    branches = (Branch(0, None, 0, 35), Branch(1, 0, 15, 20))
    history = record(run_started())
    assert history.snapshot().best_evaluation is None
    for event in run(35, of=10)[2:]:
        history.add(event)
    best = history.snapshot().best_evaluation
    assert (best.step, best.epoch) == (30, 3)
    assert best.accuracy == evaluation(30, 1 - step(30).loss / 2.8).accuracy
    history.add(evaluation(35, 0.3))
    assert history.snapshot().best_evaluation == best
    history.add(RunMoved(25, step(25), Config(), 0, branches[:1]))
    assert history.snapshot().best_evaluation.step == 20
    history.add(RunMoved(15, step(15), Config(), 1, branches))
    assert history.snapshot().best_evaluation.step == 10
    history.add(evaluation(15, 0.99))
    best = history.snapshot().best_evaluation
    assert (best.step, best.epoch, best.accuracy) == (15, 2, 0.99)


def test_the_epoch_means_are_those_of_the_current_step():
    here = dataclasses.replace(step(13), epoch_loss=0.5, epoch_accuracy=0.8)
    history = record(run_started())
    assert math.isnan(history.snapshot().epoch_loss)
    history.add(here)
    assert (history.snapshot().epoch_loss, history.snapshot().epoch_accuracy) == (0.5, 0.8)
    history.add(RunMoved(0, None, Config(), 0, (Branch(0, None, 0, 13),)))
    assert math.isnan(history.snapshot().epoch_accuracy)


def test_rate_and_epoch_are_recorded_with_every_batch():
    snapshot = record(*run(35, of=10)).snapshot()
    assert snapshot.training_curves["learning rate"].low.tolist() == [0.001] * 35
    assert (
        snapshot.training_curves["epoch"].low.tolist() == [1] * 10 + [2] * 10 + [3] * 10 + [4] * 5
    )


def test_the_latest_batches_are_kept_at_full_resolution():
    snapshot = record(run_started(), *(step(number) for number in range(1, 10_001))).snapshot()
    assert len(snapshot.training_curves["loss"]) == 5000
    assert snapshot.recent_curves["loss"].first.tolist() == list(range(7953, 10_001))


def test_the_latest_1000_changes_are_kept():
    changes = [Change(n, "learning_rate", 0.1, 0.1 + n / 1e4) for n in range(1, 1501)]
    snapshot = record(run_started(), *changes).snapshot()
    assert snapshot.changes == tuple(changes[-1000:])


def test_the_moving_average_of_a_constant_is_that_constant_from_the_first_step():
    history = record(run_started())
    for number in range(1, 30):
        history.add(step(number).__class__(number, 1, 5, 50, 5, 0.7, 0.25, 0.1, number, None))
    training = history.snapshot().training_curves
    assert training["average loss"].low == pytest.approx([0.7] * 29)
    assert training["average accuracy"].low == pytest.approx([0.25] * 29)


def test_after_a_short_epoch_the_moving_average_is_the_mean_of_that_epoch():
    training = record(*run(35, of=10)).snapshot().training_curves
    for end in (10, 20, 30):
        for name in ("loss", "accuracy"):
            mean = training[name].low[end - 10 : end].mean()
            assert training[f"average {name}"].low[end - 1] == pytest.approx(mean)


def test_in_a_long_epoch_the_moving_average_is_that_of_the_last_100_batches():
    history = record(run_started())
    for number in range(1, 301):
        history.add(step(number, of=400))
        if number in (7, 120, 121):
            history.snapshot()  # reading it in between changes nothing
    training = history.snapshot().training_curves
    loss, average = training["loss"].low, training["average loss"].low
    assert average[29] == pytest.approx(loss[:30].mean())
    assert average[299] == pytest.approx(loss[200:].mean())
    assert average[120] == pytest.approx(loss[21:121].mean())


def test_a_huge_loss_leaves_no_trace_in_the_moving_average():
    huge = dataclasses.replace(step(100, of=400), loss=1e30)
    steps = [*(step(n, of=400) for n in range(1, 100)), huge]
    steps += [step(n, of=400) for n in range(101, 261)]
    training = record(run_started(), *steps).snapshot().training_curves
    assert training["average loss"].high.max() > 1e27
    assert training["average loss"].low[-1] == pytest.approx(training["loss"].low[-100:].mean())


@pytest.mark.parametrize("length", [200, 8000, 20_000])
def test_the_moving_average_of_a_branch_goes_on_from_its_parent(length):
    """Even where the points of the parent are merged, it is soon the mean of its own steps."""
    fork = length // 3
    history = record(run_started(), *(step(n, of=400) for n in range(1, length + 1)))
    branches = (Branch(0, None, 0, length), Branch(1, 0, fork, fork))
    history.add(RunMoved(fork, step(fork, of=400), Config(), 1, branches))
    for number in range(fork + 1, fork + 151):
        history.add(step(number, of=400))
    average = history.snapshot().recent_curves["average loss"]
    for number in (fork + 1, fork + 20, fork + 150):
        mean = np.mean([step(n, of=400).loss for n in range(max(number - 99, 1), number + 1)])
        assert average.at(number).low[0] == pytest.approx(mean, abs=2e-3)


def test_images_and_seconds_are_recorded_with_every_batch():
    training = record(*run(35, of=10)).snapshot().training_curves
    assert training["images"].low.tolist() == [5 * n for n in range(1, 36)]
    assert training["seconds"].low == pytest.approx(np.arange(1, 36) / 100)


def test_the_mean_of_each_complete_epoch_is_a_point():
    history = record(*run(35, of=10))
    means = history.snapshot().epoch_curves
    assert means["loss"].first.tolist() == [10, 20, 30]
    assert means["loss"].low.tolist() == [step(n).epoch_loss for n in (10, 20, 30)]
    history.add(RunMoved(25, step(25), Config(), 0, (Branch(0, None, 0, 35),)))
    assert history.snapshot().epoch_curves["accuracy"].first.tolist() == [10, 20]


def test_a_loss_that_is_not_finite_does_not_enter_the_average():
    bad = step(21).__class__(21, 3, 5, 50, 5, math.nan, 0.5, 0.1, 1.0, None)
    training = record(*run(20), bad, step(22)).snapshot().training_curves
    assert np.isnan(training["loss"].low).tolist() == [False] * 20 + [True, False]
    assert np.isfinite(training["average loss"].low).all()


def test_a_change_is_recorded_and_applied_to_the_config():
    snapshot = record(run_started(), Change(7, "learning_rate", 0.001, 0.5)).snapshot()
    assert snapshot.config == Config(learning_rate=0.5)
    assert [change.step for change in snapshot.changes] == [7]


def test_changes_made_together_may_contradict_each_other_one_by_one():
    start = dataclasses.replace(run_started(), config=Config(optimizer="adamw", weight_decay=0.1))
    together = Change(7, "optimizer", "adamw", "sgd"), Change(7, "weight_decay", 0.1, 0)
    snapshot = record(start, *together).snapshot()
    assert snapshot.config == Config(optimizer="sgd")
    assert [change.field for change in snapshot.changes] == ["optimizer", "weight_decay"]


def test_a_new_run_clears_the_history():
    snapshot = record(*run(), run_started(Config(seed=4))).snapshot()
    points = len(snapshot.training_curves["loss"]), len(snapshot.evaluation_curves["loss"])
    assert (snapshot.steps, *points) == (0, 0, 0)
    assert (snapshot.changes, snapshot.evaluation) == ((), None)
    assert snapshot.config.seed == 4


def test_a_requested_test_score_is_kept_apart_from_the_evaluation_set():
    test = evaluation(3, 0.9, "test")
    snapshot = record(run_started(), evaluation(2), Scored(test)).snapshot()
    assert snapshot.test_evaluation is test
    assert snapshot.evaluation.step == 2
    assert len(snapshot.evaluation_curves["loss"]) == 1


def test_a_result_on_the_test_set_stays_on_its_branch():
    first, second = Branch(0, None, 0, 35), Branch(1, 0, 15, 20)
    resumed = evaluation(12, part="test")
    for started in (run_started(), dataclasses.replace(run_started(), test_evaluation=resumed)):
        history = record(started, RunMoved(15, step(15), Config(), 1, (first, second)))
        before = started.test_evaluation
        assert history.snapshot().test_evaluation is before
        on_second, on_first = evaluation(20, part="test"), evaluation(35, part="test")
        history.add(Scored(on_second))
        history.add(RunMoved(35, step(35), Config(), 0, (first, second)))
        assert history.snapshot().test_evaluation is before
        history.add(Scored(on_first))
        history.add(RunMoved(10, step(10), Config(), 0, (first, second)))
        assert history.snapshot().test_evaluation is on_first
        history.add(RunMoved(20, step(20), Config(), 1, (first, second)))
        assert history.snapshot().test_evaluation is on_second
        third = Branch(2, 0, 10, 10)
        history.add(RunMoved(10, step(10), Config(), 2, (first, second, third)))
        assert history.snapshot().test_evaluation is None
    history.add(run_started())
    assert history.snapshot().test_evaluation is None


def test_a_message_is_kept_until_the_phase_changes():
    history = record(run_started(), PhaseChanged(Phase.DIVERGED, "too fast"))
    assert history.snapshot().message == "too fast"
    history.add(PhaseChanged(Phase.PAUSED))
    assert history.snapshot().message is None


def test_the_speed_is_that_of_the_last_second_of_training():
    history = record(run_started())
    for number in range(1, 1001):
        seconds = number * 0.01 if number <= 500 else 5 + (number - 500) * 0.005
        history.add(step(number).__class__(number, 1, 5, 50, 5, 1, 0.5, 0.1, seconds, None))
        if number % 10 == 0:
            speed = history.snapshot().speed
            if number == 500:
                assert speed == pytest.approx(500)
    assert speed == pytest.approx(1000)


def test_an_earlier_snapshot_does_not_change():
    history = record(*run(20))
    before = history.snapshot()
    loss = before.training_curves["loss"].low.copy()
    for number in range(21, 5000):
        history.add(step(number))
    assert before.steps == 20
    assert (before.training_curves["loss"].low == loss).all()


def test_the_records_of_many_branches_fit_in_their_share_of_the_timeline_memory():
    """Each of 60 branches is 2,000 steps long: together they would take some 20 MB."""
    config = Config(timeline_memory=16)
    history = record(run_started())
    branches = [Branch(0, None, 0, 2000)]
    steps = [step(n) for n in range(1, 2001)]
    tracemalloc.start()
    for number in range(60):
        if number:
            branches.append(Branch(number, 0, 1, 2000))
            history.add(RunMoved(1, step(1), config, number, tuple(branches)))
        for event in steps[bool(number) :]:
            history.add(event)
    history.add(RunMoved(2000, step(2000), config, 0, tuple(branches)))
    snapshot = history.snapshot()
    traces = tracemalloc.take_snapshot().traces
    tracemalloc.stop()
    # A larger block is a table of the interpreter, which may happen to grow here.
    size = sum(trace.size for trace in traces if trace.size < 1e6)
    # The current branch comes on top: eight quantities a step, and their copies.
    assert size < 16e6 / 8 + 0.6e6
    assert len(snapshot.other_branches) == 59
    for curves in snapshot.other_branches:
        loss = curves.training_curves["loss"]
        assert loss.first[0] <= 2
        assert loss.last[-1] == 2000
        assert step(2).loss <= loss.high.max() <= step(1).loss


def test_moving_copies_only_the_curves_that_changed():
    branches = (Branch(0, None, 0, 20), Branch(1, 0, 10, 20))
    history = record(run_started(), *(step(n) for n in range(1, 21)))
    history.add(RunMoved(10, step(10), Config(), 1, branches))
    before = history.snapshot().other_branches
    for n in range(11, 21):
        history.add(step(n))
    history.add(RunMoved(15, step(15), Config(), 1, branches))
    assert history.snapshot().other_branches[0] is before[0]


def test_a_divergence_is_kept_with_its_branch():
    history = record(*run(20), PhaseChanged(Phase.DIVERGED, "too fast"))
    assert history.snapshot().diverged_at == 20
    branches = (Branch(0, None, 0, 20), Branch(1, 0, 15, 15))
    history.add(RunMoved(15, step(15), Config(), 0, branches[:1]))
    assert history.snapshot().diverged_at == 20
    history.add(RunMoved(15, step(15), Config(), 1, branches))
    snapshot = history.snapshot()
    assert snapshot.diverged_at is None
    assert [part.diverged_at for part in snapshot.other_branches] == [20]
