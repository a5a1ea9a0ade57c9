"""The range and the labels of a chart's value axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from core.history.curves import Recorder
from tui.drawing.axes import Axis
from tui.drawing.canvas import Canvas
from tui.drawing.figure import Figure
from tui.drawing.glyphs import UNICODE
from tui.panes.curves.value_axis import early_end, near, value_axis, value_range, x_ticks

PLAIN = Style(color="white")
NONE = np.array([])


def test_the_range_contains_the_strong_curves_with_a_margin():
    low, high = value_range(np.array([2.0, 1.0]), NONE, logarithmic=False)
    assert (low, high) == pytest.approx((0.95, 2.05))


def test_the_range_ignores_outliers_of_the_faint_curve():
    faint = np.array([1.0] * 99 + [50.0])
    assert value_range(np.array([2.0, 1.0]), faint, logarithmic=False)[1] == pytest.approx(2.05)


def test_a_range_cuts_off_a_divergence_and_a_linear_one_starts_at_zero_or_above():
    strong = np.array([2.0, 0.01, 0.01, 0.01, 0.01, 1e30])
    assert value_range(strong, NONE, logarithmic=False) == (0.0, 4.0)
    assert value_range(np.log10(strong), NONE, logarithmic=True)[1] == pytest.approx(np.log10(20))
    assert value_range(strong, NONE, logarithmic=False, whole=True)[1] > 1e30
    assert value_range(np.log10(strong), NONE, logarithmic=True, whole=True)[1] > 30


def test_near_a_range_is_what_is_at_most_its_length_away():
    assert near(np.array([-1.1, -1, 0.5, 2, 2.1, 1e9]), 0, 1).tolist() == [-1, 0.5, 2]


@pytest.mark.parametrize("values", [[], [0.0], [np.inf, -np.inf], [1e308, -1e308]])
def test_any_values_have_a_finite_range(values):
    low, high = value_range(np.array(values), NONE, logarithmic=True)
    assert np.isfinite([low, high]).all()
    assert low < high


def test_labels_are_by_row_from_the_top():
    assert value_axis(0, 1, 5, 4, percent=True)[1] == {
        0: " 100%",
        1: "  75%",
        2: "  50%",
        3: "  25%",
        4: "   0%",
    }
    assert value_axis(-1, 1, 5, 4, logarithmic=True)[1][4] == "  0.1"


@given(
    st.floats(0, 10),
    st.floats(1e-4, 10),
    st.integers(7, 40),
    st.booleans(),
)
def test_a_linear_axis_has_at_least_four_labels_the_same_number_of_rows_apart(
    low, span, rows, percent
):
    if percent:
        low, span = low / 20, span / 20
    y, labels = value_axis(low, low + span, rows, 4, percent=percent)
    assert y.low <= low * (1 + 1e-5) + 1e-5 * span
    assert y.high >= (low + span) * (1 - 1e-5)
    assert len(labels) >= 4
    assert rows - 1 in labels  # the axis begins with one
    assert len(set(np.diff(sorted(labels)))) == 1
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize(("low", "high"), [(0.2, 2.3), (0.03, 2.5), (1e-6, 5), (0.2, 0.5)])
def test_a_logarithmic_axis_of_nine_rows_has_at_least_four_labels(low, high):
    assert len(value_axis(np.log10(low), np.log10(high), 9, 4, logarithmic=True)[1]) >= 4


@pytest.mark.parametrize("rows", [9, 12, 29])
@pytest.mark.parametrize("values", [(0.1, 0.99), (0.95, 1.05), (0.82, 0.94)])
def test_no_accuracy_above_100_percent_is_labelled_and_little_is_beyond(values, rows):
    y, labels = value_axis(*values, rows, 4, percent=True)
    assert max(float(text.strip(" %")) for text in labels.values()) <= 100
    assert len(labels) >= 4
    assert y.high < 1.1


def test_two_accuracies_half_a_percent_apart_are_in_different_dots_of_a_small_chart():
    """After the first epoch of a run that ends at 93%, with nine rows of four dots."""
    y, _ = value_axis(0.815, 0.93, 9, 4, percent=True)
    assert y.dot(0.884) != y.dot(0.889)


def epochs(*lengths):
    recorder = Recorder("epoch")
    numbers = [epoch for epoch, length in enumerate(lengths, 1) for _ in range(length)]
    for step, epoch in enumerate(numbers, 1):
        recorder.add(step, epoch)
    return recorder.whole()["epoch"]


@pytest.mark.parametrize(
    ("lengths", "end"),
    [
        ((), 0),
        ((400,), 0),  # the first epoch
        ((400, 100), 250),  # not more than half of the run
        ((400, 400, 10), 400),
        ((10, 10, 10, 10), 20),
        ((10,) * 40, 100),  # the first moving average
    ],
)
def test_the_early_fall_ends_with_the_first_epoch(lengths, end):
    assert early_end(epochs(*lengths)) == end


def below(end, cells, whole=True):
    """The labels that a chart of this width has below its axis."""
    x = Axis(0, end, cells, 2)
    found = x_ticks(x, whole)
    figure = Figure(Canvas(cells, 1, PLAIN), x, {}, found, (), UNICODE, PLAIN)
    return figure.axis_rows(None)[1].text.split()


def test_the_end_is_labelled_beside_the_round_numbers_and_pushes_none_out():
    assert below(35, 20) == ["0", "10", "20", "30", "35"]
    assert below(4300, 35) == ["0", "1,000", "2,000", "3,000", "4,000"]


@pytest.mark.parametrize(("end", "last"), [(550_000, "500k"), (400_000, "400k"), (123_456, "120k")])
def test_all_numbers_of_an_axis_have_one_form(end, last):
    labels = below(end, 35)
    assert labels[0] == "0"
    assert all(label.endswith("k") for label in labels[1:])
    assert labels[-1] == last


@pytest.mark.parametrize(("end", "decimals"), [(17.2, 0), (0.882, 1), (3.5, 1)])
def test_an_axis_of_seconds_or_epochs_has_no_odd_end(end, decimals):
    labels = below(end, 35, whole=False)[1:]
    assert {len(label.partition(".")[2]) for label in labels} == {decimals}


@given(st.integers(10, 3_000_000), st.integers(30, 190))
def test_an_axis_of_steps_has_at_least_four_labels_that_do_not_touch(end, cells):
    labels = below(end, cells)
    assert len(labels) >= 4
    assert labels[0] == "0"
    unlabelled = [text for _, text in x_ticks(Axis(0, end, cells, 2)) if text not in labels]
    assert len(unlabelled) <= 2  # the end, and a number too close to the edge
    assert set(labels) <= {text for _, text in x_ticks(Axis(0, end, cells, 2))}


@pytest.mark.parametrize(
    ("end", "whole", "second"),
    [(6.79, False, "1"), (0.05, False, "0.01"), (120_000, True, "20k"), (2_400_000, True, "0.5M")],
)
def test_ticks_of_other_units(end, whole, second):
    assert x_ticks(Axis(0, end, 35, 2), whole)[1][1] == second


@pytest.mark.parametrize("end", [1_290, 2_360, 2_580, 12_600, 26_000])
@pytest.mark.parametrize("cells", [28, 31])
def test_a_narrow_chart_has_four_labels_below_its_axis(end, cells):
    assert len(below(end, cells)) >= 4


@given(st.floats(0.01, 1e6), st.integers(30, 190))
def test_an_axis_of_epochs_or_seconds_has_at_least_four_labels(end, cells):
    assert len(below(end, cells, whole=False)) >= 4
