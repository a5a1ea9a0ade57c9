"""The texts and shades of the confusion matrix, and its visible part."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tui.drawing.matrix import (
    Window,
    abbreviations,
    cell_text,
    describe_cell,
    most_confused,
    shade_levels,
)

NAMES = ("Bag", "Coat", "Shirt")
COUNTS = np.array([[1200, 0, 3], [10, 20, 10], [0, 0, 0]])


@given(
    st.integers(2, 64).flatmap(
        lambda k: st.tuples(
            st.just(k),
            st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)),
            st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)),
        )
    ),
    st.tuples(st.integers(-3, 80), st.integers(-3, 80)),
)
def test_the_window_shows_the_cell_and_lies_within_the_matrix(matrix, room):
    classes, before, cell = matrix
    window = Window(0, 0, 0, 0).around(before, classes, room).around(cell, classes, room)
    for first, count, place, most in (
        (window.row, window.rows, cell[0], room[0]),
        (window.column, window.columns, cell[1], room[1]),
    ):
        assert 0 <= first <= place < first + count <= classes
        assert count == min(classes, max(1, most))


def test_the_window_scrolls_as_little_as_possible():
    window = Window(0, 0, 0, 0).around((5, 5), 64, (10, 10))
    assert window == (0, 0, 10, 10)
    assert window.around((10, 5), 64, (10, 10)) == (1, 0, 10, 10)
    assert window.around((10, 63), 64, (10, 10)) == (1, 54, 10, 10)


@given(hnp.arrays(np.int64, st.integers(2, 6).map(lambda k: (k, k)), elements=st.integers(0, 9999)))
def test_a_larger_share_of_mistakes_is_never_shaded_lighter(counts):
    shades = shade_levels(counts, 8)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    off = ~np.eye(len(counts), dtype=bool)
    order = np.argsort(shares[off])
    assert (np.diff(shades[off][order]) >= 0).all()
    assert ((shades[off] > 0) == (counts[off] > 0)).all()
    assert (shades.diagonal() == 0).all()
    assert shades.max() <= 7


@pytest.mark.parametrize(
    ("cell", "count", "share"),
    [
        ((0, 0), "1200", ">99"),
        ((0, 1), "·", "·"),
        ((0, 2), "3", "<1"),
        ((1, 0), "10", "25"),
        ((2, 2), "·", "·"),
    ],
    ids=str,
)
def test_a_cell_is_a_count_or_percent_of_its_row(cell, count, share):
    assert cell_text(COUNTS, cell, in_percent=False) == count
    assert cell_text(COUNTS, cell, in_percent=True) == share


def test_in_a_narrow_cell_all_of_a_row_leaves_a_space():
    all_of = np.array([[5, 0], [5, 0]])
    assert cell_text(all_of, (0, 0), in_percent=True, most=2) == "✓"
    assert cell_text(all_of, (1, 0), in_percent=True, most=2) == "×"
    assert cell_text(COUNTS, (0, 0), in_percent=True, most=2) == "99"
    assert cell_text(COUNTS, (0, 0), in_percent=False, most=3) == "1k"


def test_a_class_without_correct_predictions_shows_a_zero_on_the_diagonal():
    counts = np.array([[0, 5], [0, 5]])
    assert cell_text(counts, (0, 0), in_percent=False) == "0"
    assert cell_text(counts, (0, 0), in_percent=True) == "0"


@given(st.integers(0, 999_999), st.integers(0, 999_999), st.booleans())
def test_the_text_of_a_cell_has_at_most_four_characters(one, other, in_percent):
    assert len(cell_text(np.array([[one, other], [0, 0]]), (0, 1), in_percent)) <= 4


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ((1, 2), "true Coat, predicted Shirt: 10 of 40, 25%"),
        ((0, 0), "true Bag, predicted Bag: 1,200 of 1,203, >99%"),
        ((0, 2), "true Bag, predicted Shirt: 3 of 1,203, <1%"),
        ((2, 0), "true Shirt: no images"),
    ],
    ids=str,
)
def test_a_cell_is_described_in_words(cell, words):
    assert describe_cell(COUNTS, NAMES, cell, 80) == words


def test_the_description_of_a_cell_keeps_its_numbers_where_room_is_short():
    long = "true Coat, predicted Shirt: 10 of 40, 25%"
    assert describe_cell(COUNTS, NAMES, (1, 2), len(long)) == long
    assert describe_cell(COUNTS, NAMES, (1, 2), len(long) - 1) == "Coat → Shirt: 10 of 40, 25%"
    assert describe_cell(COUNTS, NAMES, (1, 2), 20) == "Coat → Shirt: 10"
    assert describe_cell(COUNTS, NAMES, (1, 2), 15) == "10 of 40, 25%"


def test_abbreviations_are_letters_or_numbers_that_tell_the_classes_apart():
    names = ("T-shirt/top", "Trouser", "Ankle boot")
    assert abbreviations(names, 3) == ["Tsh", "Tro", "Ank"]
    assert abbreviations(names, 2) == ["Ts", "Tr", "An"]
    assert abbreviations(names, 1) == ["0", "1", "2"]
    assert abbreviations(("[/]", "漢字"), 3) == ["0", "1"]


def test_the_most_frequent_mistakes_are_listed_or_that_there_are_none():
    assert most_confused(COUNTS, NAMES, 2) == [
        "Most often confused (true → predicted)",
        "  Coat → Bag: 10",
        "  Coat → Shirt: 10",
    ]
    assert most_confused(np.diag([3, 4]), NAMES, 5) == ["No mistakes"]
    assert most_confused(np.zeros((2, 2), int), NAMES, 5) == ["No images"]
