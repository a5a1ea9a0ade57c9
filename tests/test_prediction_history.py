"""The predictions for each image over the evaluations, in bounded memory."""

import numpy as np
import pytest
from canned import evaluation, run, run_started
from hypothesis import given
from hypothesis import strategies as st

from core.events import Evaluation
from core.history.history import History
from core.history.prediction_history import MAX_KEPT, PredictionHistory

steps = st.lists(st.integers(1, 10**6), min_size=1, max_size=700, unique=True).map(sorted)


def at(step, predicted=(0, 1), classes=3):
    """An evaluation of two images, whose true classes are 0 and 1."""
    probabilities = np.full((2, classes), 0.1, np.float32)
    probabilities[[0, 1], predicted] = 0.8
    return Evaluation(step, "test", 0, 0, np.arange(2), np.array([0, 1], np.uint8), probabilities)


def after(*evaluations):
    predictions = PredictionHistory()
    for each in evaluations:
        predictions = predictions.with_evaluation(each)
    return predictions


def kept(predictions):
    return [evaluation.step for evaluation in predictions.evaluations]


def test_the_history_of_an_image_has_predictions_and_true_probabilities():
    image = after(at(0, (2, 1)), at(5, (0, 1)), at(9, (0, 0))).image(1)
    assert image.steps.tolist() == [0, 5, 9]
    assert image.predicted.tolist() == [1, 1, 0]
    assert image.true_probability.tolist() == pytest.approx([0.8, 0.8, 0.1], abs=1e-3)


def test_the_first_prediction_and_every_different_one_is_a_change():
    predictions = after(*(at(n, (predicted, 1)) for n, predicted in enumerate([2, 2, 0, 0, 1, 0])))
    assert predictions.image(0).changes() == [0, 2, 4, 5]
    assert predictions.image(1).changes() == [0]
    assert PredictionHistory().image(0).changes() == []


def test_short_runs_are_kept_whole():
    assert kept(after(*map(at, range(MAX_KEPT)))) == list(range(MAX_KEPT))


@given(steps)
def test_the_first_and_the_latest_are_kept_and_at_most_the_maximum(steps):
    predictions = PredictionHistory()
    for count, step in enumerate(steps, 1):
        predictions = predictions.with_evaluation(at(step))
        assert (kept(predictions)[0], kept(predictions)[-1]) == (steps[0], step)
        assert min(count, MAX_KEPT // 2) <= len(predictions.evaluations) <= MAX_KEPT
    assert set(kept(predictions)) <= set(steps)
    assert kept(predictions) == sorted(kept(predictions))


@given(st.integers(1, 2000))
def test_kept_evaluations_are_evenly_spaced_but_for_the_latest(count):
    numbers = [evaluation.number for evaluation in after(*map(at, range(count))).evaluations]
    gaps = np.diff(numbers)
    assert len(set(gaps[:-1].tolist())) <= 1
    assert (gaps[-1:] <= gaps[:1]).all()


@given(steps, st.integers(0, 10**6))
def test_an_evaluation_after_going_back_replaces_the_later_ones(steps, back):
    predictions = after(*map(at, steps))
    again = predictions.with_evaluation(at(back))
    assert kept(again)[-1] == back
    assert max(kept(again)[:-1], default=-1) < back
    assert kept(predictions)[-1] == steps[-1]


def test_an_earlier_history_does_not_change():
    first = after(at(0), at(1))
    first.with_evaluation(at(2, (1, 0)))
    assert kept(first) == [0, 1]
    with pytest.raises(ValueError, match="read-only"):
        first.evaluations[0].predicted[0] = 1


def test_an_evaluation_of_10_000_images_takes_30_kilobytes():
    rng = np.random.default_rng(0)
    labels = np.zeros(10_000, np.uint8)
    probabilities = rng.random((10_000, 10), np.float32)
    (evaluation,) = after(
        Evaluation(0, "test", 0, 0, np.arange(10_000), labels, probabilities)
    ).evaluations
    assert evaluation.predicted.nbytes + evaluation.true_probability.nbytes == 30_000
    assert evaluation.predicted.base is None
    assert evaluation.true_probability.base is None


def test_the_history_records_predictions_and_a_new_run_clears_them():
    history = History()
    for event in run(35):
        history.add(event)
    assert kept(history.snapshot().predictions) == [0, 10, 20, 30]
    history.add(run_started())
    assert history.snapshot().predictions.evaluations == ()
    history.add(evaluation(0))
    assert kept(history.snapshot().predictions) == [0]
