"""Images drawn in terminal cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rich.style import Style

from tui.drawing.pictures import RAMP, Pictures, ascii_rows, picture, picture_size, resize, suited

images = hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))
sizes = st.integers(1, 50)


def test_halving_an_image_takes_the_mean_of_four_pixels():
    image = np.array([[0, 2, 10, 10], [4, 6, 10, 10]], np.uint8)
    assert resize(image, 1, 2).tolist() == [[3, 10]]


@given(images, sizes, sizes)
def test_resizing_keeps_the_mean_gray(image, rows, columns):
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


def test_an_image_of_one_gray_is_blank():
    assert ascii_rows(np.full((4, 4), 99, np.uint8), 2, 4) == ["    ", "    "]


@pytest.mark.parametrize(
    ("shape", "most", "size"),
    [
        ((28, 28), (14, 28), (14, 28)),
        ((28, 28), (30, 20), (10, 20)),
        ((28, 28), (10, 90), (10, 20)),
        ((8, 8), (20, 40), (20, 40)),
        ((64, 32), (16, 60), (16, 16)),
        ((120, 150), (14, 28), (11, 28)),
        ((1, 1), (14, 28), (14, 28)),
        ((1, 500), (14, 28), (1, 28)),
        ((500, 1), (14, 28), (14, 1)),
    ],
)
def test_a_picture_is_as_large_as_fits_and_keeps_its_proportions(shape, most, size):
    assert picture_size(shape, *most) == size


@given(images, sizes, sizes)
def test_a_picture_never_exceeds_its_room(image, most_rows, most_columns):
    rows, columns = picture_size(image.shape, most_rows, most_columns)
    assert 1 <= rows <= most_rows
    assert 1 <= columns <= most_columns


@given(images, sizes, sizes, st.sampled_from(Pictures))
def test_either_kind_of_picture_has_the_size_asked_for_and_a_style_everywhere(
    image, rows, columns, pictures
):
    lines = picture(image, (rows, columns), pictures, Style())
    assert len(lines) == rows
    for line in lines:
        assert len(line.text) == line.cell_length == columns
        assert all(segment.style is not None for segment in line)


def grays(line):
    """(upper, lower) grays of each cell."""
    return [
        (segment.style.color.triplet, segment.style.bgcolor.triplet)
        for segment in line
        for _ in segment.text
    ]


def test_a_half_block_shows_the_true_gray_of_two_pixels():
    image = np.array([[0, 255, 255], [255, 0, 0]], np.uint8)
    (line,) = picture(image, (1, 3), Pictures.BLOCKS, Style(color="red", bgcolor="white"))
    black, white = (0, 0, 0), (255, 255, 255)
    assert line.text == "▀▀▀"
    assert grays(line) == [(black, white), (white, black), (white, black)]
    assert len(list(line)) == 2  # equal neighbors are one segment


@given(images)
def test_half_blocks_are_gray_and_hardly_off(image):
    height, width = image.shape
    image = np.repeat(image, 2, axis=0)
    lines = picture(image, (height, width), Pictures.BLOCKS, Style())
    for row, line in enumerate(lines):
        for column, pair in enumerate(grays(line)):
            for red, green, blue in pair:
                assert red == green == blue
                assert abs(red - int(image[2 * row, column])) <= 3


@pytest.mark.parametrize("dark", [True, False])
def test_a_bright_pixel_is_bright_in_dark_and_light_themes(dark):
    image = np.array([[0, 255], [0, 255]], np.uint8)
    colors = ("#ffffff", "#000000") if dark else ("#000000", "#ffffff")
    plain = Style(color=colors[0], bgcolor=colors[1])
    (line,) = picture(image, (1, 2), Pictures.ASCII, plain)
    assert line.text == " @"
    [segment] = line
    style = segment.style
    text, background = (
        (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
    )
    assert (text.name, background.name) == ("#ffffff", "#000000")
    (line,) = picture(image, (1, 2), Pictures.BLOCKS, plain)
    assert [pair[0].red for pair in grays(line)] == [0, 255]
    assert not any(segment.style.reverse for segment in line)


@pytest.mark.parametrize(
    ("colors", "no_color", "ascii_only", "pictures"),
    [
        ("truecolor", False, False, Pictures.BLOCKS),
        ("256", False, False, Pictures.BLOCKS),
        ("standard", False, False, Pictures.ASCII),
        (None, False, False, Pictures.ASCII),
        ("truecolor", True, False, Pictures.ASCII),
        ("truecolor", False, True, Pictures.ASCII),
    ],
)
def test_half_blocks_are_for_terminals_that_have_the_grays(colors, no_color, ascii_only, pictures):
    assert suited(colors, no_color, ascii_only) is pictures


def test_the_other_kind_and_the_other_again_is_the_same():
    for pictures in Pictures:
        assert pictures.other() is not pictures
        assert pictures.other().other() is pictures
