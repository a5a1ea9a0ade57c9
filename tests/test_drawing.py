"""Padded names, short numbers, bars, sparklines and thinned curves."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.config.config import SETTINGS
from core.history.curves import Recorder
from core.text import rate_text, significant
from tui.drawing.bars import BLOCKS, balance, bar, bars, sparkline
from tui.drawing.numbers import alike, fit, number, percent, power_text, probability
from tui.drawing.text import as_many, whole_words
from tui.drawing.thinning import thin


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, "╌╌╌╌"), (0.5, "━━╌╌"), (1, "━━━━"), (7, "━━━━"), (-1, "╌╌╌╌"), (np.nan, "╌╌╌╌")],
)
def test_a_bar_is_filled_to_its_share(share, drawn):
    assert bar(share, 4) == drawn


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0%"),
        (1e-9, "<1%"),
        (0.005, "<1%"),
        (0.126, "13%"),
        (0.9999, ">99%"),
        (1, "100%"),
        (np.nan, "nan%"),
    ],
)
def test_percent_is_whole_and_only_0_and_1_are_0_and_100_percent(share, words):
    assert percent(share) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0.0%"), (1e-9, "<0.1%"), (0.126, "12.6%"), (1, "100.0%"), (np.nan, "–")],
)
def test_a_probability_has_one_decimal_and_only_0_is_0(share, words):
    assert probability(share) == words


@pytest.mark.parametrize(
    ("text", "cells", "fitted"),
    [
        ("Bag", 5, "  Bag"),
        ("Ankle boot", 9, "    Ankle"),
        ("T-shirt/top", 8, " T-shirt"),
        ("Sneaker", 5, "Snea…"),
        ("漢字", 5, " 漢字"),
        ("漢字漢", 5, "漢字…"),
    ],
)
def test_a_name_that_is_too_long_loses_words_and_only_then_letters(text, cells, fitted):
    assert fit(text, cells) == fitted


@given(st.text(), st.integers(0, 20))
def test_a_fitted_name_has_exactly_its_cells(text, cells):
    assert cell_len(fit(text, cells)) == cells


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 5))
def test_a_bar_is_as_high_as_its_share_of_the_rows(shares, rows):
    drawn = bars(np.array(shares), rows, BLOCKS)
    assert [len(row) for row in drawn] == [len(shares)] * rows
    for column, share in enumerate(shares):
        height = sum(BLOCKS.index(row[column]) for row in drawn)
        assert height == pytest.approx(share * rows * 8, abs=1)
        assert height > 0 or share < 1e-6


def test_bars_grow_from_the_bottom():
    assert bars(np.array([0, 0.01, 0.5, 0.75, 1]), 2, BLOCKS) == ["   ▄█", " ▁███"]


values = st.lists(st.floats(), min_size=1, max_size=400)
widths = st.integers(1, 60)


def curve(values, capacity=8192):
    recorder = Recorder("loss", capacity=capacity)
    for step, value in enumerate(values, 1):
        recorder.add(step, value)
    return recorder.whole()["loss"]


@given(values, widths, st.integers(1, 500))
def test_a_thinned_curve_is_finite_in_order_and_no_longer_than_two_points_a_column(
    values, columns, capacity
):
    x, y = thin(curve(values, capacity), 0, len(values), columns)
    assert len(x) == len(y) <= 2 * columns
    assert x.tolist() == sorted(x)
    assert ((x >= 0) & (x <= len(values))).all()
    assert np.isfinite(y).all()


@given(values, widths, st.integers(1, 500))
def test_thinning_keeps_the_minimum_and_the_maximum(values, columns, capacity):
    finite = [value for value in values if math.isfinite(value)]
    _, y = thin(curve(values, capacity), 0, len(values), columns)
    if finite:
        assert (y.min(), y.max()) == (min(finite), max(finite))
    else:
        assert len(y) == 0


def test_a_short_curve_is_kept_as_it_is():
    x, y = thin(curve([3, 2, 1]), 0, 10, 30)
    assert (x.tolist(), y.tolist()) == ([1, 2, 3], [3, 2, 1])


def test_only_points_in_the_chart_are_kept():
    x, _ = thin(curve(range(100)), 40, 45, 30)
    assert x.tolist() == [40, 41, 42, 43, 44, 45]


def test_a_falling_curve_falls_within_each_column_too():
    _, y = thin(curve(range(100, 0, -1)), 1, 100, 10)
    assert y[1:].tolist() == sorted(y[1:], reverse=True)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.123456, "0.123"),
        (-1234.5, "-1.2e3"),
        (0.0000123, "1.2e-5"),
        (0, "0"),
        (float("nan"), "–"),
        (float("inf"), "inf"),
    ],
)
def test_a_number_is_short(value, words):
    assert number(value) == words


def test_a_balance_leans_to_the_side_of_its_sign():
    assert balance(0.5, 9) == "    │━━  "
    assert balance(-1, 9) == "━━━━│    "
    assert balance(float("nan"), 9) == balance(0, 9) == "    │    "
    assert balance(-7, 3) == "━│ "


def test_a_sparkline_spans_minimum_to_maximum_and_is_aligned_right():
    assert sparkline(np.array([0.0, 1, 2, 3]), 6, "abcd") == "  abcd"
    assert sparkline(np.array([5.0, np.nan, 6, -np.inf]), 4, "ab") == "a b "
    assert sparkline(np.array([2.0, 2.0]), 2, "abc") == "bb"
    assert sparkline(np.array([np.nan]), 3, "ab") == "   "
    assert sparkline(np.arange(100.0), 3, "abc") == "abc"
    assert sparkline(np.arange(100.0), 0, "abc") == sparkline(np.arange(100.0), -9, "abc") == ""


@pytest.mark.parametrize(
    ("width", "line"),
    [(30, "go  stop at once  end"), (20, "go  stop at once"), (16, "go  stop at once"), (15, "go")],
)
def test_as_many_parts_as_fit_are_joined(width, line):
    assert as_many(["go", "stop at once", "end"], width) == line
    assert as_many(["go", "stop at once", "end"], 1) == ""


@pytest.mark.parametrize(
    ("width", "line"),
    [(30, "step 2,433 · loss 0.3"), (20, "step 2,433 · loss"), (13, "step 2,433"), (3, "")],
)
def test_a_text_that_is_cut_ends_with_a_whole_word(width, line):
    assert whole_words("step 2,433 · loss 0.3", width) == line


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((-0.812, 0.75), ["-0.812", "0.750"]),
        ((-3.0, 12.34), ["-3.0", "12.3"]),
        ((0.0, 0.0), ["0.00", "0.00"]),
        ((-2e-7, 1e-7), ["-2e-7", "1e-7"]),
    ],
)
def test_the_two_ends_of_an_axis_have_the_same_decimals(values, texts):
    assert alike(*values) == texts


def test_an_exponent_on_an_axis_has_no_zeros():
    assert [power_text(value) for value in (2e-05, 0.001, 1e12)] == ["2e-5", "0.001", "1e12"]
    assert number(0.0021, zeros=True) == "0.00210"
    assert number(100, zeros=True) == "100"


def test_a_small_number_is_written_the_same_everywhere():
    rate = SETTINGS["learning_rate"].write
    assert {write(5e-5) for write in (rate, rate_text, number, power_text, significant)} == {"5e-5"}
    assert {write(1e12) for write in (rate, rate_text, number, power_text, significant)} == {"1e12"}
    assert rate(1.23456789e-5) == "1.23456789e-5"
    assert (number(5.14e-5), number(5e-5, zeros=True)) == ("5.1e-5", "5.0e-5")
    assert significant(5e-5, 4, sign="+") == "+5e-5"
