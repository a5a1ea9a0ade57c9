"""Statistics of arrays, also of values that are not finite."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.inspection.statistics import Statistics, statistics

any_array = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=1, max_dims=2, min_side=0),
    elements=st.floats(width=32),
)


def test_the_statistics_by_hand():
    result = statistics(np.array([[0, 2], [0, 6]], np.float32))
    assert result == Statistics(2, pytest.approx(np.sqrt(6)), 0, 6, zeros=0.5, nonfinite=0)


def test_values_that_are_not_finite_are_left_out_and_counted():
    result = statistics(np.array([1, np.nan, 3, np.inf], np.float32))
    assert result == Statistics(2, 1, 1, 3, zeros=0, nonfinite=0.5)


@given(array=any_array)
def test_any_array_has_statistics(array):
    result = statistics(array)
    finite = array[np.isfinite(array)]
    assert result.nonfinite * array.size == pytest.approx(array.size - finite.size)
    assert result.zeros * array.size == pytest.approx((array == 0).sum())
    if finite.size:
        assert (result.minimum, result.maximum) == (finite.min(), finite.max())
        assert np.isfinite([result.mean, result.deviation]).all()


@given(array=arrays.arrays(np.float64, 50, elements=st.floats(-100, 100)))
def test_the_statistics_are_those_of_numpy(array):
    result = statistics(array)
    expected = array.mean(), array.std(), array.min(), array.max()
    actual = result.mean, result.deviation, result.minimum, result.maximum
    assert actual == pytest.approx(expected)
