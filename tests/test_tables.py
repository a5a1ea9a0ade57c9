"""The tables at the end of a run: precision and recall by class, and the confusion matrix."""

import io

import numpy as np
import pytest
from rich.console import Console

from core.events import Evaluation
from tui.headless.train import tables

NAMES = ("Trouser", "Dress", "Bag")


@pytest.fixture
def test_evaluation():
    """Two trousers, one predicted as a dress, and one dress; no bag, and none predicted."""
    labels = np.array([0, 0, 1], np.uint8)
    probabilities = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.3, 0.7, 0]], np.float32)
    return Evaluation(1, "test", 0.5, 2 / 3, np.arange(3), labels, probabilities)


def rows(table):
    """The cells of each printed row."""
    console = Console(file=io.StringIO(), width=100)
    console.print(table)
    lines = console.file.getvalue().splitlines()
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]


def test_each_class_has_its_precision_recall_and_images(test_evaluation):
    assert rows(tables.per_class(test_evaluation, NAMES)) == [
        ["Trouser", "100.0%", "50.0%", "2"],
        ["Dress", "50.0%", "100.0%", "1"],
        ["Bag", "–", "–", "0"],
    ]


def test_the_confusion_matrix_has_the_true_class_in_rows(test_evaluation):
    assert rows(tables.confusions(test_evaluation, NAMES)) == [
        ["Trouser", "1", "1", "·"],
        ["Dress", "·", "1", "·"],
        ["Bag", "·", "·", "0"],
    ]
