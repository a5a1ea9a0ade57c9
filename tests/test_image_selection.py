"""Which images are shown, in which order, and how the selection is described."""

import numpy as np
import pytest
from canned import NAMES
from hypothesis import given
from hypothesis import strategies as st

from core.events import Evaluation
from core.history.image_selection import ImageKind, ImageOrder, ImageSelection


def evaluation(labels, probabilities, indices=None):
    labels, probabilities = np.array(labels, np.uint8), np.array(probabilities, np.float32)
    indices = np.arange(len(labels)) if indices is None else np.array(indices)
    return Evaluation(1, "test", 0.0, 0.0, indices, labels, probabilities)


@pytest.fixture
def five():
    """A 0 and a 1 classified correctly, a 0 predicted as 1, and two 1s predicted as 0."""
    return evaluation(
        [0, 0, 1, 1, 1],
        [[0.6, 0.4, 0], [0.3, 0.6, 0.1], [0.1, 0.9, 0], [0.8, 0.1, 0.1], [0.5, 0.05, 0.45]],
        indices=[50, 40, 30, 20, 10],
    )


def test_the_default_is_mistakes_the_most_confident_first(five):
    assert ImageSelection().rows(five).tolist() == [3, 1, 4]


@pytest.mark.parametrize(
    ("selection", "rows"),
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
def test_a_selection_has_its_rows_in_its_order(five, selection, rows):
    assert selection.rows(five).tolist() == rows


def test_mistakes_of_equal_confidence_keep_their_order_and_no_mistake_is_none():
    assert ImageSelection().rows(evaluation([0, 0], [[0.2, 0.8], [0.2, 0.8]])).tolist() == [0, 1]
    assert ImageSelection().rows(evaluation([1, 0], [[0.2, 0.8], [0.8, 0.2]])).tolist() == []


def some(seed, count=60, classes=4):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), count)
    return evaluation(rng.integers(0, classes, count), probabilities)


selections = st.builds(
    ImageSelection, st.sampled_from(ImageKind), st.sampled_from(ImageOrder), st.none() | st.just(2)
)


@given(selections, st.integers(0, 99))
def test_the_order_changes_no_selection_and_mistakes_and_correct_images_make_all(selection, seed):
    images = some(seed)
    rows = set(selection.rows(images).tolist())
    assert rows == set(selection.next_order().rows(images).tolist())
    mistakes, correct, everything = (
        set(ImageSelection(kind, selection.order, selection.label).rows(images).tolist())
        for kind in ImageKind
    )
    assert mistakes | correct == everything
    assert not mistakes & correct


def test_shuffled_images_are_in_the_same_order_in_every_evaluation():
    selection = ImageSelection(ImageKind.ALL, ImageOrder.RANDOM)
    order = selection.rows(some(0)).tolist()
    assert selection.rows(some(1)).tolist() == order
    assert order != sorted(order)


def test_nan_probabilities_have_an_order_too():
    broken = evaluation([0, 1], np.full((2, 3), np.nan))
    for order in ImageOrder:
        assert sorted(ImageSelection(ImageKind.ALL, order).rows(broken).tolist()) == [0, 1]


def test_cycling_returns_to_the_start():
    selection = ImageSelection()
    labels = [selection.label]
    for _ in range(4):
        selection = selection.next_label(1, 3)
        labels.append(selection.label)
    assert labels == [None, 0, 1, 2, None]
    assert ImageSelection().next_label(-1, 3).label == 2
    assert ImageSelection().next_kind().next_kind().next_kind() == ImageSelection()
    assert ImageSelection().next_order().next_order().next_order().next_order() == ImageSelection()


def test_another_kind_or_class_drops_the_predicted_class():
    pair = ImageSelection(label=1, predicted=0)
    assert pair.next_kind() == ImageSelection(ImageKind.CORRECT, label=1)
    assert pair.next_label(1, 3) == ImageSelection(label=2)
    assert pair.next_order() == ImageSelection(order=ImageOrder.LOSS, label=1, predicted=0)


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (ImageSelection(), "mistakes"),
        (ImageSelection(ImageKind.CORRECT), "correct images"),
        (ImageSelection(ImageKind.ALL), "all images"),
        (ImageSelection(label=2), "mistakes, true Cross"),
        (ImageSelection(ImageKind.ALL, label=2), "all images, true Cross"),
        (ImageSelection(label=2, predicted=3), "true Cross, predicted Bar"),
    ],
    ids=repr,
)
def test_a_selection_is_described_in_words(selection, words):
    assert selection.describe(NAMES) == words


def test_an_empty_selection_says_why(five):
    assert ImageSelection().why_empty(five, NAMES) == "Every image is classified correctly."
    assert ImageSelection(label=1).why_empty(five, NAMES) == "Every Square is classified correctly."
    assert (
        ImageSelection(ImageKind.CORRECT).why_empty(five, NAMES)
        == "No image is classified correctly."
    )
    assert ImageSelection(label=2).why_empty(five, NAMES) == "There are no images of class Cross."
    assert (
        ImageSelection(label=0, predicted=2).why_empty(five, NAMES)
        == "No Ring is predicted as Cross."
    )
