"""How numbers lie, in bins that can be merged and compared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.inspection.histogram import aligned, bins, decades

numbers = arrays(
    np.float32,
    st.integers(0, 300),
    elements=st.one_of(
        st.floats(width=32), st.just(0.0), st.floats(-1, 1, width=32), st.just(float("nan"))
    ),
)


def finite(array):
    array = array[np.isfinite(array)].astype(np.float64)
    return array[array != 0]


def held(found):
    """(low, high, count) of each bin."""
    edges = (found.first + np.arange(len(found.counts) + 1)) * found.width
    return list(zip(edges[:-1], edges[1:], found.counts.tolist(), strict=True))


@given(numbers)
def test_each_bin_holds_the_numbers_between_its_edges(array):
    found = bins(array)
    values = finite(array)
    assert found.counts.sum() == len(values)
    assert len(found.counts) <= 129
    for low, high, count in held(found):
        assert count == np.count_nonzero((values >= low) & (values < high))


@given(numbers, st.integers(0, 12))
def test_wider_bins_hold_the_numbers_between_their_edges_too(array, doublings):
    found = bins(array)
    wide = found.wider(found.width * 2**doublings)
    values = finite(array)
    assert wide.counts.sum() == len(values)
    for low, high, count in held(wide):
        assert count == np.count_nonzero((values >= low) & (values < high))


@given(numbers)
def test_what_is_0_or_not_finite_is_told_apart(array):
    for found in (bins(array), decades(array)):
        assert found.zeros * max(len(array), 1) == pytest.approx(np.count_nonzero(array == 0))
        nonfinite = np.count_nonzero(~np.isfinite(array))
        assert found.nonfinite * max(len(array), 1) == pytest.approx(nonfinite)


@given(numbers)
def test_there_are_no_empty_bins_at_the_ends(array):
    for found in (bins(array), decades(array)):
        assert not len(found.counts) or (found.counts[0] and found.counts[-1])


def test_decades_are_powers_of_ten_of_the_sizes():
    found = decades(np.array([1e-3, -1.1e-3, 2.0, 0.0], np.float32))
    where = {round(low, 2): count for low, _, count in held(found) if count}
    assert where == {-3.0: 2, 0.25: 1} or where == {-3.25: 1, -3.0: 1, 0.25: 1}


def test_what_is_tiny_is_counted_at_the_least_power():
    found = decades(np.array([1e-30, 1e-13, 1e-12 * 1.01], np.float32))
    assert [(low, count) for low, _, count in held(found)] == [(-12.0, 3)]


def test_nothing_to_count_makes_no_bins():
    for array in (np.zeros(5), np.empty(0), np.full(3, np.nan)):
        assert len(bins(array).counts) == 0
        assert len(bins(array).wider(64.0).counts) == 0


def test_an_array_larger_than_what_is_counted_at_a_time_is_counted_whole():
    array = np.random.default_rng(0).normal(size=(700, 900)).astype(np.float32)
    assert bins(array).counts.sum() == decades(array).counts.sum() == array.size


def test_aligned_bins_are_the_same_for_all_and_fill_the_cells():
    rng = np.random.default_rng(0)
    found = [bins(rng.normal(0, deviation, 1000)) for deviation in (0.1, 1, 3)] + [
        bins(np.zeros(3))
    ]
    counts, low, high = aligned(found, 40)
    assert counts.shape == (4, 40)
    assert low < -8 < 8 < high
    assert counts[3].sum() == 0
    # The narrow ones stay in the middle, where they are.
    middle = (np.arange(40) + 0.5) / 40 * (high - low) + low
    assert (abs(middle[counts[0] > 0]) < 1.5).all()


def test_nothing_to_align_is_empty():
    counts, low, high = aligned([bins(np.zeros(3))], 10)
    assert counts.shape == (1, 10)
    assert (counts.sum(), low, high) == (0, 0, 0)
