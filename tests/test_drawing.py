"""Pictures and thinned curves: pure functions, so that no app is needed to test them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rich.cells import cell_len

from tui.drawing import RAMP, ascii_rows, bar, fit, resize, text_size, thin

images = hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))
sizes = st.integers(1, 50)


def test_halving_an_image_takes_the_mean_of_four_pixels():
    image = np.array([[0, 2, 10, 10], [4, 6, 10, 10]], np.uint8)
    assert resize(image, 1, 2).tolist() == [[3, 10]]


@given(images, sizes, sizes)
def test_resizing_keeps_the_mean_grey(image, rows, columns):
    resized = resize(image, rows, columns)
    assert resized.shape == (rows, columns)
    assert resized.mean() == pytest.approx(image.mean(), abs=1e-9)


@given(images, sizes, sizes)
def test_a_picture_has_the_size_asked_for_and_only_characters_of_the_ramp(image, rows, columns):
    picture = ascii_rows(image, rows, columns)
    assert len(picture) == rows
    assert all(len(row) == columns and set(row) <= set(RAMP) for row in picture)


def test_the_contrast_of_a_dark_image_is_stretched_over_the_whole_ramp():
    dark = np.array([[10, 12], [14, 30]], np.uint8)
    picture = "".join(ascii_rows(dark, 2, 2))
    assert picture[0] == RAMP[0]
    assert picture[-1] == RAMP[-1]


def test_a_brighter_pixel_is_never_drawn_thinner():
    ramp = np.arange(256, dtype=np.uint8)[None, :]
    levels = [RAMP.index(c) for c in ascii_rows(ramp, 1, 256)[0]]
    assert levels == sorted(levels)
    assert set(levels) == set(range(len(RAMP)))


def test_an_image_of_one_grey_is_blank():
    assert ascii_rows(np.full((4, 4), 99, np.uint8), 2, 4) == ["    ", "    "]


@pytest.mark.parametrize(
    ("shape", "most", "size"),
    [
        ((28, 28), 60, (14, 28)),
        ((28, 28), 20, (10, 20)),
        ((8, 8), 60, (4, 8)),
        ((64, 32), 60, (32, 32)),
        ((1, 9), 60, (1, 9)),
    ],
)
def test_a_picture_keeps_its_proportions_in_cells_twice_as_high_as_wide(shape, most, size):
    assert text_size(np.zeros(shape, np.uint8), most) == size


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, "╌╌╌╌"), (0.5, "━━╌╌"), (1, "━━━━"), (7, "━━━━"), (-1, "╌╌╌╌")],
)
def test_a_bar_is_filled_to_its_share(share, drawn):
    assert bar(share, 4) == drawn


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
