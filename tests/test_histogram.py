"""Histograms whose bins can be merged and compared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core.inspection.histogram import aligned, histogram, log_histogram

any_array = arrays(
    np.float32,
    st.one_of(st.integers(0, 300), array_shapes(min_dims=1, max_dims=2, min_side=0).map(tuple)),
    elements=st.one_of(
        st.floats(width=32), st.just(0.0), st.floats(-1, 1, width=32), st.just(float("nan"))
    ),
)


def counted_values(array):
    array = array[np.isfinite(array)].astype(np.float64)
    return array[array != 0]


def bins(histogram):
    """(low, high, count) of each bin."""
    edges = (histogram.first + np.arange(len(histogram.counts) + 1)) * histogram.width
    return list(zip(edges[:-1], edges[1:], histogram.counts.tolist(), strict=True))


def test_a_histogram_by_hand():
    result = histogram(np.array([[0, 1, 1], [2.5, 4, -1]], np.float32))
    assert (result.width, result.zeros, result.nonfinite) == (4 / 64, 1 / 6, 0)
    filled = [(low, count) for low, _, count in bins(result) if count]
    assert filled == [(-1, 1), (1, 2), (2.5, 1), (4 - 4 / 64, 1)]  # 4 ends the last bin


@given(any_array)
def test_each_bin_counts_the_values_between_its_edges(array):
    result = histogram(array)
    values = counted_values(array)
    assert result.counts.sum() == len(values)
    assert len(result.counts) <= 129
    end = 64 * result.width  # of the last bin, if a value is so large
    for low, high, count in bins(result):
        assert count == np.count_nonzero((values >= low) & ((values < high) | (high == end)))


@given(any_array, st.integers(0, 12))
def test_coarse_bins_count_the_values_between_their_edges(array, doublings):
    fine = histogram(array)
    coarse = fine.coarsened(fine.width * 2**doublings)
    values = counted_values(array)
    assert coarse.counts.sum() == len(values)
    for low, high, count in bins(coarse):
        assert count == np.count_nonzero((values >= low) & (values < high))


@given(any_array)
def test_zeros_and_values_that_are_not_finite_are_shares_of_all_values(array):
    for result in (histogram(array), log_histogram(array)):
        assert result.zeros * max(array.size, 1) == pytest.approx(np.count_nonzero(array == 0))
        nonfinite = np.count_nonzero(~np.isfinite(array))
        assert result.nonfinite * max(array.size, 1) == pytest.approx(nonfinite)


@given(any_array)
def test_the_first_and_the_last_bin_are_not_empty(array):
    for result in (histogram(array), log_histogram(array)):
        assert not len(result.counts) or (result.counts[0] and result.counts[-1])


def test_a_log_histogram_counts_magnitudes():
    result = log_histogram(np.array([1e-3, -1.1e-3, 2.0, 0.0], np.float32))
    filled = {round(low, 2): count for low, _, count in bins(result) if count}
    assert filled == {-3.0: 2, 0.25: 1} or filled == {-3.25: 1, -3.0: 1, 0.25: 1}


def test_a_log_histogram_counts_tiny_values_at_its_lowest_magnitude():
    result = log_histogram(np.array([1e-30, 1e-13, 1e-12 * 1.01], np.float32))
    assert [(low, count) for low, _, count in bins(result)] == [(-12.0, 3)]


def test_with_nothing_to_count_there_are_no_bins():
    for array in (np.zeros(5), np.empty(0), np.full(3, np.nan)):
        assert len(histogram(array).counts) == 0
        assert len(histogram(array).coarsened(64.0).counts) == 0


def test_an_array_larger_than_one_chunk_is_counted_completely():
    array = np.random.default_rng(0).normal(size=(700, 900)).astype(np.float32)
    assert histogram(array).counts.sum() == log_histogram(array).counts.sum() == array.size


def test_aligned_histograms_share_one_axis_that_fills_the_cells():
    rng = np.random.default_rng(0)
    histograms = [histogram(rng.normal(0, deviation, 1000)) for deviation in (0.1, 1, 3)]
    counts, low, high = aligned([*histograms, histogram(np.zeros(3))], 40)
    assert counts.shape == (4, 40)
    assert low < -8 < 8 < high
    assert counts[3].sum() == 0
    # The narrow ones stay in the middle, where their values are.
    middle = (np.arange(40) + 0.5) / 40 * (high - low) + low
    assert (abs(middle[counts[0] > 0]) < 1.5).all()


@given(any_array, st.integers(4, 100))
def test_the_axis_of_one_histogram_encloses_its_values(array, cells):
    (counts,), low, high = aligned([histogram(array)], cells)
    values = counted_values(array)
    assert len(counts) == cells
    assert np.isfinite([low, high]).all()
    if len(values):
        assert low <= values.min() <= values.max() <= high
        assert counts[0]
        assert counts[-1]


def test_with_nothing_to_align_the_counts_are_0():
    counts, low, high = aligned([histogram(np.zeros(3))], 10)
    assert counts.shape == (1, 10)
    assert (counts.sum(), low, high) == (0, 0, 0)


def test_the_axis_of_probabilities_ends_at_one():
    values = np.array([0.25, 0.5, 1.0, 1.0], np.float32)
    (counts,), low, high = aligned([histogram(values)], 40)
    assert (low, high) == (0.25, 1.0)
    assert counts[-1] == 2
