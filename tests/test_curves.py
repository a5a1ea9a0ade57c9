"""Curves in a fixed amount of memory: what buckets keep, and what stays exact."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.history.curves import Curve, Recorder
from core.metrics import RunningAverage

runs = st.lists(st.floats(), max_size=300)
capacities = st.integers(1, 40)


def record(values, capacity=8192, recent=2048, looks=()):
    """A recorder of one quantity at steps 1, 2, 3...; its curve is read after some of them."""
    recorder = Recorder("loss", capacity=capacity, recent=recent)
    for step, value in enumerate(values, 1):
        recorder.add(step, value)
        if step in looks:
            recorder.whole()
    return recorder


def finite(values):
    return [value for value in values if math.isfinite(value)]


@given(runs, capacities)
def test_the_extremes_of_the_whole_are_the_extremes_of_the_buckets(values, capacity):
    curve = record(values, capacity).whole()["loss"]
    if finite(values):
        assert np.nanmin(curve.low) == min(finite(values))
        assert np.nanmax(curve.high) == max(finite(values))
    else:
        assert np.isnan(curve.low).all()


@given(runs, capacities, st.sets(st.integers(1, 300)))
def test_buckets_ascend_contain_every_step_and_stay_within_the_capacity(values, capacity, looks):
    curve = record(values, capacity, looks=looks).whole()["loss"]
    assert len(curve) <= capacity
    steps = [n for a, b in zip(curve.first, curve.last, strict=True) for n in range(a, b + 1)]
    assert steps == list(range(1, len(values) + 1))


@given(runs, capacities, st.sets(st.integers(1, 300)))
def test_a_bucket_has_the_extremes_of_its_points(values, capacity, looks):
    curve = record(values, capacity, looks=looks).whole()["loss"]
    for first, last, low, high in zip(*(getattr(curve, n) for n in Curve.__slots__), strict=True):
        inside = finite(values[first - 1 : last])
        expected = (min(inside), max(inside)) if inside else (math.nan, math.nan)
        assert (low, high) == pytest.approx(expected, nan_ok=True, rel=0)


@given(runs, st.integers(1, 40))
def test_the_latest_points_are_kept_unmerged(values, recent):
    curve = record(values, 4, recent).recent()["loss"]
    expected = [value if math.isfinite(value) else math.nan for value in values[-recent:]]
    assert curve.first.tolist() == curve.last.tolist()
    assert curve.first.tolist() == list(range(1, len(values) + 1))[-recent:]
    np.testing.assert_array_equal(curve.low, expected)
    np.testing.assert_array_equal(curve.high, expected)


@given(runs, runs, capacities)
def test_an_earlier_curve_does_not_change(values, more, capacity):
    recorder = record(values, capacity)
    taken = (recorder.whole()["loss"], recorder.recent()["loss"])
    before = [[getattr(curve, name).tolist() for name in Curve.__slots__] for curve in taken]
    for step, value in enumerate(more, len(values) + 1):
        recorder.add(step, value)
    recorder.whole()
    after = [[getattr(curve, name).tolist() for name in Curve.__slots__] for curve in taken]
    np.testing.assert_equal(after, before)


@given(runs, runs, capacities, st.integers(1, 40), st.integers(0, 320))
def test_a_recorder_up_to_a_step_is_independent(values, more, capacity, kept, step):
    recorder = record(values, capacity, kept)
    before = recorder.whole()["loss"]
    other = recorder.until(step)
    curve, there = other.whole()["loss"], min(step, len(values))
    # All that is left was there; what is missing was in a bucket with later points.
    assert set(curve.last) <= {*before.last, *range(len(values) - kept + 1, there + 1)}
    assert there - max(curve.last, default=0) < max(before.last - before.first + 1, default=1)
    recent = recorder.recent()["loss"].until(step)
    assert other.recent()["loss"].first.tolist() == recent.first.tolist()
    for number, value in enumerate(more, there + 1):
        other.add(number, value)
    grown = other.whole()["loss"]
    assert len(grown) <= capacity
    assert (np.diff(grown.first) > 0).all()
    assert max(grown.last, default=0) == (there + len(more) if more else max(curve.last, default=0))
    again = recorder.whole()["loss"]
    for name in Curve.__slots__:  # the one that it came from is as it was
        np.testing.assert_array_equal(getattr(again, name), getattr(before, name))


@given(runs, st.integers(0, 320))
def test_until_and_after_split_a_curve(values, step):
    curve = record(values).whole()["loss"]
    parts = curve.until(step), curve.after(step)
    assert all(part.last.tolist() == part.first.tolist() for part in parts)
    assert [n for part in parts for n in part.first] == curve.first.tolist()
    assert parts[0].last.max(initial=0) <= step


def test_a_curve_is_read_only():
    recorder = record([1, 2, 3])
    for curve in (recorder.whole()["loss"], recorder.recent()["loss"]):
        with pytest.raises(ValueError, match="read-only"):
            curve.low[0] = 7


def test_nothing_is_merged_up_to_the_capacity():
    values = np.sqrt(np.arange(8192)).tolist()
    curve = record(values).whole()["loss"]
    assert curve.low.tolist() == curve.high.tolist() == values


def test_a_spike_of_one_step_survives_a_hundred_thousand_steps():
    values = [0.5] * 100_000
    values[77_777] = 9.0
    curve = record(values).whole()["loss"]
    at = curve.at(77_778)
    assert (at.low.tolist(), at.high.tolist()) == ([0.5], [9.0])
    assert np.count_nonzero(curve.high == 9) == 1


def test_quantities_share_their_steps():
    recorder = Recorder("loss", "accuracy")
    recorder.add(4, 1.5, 0.25)
    recorder.add(7, math.nan, 0.5)
    loss, accuracy = recorder.whole().values()
    assert loss.first.tolist() == accuracy.first.tolist() == [4, 7]
    assert accuracy.low.tolist() == [0.25, 0.5]
    assert np.isnan(loss.low).tolist() == [False, True]


def test_a_bucket_is_found_by_any_of_its_steps():
    curve = record(range(10), capacity=4).whole()["loss"]
    assert (curve.first.tolist(), curve.last.tolist()) == ([1, 5, 9], [4, 8, 10])
    assert [curve.at(step).first.tolist() for step in (0, 1, 4, 5, 10, 11)] == [
        *([], [1], [1], [5], [9], [])
    ]
    assert curve.between(4, 5).first.tolist() == [1, 5]


def test_the_nearest_bucket_may_lie_before_or_after():
    recorder = Recorder("loss")
    for step in (0, 10, 30):
        recorder.add(step, step / 2)
    curve = recorder.whole()["loss"]
    nearest = [curve.nearest(step).low.tolist() for step in (-5, 4, 6, 19, 21, 99)]
    assert nearest == [[0], [0], [5], [5], [15], [15]]
    assert len(Recorder("loss").whole()["loss"].nearest(3)) == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_the_weights_of_a_running_average_decay_and_sum_to_one(values):
    average = RunningAverage(0.9)
    last = [average.add(value) for value in values][-1]
    weights = 0.9 ** np.arange(len(values))[::-1]
    assert last == pytest.approx(np.array(values) @ weights / weights.sum(), abs=1e-6)


def test_a_running_average_leaves_out_what_is_not_finite():
    average = RunningAverage(0.98)
    assert math.isnan(average.add(math.inf))
    assert average.add(0.7) == pytest.approx(0.7)
    assert average.add(math.nan) == pytest.approx(0.7)


@given(runs, capacities, st.integers(0, 300))
def test_a_thinned_recorder_has_the_same_extremes_and_goes_on_as_before(values, capacity, when):
    """Thinning merges neighbors once; all that follows is as without it, but for the widths."""
    recorder = Recorder("loss", capacity=capacity)
    for step, value in enumerate(values, 1):
        recorder.add(step, value)
        if step == when:
            recorder.whole()
            before = recorder.nbytes
            recorder.thin()
            assert recorder.nbytes <= before
    curve = recorder.whole()["loss"]
    steps = [n for a, b in zip(curve.first, curve.last, strict=True) for n in range(a, b + 1)]
    assert steps == list(range(1, len(values) + 1))
    for first, last, low, high in zip(*(getattr(curve, n) for n in Curve.__slots__), strict=True):
        inside = finite(values[first - 1 : last])
        expected = (min(inside), max(inside)) if inside else (math.nan, math.nan)
        assert (low, high) == pytest.approx(expected, nan_ok=True, rel=0)
    assert len(curve) <= capacity


@given(runs, capacities, st.integers(-1, 301))
def test_the_curve_after_a_step_is_the_end_of_the_whole(values, capacity, after):
    recorder = record(values, capacity)
    expected = recorder.whole()["loss"].after(after)
    curve = recorder.whole(after)["loss"]
    for name in Curve.__slots__:
        assert np.array_equal(getattr(curve, name), getattr(expected, name), equal_nan=True)
