"""Statistics and histograms of arrays, with numbers that are none among them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.inspection.statistics import Statistics, histogram, statistics

any_array = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=1, max_dims=2, min_side=0),
    elements=st.floats(width=32),
)


def test_the_statistics_by_hand():
    found = statistics(np.array([[0, 2], [0, 6]], np.float32))
    assert found == Statistics(2, pytest.approx(np.sqrt(6)), 0, 6, zeros=0.5, nonfinite=0)


def test_numbers_that_are_not_finite_are_left_out_and_counted():
    found = statistics(np.array([1, np.nan, 3, np.inf], np.float32))
    assert found == Statistics(2, 1, 1, 3, zeros=0, nonfinite=0.5)


def test_a_histogram_by_hand():
    found = histogram(np.array([0, 1, 1, 2.5, 4], np.float32), bins=4)
    assert (found.low, found.high, found.counts.tolist()) == (0, 4, [1, 2, 1, 1])


def test_equal_numbers_are_in_the_middle():
    found = histogram(np.full((3, 4), 7.0), bins=5)
    assert (found.low, found.high, found.counts.tolist()) == (7, 7, [0, 0, 12, 0, 0])


@given(array=any_array, bins=st.integers(1, 20))
def test_any_array_has_figures(array, bins):
    found, drawn = statistics(array), histogram(array, bins)
    finite = np.isfinite(array).sum()
    assert drawn.counts.sum() == finite
    assert len(drawn.counts) == bins
    assert np.isfinite([drawn.low, drawn.high]).all()
    assert found.nonfinite * array.size == pytest.approx(array.size - finite)
    assert found.zeros * array.size == pytest.approx((array == 0).sum())
    if finite:
        assert (found.minimum, found.maximum) == (drawn.low, drawn.high)
        assert found.minimum <= found.maximum
        assert np.isfinite([found.mean, found.deviation]).all()


@given(array=arrays.arrays(np.float64, 50, elements=st.floats(-100, 100)))
def test_the_figures_are_numpy_s(array):
    found, drawn = statistics(array), histogram(array, 10)
    expected = array.mean(), array.std(), array.min(), array.max()
    assert (found.mean, found.deviation, found.minimum, found.maximum) == pytest.approx(expected)
    if found.maximum - found.minimum > 1e-3:
        assert abs(drawn.counts - np.histogram(array, 10)[0]).sum() <= 2  # at the very edges
