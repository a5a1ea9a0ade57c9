"""Weights drawn as pictures, with and without color."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.style import Style

from tui.drawing.pictures import Pictures
from tui.drawing.weight_pictures import NEGATIVE, POSITIVE, legend, weight_picture
from tui.xterm_colors import nearest

PLAIN = Style(color="white", bgcolor="black")
weights = arrays(
    np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.floats(width=32)
)


def brightness(color):
    red, green, blue = color.triplet
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rows(*args):
    return [strip.text for strip in weight_picture(*args, PLAIN)]


def test_in_characters_the_sign_of_a_weight_is_in_the_character():
    drawn = rows(np.array([[-3.0, -2, -1, 0, 1, 2, 3]]), (1, 7), Pictures.ASCII)
    assert drawn == [NEGATIVE[::-1] + " " + POSITIVE]


def test_the_largest_weight_has_the_strongest_sign_however_small_it_is():
    drawn = rows(np.array([[1e-6, -1e-6, 0.0]]), (1, 3), Pictures.ASCII)
    assert drawn == [POSITIVE[-1] + NEGATIVE[-1] + " "]


def test_half_blocks_grow_brighter_from_negative_to_positive():
    ramp = np.linspace(-1, 1, 21)
    [strip] = weight_picture(np.stack([ramp, ramp]), (1, 21), Pictures.BLOCKS, PLAIN)
    shades = [brightness(segment.style.color) for segment in strip for _ in segment.text]
    assert shades == sorted(shades)
    assert shades[0] < shades[10] / 2
    assert shades[20] > shades[10] * 1.8
    middle = list(strip)[len(list(strip)) // 2].style.color.triplet
    assert max(middle) == min(middle)


def test_in_256_colors_the_shades_go_from_blue_over_gray_to_yellow():
    [strip] = weight_picture(np.linspace(-1, 1, 31)[None], (1, 31), Pictures.BLOCKS, PLAIN)
    numbers = [nearest(*segment.style.bgcolor.triplet) for segment in strip]
    assert [number for number, _ in groupby(numbers)] == [18, 60, 242, 243, 101, 143, 185, 227]


@given(weights, st.integers(1, 12), st.integers(1, 12), st.sampled_from(Pictures))
def test_a_picture_of_any_weights_is_as_large_as_asked_for(array, down, across, pictures):
    drawn = weight_picture(array, (down, across), pictures, PLAIN)
    assert [strip.cell_length for strip in drawn] == [across] * down
    assert all(segment.style is not None for strip in drawn for segment in strip)


@pytest.mark.parametrize("pictures", Pictures, ids=str)
@pytest.mark.parametrize("width", [10, 30, 46, 60])
def test_the_legend_fits(pictures, width):
    assert 0 < len(legend(pictures, width)) <= width
