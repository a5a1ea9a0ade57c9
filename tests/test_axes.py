"""Which cell a number falls into, and round numbers beside it."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.drawing.axes import Axis, labels, log_ticks, ticks


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 200), st.sampled_from([1, 2, 4]))
def test_the_middle_of_a_cell_lies_in_it(low, span, cells, dots):
    axis = Axis(low, low + span, cells, dots)
    for cell in {0, cells // 2, cells - 1}:
        assert axis.cell(axis.value(cell)) == cell or cells * dots == 1


@given(st.floats(), st.integers(1, 50), st.sampled_from([1, 2, 4]))
def test_any_number_has_a_dot_on_the_axis_or_just_outside(value, cells, dots):
    assume(not np.isnan(value))
    axis = Axis(0.0, 1.0, cells, dots)
    assert -1 <= axis.dot(value) <= cells * dots
    if not 0 <= value <= 1:
        assert axis.cell(value) in (None, 0, cells - 1)


def test_the_ends_of_an_axis_are_its_first_and_last_dot():
    axis = Axis(0, 1000, 30, 2)
    assert axis.dot([0, 1000, -500, 1e300, -np.inf]).tolist() == [0, 59, -1, 60, -1]
    assert [axis.cell(value) for value in (0, 1000, 1e300)] == [0, 29, None]


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e7), st.integers(2, 20))
def test_ticks_are_round_evenly_spaced_and_within_the_range(low, span, most):
    high = low + span
    found = ticks(low, high, most)
    assert 1 <= len(found) <= most
    gaps = [(b - a) / span for a, b in itertools.pairwise(found)]
    assert max(gaps, default=0) - min(gaps, default=0) < 1e-4
    if len(found) > 1:
        assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in found)
        unit = f"{found[1] - found[0]:.0e}"
        assert unit[0] in "125"


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 4300, 5, [0, 1000, 2000, 3000, 4000]),
        (2.4, 2.5, 3, [2.4, 2.45, 2.5]),
        (5, 5, 3, [5]),
        (0, 10, 3, [0, 5, 10]),
        (0, 3, 2, [0, 2]),
    ],
)
def test_ticks_of_some_ranges(low, high, most, expected):
    assert ticks(low, high, most) == pytest.approx(expected)


@given(st.floats(1e-12, 1e12), st.floats(1.001, 1e20), st.integers(3, 20))
def test_logarithmic_ticks_rise_within_the_range(low, factor, most):
    high = low * factor
    found = log_ticks(low, high, most)
    assert 1 <= len(found) <= most
    assert found == sorted(found)
    if len(found) > 1:
        assert all(low * 0.999 <= tick <= high * 1.001 for tick in found)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.1, 1, 6, [0.1, 0.2, 0.5, 1]),
        (0.01, 10, 5, [0.01, 0.1, 1, 10]),
        (1e-9, 1, 6, [1e-8, 1e-6, 1e-4, 1e-2, 1]),
        (0.3, 0.45, 4, [0.3, 0.35, 0.4, 0.45]),
    ],
)
def test_logarithmic_ticks_of_some_ranges(low, high, most, expected):
    assert log_ticks(low, high, most) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("numbers", "percent", "expected"),
    [
        ([0, 0.5, 1], True, ["0%", "50%", "100%"]),
        ([0.85, 0.855, 0.86], True, ["85.0%", "85.5%", "86.0%"]),
        ([2, 2.5, 3], False, ["2.0", "2.5", "3.0"]),
        ([1e37, 2e37], False, ["1e37", "2e37"]),
        ([7.0], False, ["7"]),
        ([], False, []),
    ],
)
def test_labels_have_the_decimals_that_their_spacing_needs(numbers, percent, expected):
    assert labels(numbers, percent) == expected
