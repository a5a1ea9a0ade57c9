"""Names, bars and thinned curves: pure functions, so that no app is needed to test them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing import bar, fit, percent, thin


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
def test_percent_are_whole_and_a_little_is_not_nothing_nor_nearly_all_all(share, words):
    assert percent(share) == words


@pytest.mark.parametrize(
    ("text", "cells", "fitted"),
    [("Bag", 5, "  Bag"), ("Ankle boot", 5, "Ankle"), ("漢字", 5, " 漢字"), ("漢字漢", 5, "漢字 ")],
)
def test_a_name_fits_the_cells_it_is_given_however_wide_its_characters(text, cells, fitted):
    assert fit(text, cells) == fitted


@given(st.text(), st.integers(0, 20))
def test_a_fitted_name_has_exactly_its_cells(text, cells):
    assert cell_len(fit(text, cells)) == cells


curves = st.lists(st.floats(width=32), min_size=1, max_size=400)


@given(curves, st.integers(1, 60))
def test_a_thinned_curve_is_finite_in_order_and_no_longer_than_two_points_a_column(values, columns):
    values = np.array(values, np.float32)
    x, y = thin(np.arange(len(values), dtype=np.int64), values, columns)
    assert len(x) == len(y) <= 2 * columns
    assert x == sorted(x)
    assert np.isfinite(y).all()


@given(curves, st.integers(1, 60))
def test_thinning_keeps_the_least_and_the_greatest_value(values, columns):
    values = np.array(values, np.float32)
    finite = values[np.isfinite(values)]
    _, y = thin(np.arange(len(values), dtype=np.int64), values, columns)
    if len(finite):
        assert (min(y), max(y)) == (finite.min(), finite.max())
    else:
        assert y == []


def test_a_short_curve_is_kept_as_it_is():
    steps = np.array([1, 5, 9], np.int64)
    assert thin(steps, np.array([3, 2, 1], np.float32), 30) == ([1, 5, 9], [3, 2, 1])
