"""What was said of each image at the evaluations so far, bounded."""

import numpy as np
import pytest
from canned import began, evaluation, run
from hypothesis import given
from hypothesis import strategies as st

from core.events import Evaluation
from core.history.history import History
from core.history.prediction_history import MOST, Lives

steps = st.lists(st.integers(1, 10**6), min_size=1, max_size=700, unique=True).map(sorted)


def at(step, said=(0, 1), classes=3):
    """An evaluation of two images, truly of the classes 0 and 1."""
    probabilities = np.full((2, classes), 0.1, np.float32)
    probabilities[[0, 1], said] = 0.8
    return Evaluation(step, "test", 0, 0, np.arange(2), np.array([0, 1], np.uint8), probabilities)


def after(*evaluations):
    lives = Lives()
    for each in evaluations:
        lives = lives.after(each)
    return lives


def kept(lives):
    return [moment.step for moment in lives.moments]


def test_a_life_is_what_was_said_and_how_likely_the_truth_was():
    life = after(at(0, (2, 1)), at(5, (0, 1)), at(9, (0, 0))).of(1)
    assert life.steps.tolist() == [0, 5, 9]
    assert life.said.tolist() == [1, 1, 0]
    assert life.truth.tolist() == pytest.approx([0.8, 0.8, 0.1], abs=1e-3)


def test_the_beginning_and_every_other_verdict_is_a_change():
    lives = after(*(at(n, (said, 1)) for n, said in enumerate([2, 2, 0, 0, 1, 0])))
    assert lives.of(0).changes() == [0, 2, 4, 5]
    assert lives.of(1).changes() == [0]
    assert Lives().of(0).changes() == []


def test_short_runs_are_kept_whole():
    assert kept(after(*map(at, range(MOST)))) == list(range(MOST))


@given(steps)
def test_the_first_and_the_newest_are_kept_and_never_more_than_the_most(steps):
    lives = Lives()
    for count, step in enumerate(steps, 1):
        lives = lives.after(at(step))
        assert (kept(lives)[0], kept(lives)[-1]) == (steps[0], step)
        assert min(count, MOST // 2) <= len(lives.moments) <= MOST
    assert set(kept(lives)) <= set(steps)
    assert kept(lives) == sorted(kept(lives))


@given(st.integers(1, 2000))
def test_what_is_kept_lies_evenly_but_for_the_newest(count):
    numbers = [moment.number for moment in after(*map(at, range(count))).moments]
    gaps = np.diff(numbers)
    assert len(set(gaps[:-1].tolist())) <= 1
    assert (gaps[-1:] <= gaps[:1]).all()


@given(steps, st.integers(0, 10**6))
def test_a_run_that_went_back_forgets_what_it_has_undone(steps, back):
    lives = after(*map(at, steps))
    again = lives.after(at(back))
    assert kept(again)[-1] == back
    assert max(kept(again)[:-1], default=-1) < back
    assert kept(lives)[-1] == steps[-1]


def test_what_was_taken_earlier_stays_as_it_was():
    first = after(at(0), at(1))
    first.after(at(2, (1, 0)))
    assert kept(first) == [0, 1]
    with pytest.raises(ValueError, match="read-only"):
        first.moments[0].said[0] = 1


def test_an_evaluation_of_10_000_images_takes_30_kilobytes():
    rng = np.random.default_rng(0)
    labels = np.zeros(10_000, np.uint8)
    probabilities = rng.random((10_000, 10), np.float32)
    (moment,) = after(Evaluation(0, "test", 0, 0, np.arange(10_000), labels, probabilities)).moments
    assert moment.said.nbytes + moment.truth.nbytes == 30_000
    assert moment.said.base is None
    assert moment.truth.base is None


def test_the_history_keeps_them_and_a_new_run_begins_anew():
    history = History()
    for event in run(35):
        history.add(event)
    assert kept(history.snapshot().lives) == [0, 10, 20, 30]
    history.add(began())
    assert history.snapshot().lives.moments == ()
    history.add(evaluation(0))
    assert kept(history.snapshot().lives) == [0]
