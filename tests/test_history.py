"""Events go in, what the screen draws comes out."""

import math

import numpy as np
import pytest
from canned import began, evaluation, run, step

from core.config import Config
from core.events import Change, Phase, Scored, Turned
from core.history import History, Recorder


def tell(*events):
    history = History()
    for event in events:
        history.add(event)
    return history


def test_before_anything_happened_the_run_is_loading():
    snapshot = History().snapshot()
    assert snapshot.phase is Phase.LOADING
    assert snapshot.steps == 0
    assert len(snapshot.training) == 0


def test_every_batch_and_every_evaluation_is_a_point_of_its_curve():
    snapshot = tell(*run(35, of=10)).snapshot()
    assert snapshot.steps == 35
    assert snapshot.training.steps.tolist() == list(range(1, 36))
    assert snapshot.watched.steps.tolist() == [0, 10, 20, 30]
    assert snapshot.epochs == (10, 20, 30)
    assert snapshot.evaluation.step == 30


def test_the_running_average_of_a_constant_is_that_constant_from_the_first_step():
    history = tell(began())
    for number in range(1, 30):
        history.add(step(number).__class__(number, 1, 5, 50, 5, 0.7, 0.25, 0.1, number, None))
    smoothed = history.snapshot().smoothed
    assert smoothed.loss == pytest.approx([0.7] * 29)
    assert smoothed.accuracy == pytest.approx([0.25] * 29)


def test_the_running_average_equals_its_formula():
    snapshot = tell(*run(30)).snapshot()
    raw = snapshot.training.loss.astype(float)
    weights = 0.98 ** np.arange(30)[::-1]
    assert snapshot.smoothed.loss[-1] == pytest.approx(raw @ weights / weights.sum())


def test_a_change_is_noted_and_becomes_part_of_the_config():
    snapshot = tell(began(), Change(7, "learning_rate", 0.001, 0.5)).snapshot()
    assert snapshot.config == Config(learning_rate=0.5)
    assert [change.step for change in snapshot.changes] == [7]


def test_a_new_run_forgets_the_old_one():
    snapshot = tell(*run(), began(Config(seed=4))).snapshot()
    assert (snapshot.steps, len(snapshot.training), len(snapshot.watched)) == (0, 0, 0)
    assert (snapshot.changes, snapshot.epochs, snapshot.evaluation) == ((), (), None)
    assert snapshot.config.seed == 4


def test_a_score_of_the_test_set_is_kept_apart_from_what_is_watched():
    test = evaluation(3, 0.9, "test")
    snapshot = tell(began(), evaluation(2), Scored(test)).snapshot()
    assert snapshot.scored is test
    assert snapshot.evaluation.step == 2
    assert len(snapshot.watched) == 1


def test_a_message_is_told_until_the_run_turns_again():
    history = tell(began(), Turned(Phase.DIVERGED, "too fast"))
    assert history.snapshot().message == "too fast"
    history.add(Turned(Phase.PAUSED))
    assert history.snapshot().message is None


def test_the_speed_is_that_of_the_last_second_of_training():
    history = tell(began())
    for number in range(1, 1001):
        seconds = number * 0.01 if number <= 500 else 5 + (number - 500) * 0.005
        history.add(step(number).__class__(number, 1, 5, 50, 5, 1, 0.5, 0.1, seconds, None))
        if number % 10 == 0:
            speed = history.snapshot().speed
            if number == 500:
                assert speed == pytest.approx(500)
    assert speed == pytest.approx(1000)


def test_a_snapshot_taken_earlier_stays_as_it_was():
    history = tell(*run(20))
    before = history.snapshot()
    loss = before.training.loss.copy()
    for number in range(21, 5000):
        history.add(step(number))
    assert before.steps == 20
    assert len(before.training) == 20
    assert (before.training.loss == loss).all()


def test_a_recorder_grows_without_losing_a_point():
    recorder = Recorder()
    for number in range(5000):
        recorder.add(number, math.sqrt(number), 0.5)
    assert recorder.curve.steps.tolist() == list(range(5000))
    assert recorder.curve.loss[4900] == np.float32(70)
