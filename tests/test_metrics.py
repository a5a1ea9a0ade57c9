"""The metrics, on examples small enough to compute by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Evaluation
from core.metrics import (
    EpochAverages,
    confused,
    confusion_matrix,
    losses,
    moving_average,
    precision,
    recall,
)


def evaluation(labels, probabilities):
    indices = np.arange(len(labels)) * 10
    labels, probabilities = np.array(labels, np.uint8), np.array(probabilities, np.float32)
    return Evaluation(1, "test", 0.0, 0.0, indices, labels, probabilities)


@pytest.fixture
def four():
    """Four images of three classes: two correct, a 0 predicted as 1, a 1 predicted as 0."""
    return evaluation(
        [0, 0, 1, 1],
        [[0.6, 0.3, 0.1], [0.3, 0.6, 0.1], [0.1, 0.9, 0.0], [0.8, 0.1, 0.1]],
    )


def test_rows_are_the_true_class_and_columns_the_predicted():
    one = evaluation([2], [[0.9, 0.1, 0.0]])
    assert confusion_matrix(one).tolist() == [[0, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_the_confusion_matrix_counts_every_image_once(four):
    assert confusion_matrix(four).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_64_classes_do_not_overflow_the_bytes_of_the_labels():
    labels = np.arange(64)
    assert np.array_equal(confusion_matrix(evaluation(labels, np.eye(64))), np.eye(64))


def test_precision_is_by_column_and_recall_by_row():
    confusion = np.array([[8, 2], [1, 9]])
    assert precision(confusion).tolist() == pytest.approx([8 / 9, 9 / 11])
    assert recall(confusion).tolist() == pytest.approx([8 / 10, 9 / 10])


def test_a_class_without_images_has_no_recall_and_one_never_predicted_no_precision():
    confusion = np.array([[3, 0, 0], [0, 0, 4], [0, 0, 0]])
    np.testing.assert_array_equal(precision(confusion), [1, np.nan, 0])
    np.testing.assert_array_equal(recall(confusion), [1, 0, np.nan])


def test_the_most_frequent_mistake_comes_first_and_those_never_made_are_left_out():
    confusion = np.array([[9, 1, 0], [4, 9, 1], [0, 0, 9]])
    assert confused(confusion) == [(1, 0), (0, 1), (1, 2)]
    assert confused(np.diag([1, 2])) == []
    assert confusion.trace() == 27  # it is not written to


def test_a_loss_is_minus_log_of_the_true_class_and_finite_even_at_probability_0():
    two = evaluation([0, 1], [[0.25, 0.75], [1, 0]])
    assert losses(two).tolist() == pytest.approx([np.log(4), 87.336], abs=1e-3)


def test_the_averages_of_an_epoch_count_each_image_once():
    averages = EpochAverages()
    assert np.isnan([averages.loss, averages.accuracy]).all()
    averages.add(epoch=1, images=10, loss=9.0, accuracy=0.0)
    averages.add(epoch=2, images=300, loss=1.0, accuracy=0.5)
    averages.add(epoch=2, images=100, loss=5.0, accuracy=1.0)
    assert averages.loss == pytest.approx(2.0)
    assert averages.accuracy == pytest.approx(0.625)


@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3), st.integers(1, 9)), min_size=1, max_size=230),
    st.integers(0, 1000),
    st.integers(0, 200),
)
def test_a_moving_average_equals_its_formula(batches, epoch_size, first):
    values, images = np.array(batches, np.float64).T
    expected = []
    for i in range(len(values)):
        j = max(i - 99, 0)
        while j < i and images[j : i + 1].sum() > epoch_size:
            j += 1
        expected.append(np.average(values[j : i + 1], weights=images[j : i + 1]))
    first = min(first, len(values))
    averages = moving_average(values, images, epoch_size, first)
    assert averages == pytest.approx(np.array(expected)[first:], abs=1e-9)


def test_a_moving_average_leaves_out_what_is_not_finite():
    averages = moving_average(np.array([np.inf, 0.7, np.nan]), np.ones(3), 10)
    np.testing.assert_array_equal(averages, [np.nan, 0.7, 0.7])


def test_the_averages_of_an_epoch_continue_from_their_state():
    averages, other = EpochAverages(), EpochAverages()
    averages.add(epoch=2, images=300, loss=0.1, accuracy=0.5)
    other.load_state(averages.state())
    for each in (averages, other):
        each.add(epoch=2, images=100, loss=0.7, accuracy=1.0)
    assert (averages.loss, averages.accuracy) == (other.loss, other.accuracy)
