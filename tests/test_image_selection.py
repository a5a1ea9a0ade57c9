"""Which images are shown, in which order, and how that is said."""

import numpy as np
import pytest
from canned import NAMES
from hypothesis import given
from hypothesis import strategies as st

from core.events import Evaluation
from core.inspection.image_selection import ImageKind, ImageOrder, ImageSelection


def evaluation(labels, probabilities, indices=None):
    labels, probabilities = np.array(labels, np.uint8), np.array(probabilities, np.float32)
    indices = np.arange(len(labels)) if indices is None else np.array(indices)
    return Evaluation(1, "test", 0.0, 0.0, indices, labels, probabilities)


@pytest.fixture
def five():
    """A 0 and a 1 found, a 0 taken for 1, a 1 taken for 0, and once more a 1 for 0."""
    return evaluation(
        [0, 0, 1, 1, 1],
        [[0.6, 0.4, 0], [0.3, 0.6, 0.1], [0.1, 0.9, 0], [0.8, 0.1, 0.1], [0.5, 0.05, 0.45]],
        indices=[50, 40, 30, 20, 10],
    )


def test_at_first_the_mistakes_are_chosen_the_surest_first(five):
    assert ImageSelection().rows(five).tolist() == [3, 1, 4]


@pytest.mark.parametrize(
    ("choice", "rows"),
    [
        (ImageSelection(ImageKind.CORRECT), [2, 0]),
        (ImageSelection(ImageKind.ALL), [2, 3, 0, 1, 4]),
        (ImageSelection(order=ImageOrder.LOSS), [4, 3, 1]),
        (ImageSelection(order=ImageOrder.INDEX), [4, 3, 1]),
        (ImageSelection(ImageKind.ALL, ImageOrder.INDEX), [4, 3, 2, 1, 0]),
        (ImageSelection(label=1), [3, 4]),
        (ImageSelection(label=2), []),
        (ImageSelection(label=1, predicted=0), [3, 4]),
        (ImageSelection(label=1, predicted=1), [2]),
        (ImageSelection(label=0, predicted=2), []),
    ],
    ids=repr,
)
def test_a_choice_takes_the_rows_it_says_in_the_order_it_says(five, choice, rows):
    assert choice.rows(five).tolist() == rows


def test_mistakes_of_equal_confidence_keep_their_order_and_no_mistake_is_none():
    assert ImageSelection().rows(evaluation([0, 0], [[0.2, 0.8], [0.2, 0.8]])).tolist() == [0, 1]
    assert ImageSelection().rows(evaluation([1, 0], [[0.2, 0.8], [0.8, 0.2]])).tolist() == []


def some(seed, count=60, classes=4):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), count)
    return evaluation(rng.integers(0, classes, count), probabilities)


choices = st.builds(
    ImageSelection, st.sampled_from(ImageKind), st.sampled_from(ImageOrder), st.none() | st.just(2)
)


@given(choices, st.integers(0, 99))
def test_the_order_changes_no_choice_and_mistakes_and_recognised_make_all(choice, seed):
    images = some(seed)
    rows = set(choice.rows(images).tolist())
    assert rows == set(choice.next_order().rows(images).tolist())
    mistakes, recognised, everything = (
        set(ImageSelection(kind, choice.order, choice.label).rows(images).tolist())
        for kind in ImageKind
    )
    assert mistakes | recognised == everything
    assert not mistakes & recognised


def test_shuffled_images_are_in_the_same_order_in_every_evaluation():
    choice = ImageSelection(ImageKind.ALL, ImageOrder.RANDOM)
    order = choice.rows(some(0)).tolist()
    assert choice.rows(some(1)).tolist() == order
    assert order != sorted(order)


def test_probabilities_that_are_no_numbers_are_in_some_order_too():
    broken = evaluation([0, 1], np.full((2, 3), np.nan))
    for order in ImageOrder:
        assert sorted(ImageSelection(ImageKind.ALL, order).rows(broken).tolist()) == [0, 1]


def test_walking_on_comes_back_to_where_it_began():
    choice = ImageSelection()
    labels = [choice.label]
    for _ in range(4):
        choice = choice.next_label(1, 3)
        labels.append(choice.label)
    assert labels == [None, 0, 1, 2, None]
    assert ImageSelection().next_label(-1, 3).label == 2
    assert ImageSelection().next_kind().next_kind().next_kind() == ImageSelection()
    assert ImageSelection().next_order().next_order().next_order().next_order() == ImageSelection()


def test_another_kind_or_class_is_of_whatever_was_said():
    pair = ImageSelection(label=1, predicted=0)
    assert pair.next_kind() == ImageSelection(ImageKind.CORRECT, label=1)
    assert pair.next_label(1, 3) == ImageSelection(label=2)
    assert pair.next_order() == ImageSelection(order=ImageOrder.LOSS, label=1, predicted=0)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (ImageSelection(), "mistakes"),
        (ImageSelection(ImageKind.CORRECT), "recognised images"),
        (ImageSelection(ImageKind.ALL), "images"),
        (ImageSelection(label=2), "mistakes, true Cross"),
        (ImageSelection(ImageKind.ALL, label=2), "images, true Cross"),
        (ImageSelection(label=2, predicted=3), "true Cross, said Bar"),
    ],
    ids=repr,
)
def test_a_choice_is_said_in_words(choice, words):
    assert choice.describe(NAMES) == words


def test_a_choice_of_nothing_says_why(five):
    assert ImageSelection().nothing(five, NAMES) == "Every image was recognised."
    assert ImageSelection(label=1).nothing(five, NAMES) == "Every Square was recognised."
    assert ImageSelection(ImageKind.CORRECT).nothing(five, NAMES) == "Not one image was recognised."
    assert ImageSelection(label=2).nothing(five, NAMES) == "There are no images of Cross."
    assert (
        ImageSelection(label=0, predicted=2).nothing(five, NAMES) == "No Ring was said to be Cross."
    )
