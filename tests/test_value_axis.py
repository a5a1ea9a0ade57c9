"""The range and the labels of a chart's value axis."""

import numpy as np
import pytest

from tui.drawing.axes import Axis
from tui.panes.curves.value_axis import value_labels, value_range, x_ticks

NONE = np.array([])


def test_the_range_contains_the_strong_curves_with_a_margin():
    low, high = value_range(np.array([2.0, 1.0]), NONE, logarithmic=False)
    assert (low, high) == pytest.approx((0.95, 2.05))


def test_the_range_ignores_outliers_of_the_faint_curve():
    faint = np.array([1.0] * 99 + [50.0])
    assert value_range(np.array([2.0, 1.0]), faint, logarithmic=False)[1] == pytest.approx(2.05)


def test_a_linear_range_starts_at_zero_or_above_and_cuts_off_a_divergence():
    strong = np.array([2.0, 0.01, 0.01, 0.01, 0.01, 1e30])
    assert value_range(strong, NONE, logarithmic=False) == (0.0, 4.0)
    assert value_range(np.log10(strong), NONE, logarithmic=True)[1] > 30


@pytest.mark.parametrize("values", [[], [0.0], [np.inf, -np.inf], [1e308, -1e308]])
def test_any_values_have_a_finite_range(values):
    low, high = value_range(np.array(values), NONE, logarithmic=True)
    assert np.isfinite([low, high]).all()
    assert low < high


def test_labels_are_by_row_from_the_top():
    assert value_labels(Axis(0, 1, 5), False, percent=True) == {0: " 100%", 2: "  50%", 4: "   0%"}
    assert value_labels(Axis(-1, 1, 5), True, percent=False)[4] == "  0.1"


def test_the_last_step_is_always_a_tick():
    assert x_ticks(0, 35, 40) == [0, 10, 20, 30, 35]
