"""Calibration and selective prediction against their definitions."""

import numpy as np
import pytest

from core.what_if.confidence import calibration, selective


def drawn(count=3000, classes=4):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (count, classes))
    p = np.exp(logits)
    return (p / p.sum(axis=1, keepdims=True)).astype(np.float32), rng


def test_the_calibration_error_is_that_of_its_definition():
    p, rng = drawn()
    labels = rng.integers(0, 4, len(p)).astype(np.uint8)
    found = calibration(p, labels)
    error = 0.0
    for low in np.arange(15) / 15:
        inside = (p.max(axis=1) > low) & (p.max(axis=1) <= low + 1 / 15)
        if inside.any():
            right = (p.argmax(axis=1) == labels)[inside].mean()
            error += inside.mean() * abs(right - p.max(axis=1)[inside].mean())
    assert found.error == pytest.approx(error, abs=1e-6)
    assert found.images.sum() == len(p)
    assert "above its accuracy" in found.summary


def test_labels_that_are_drawn_from_the_probabilities_are_calibrated():
    p, rng = drawn(20000)
    labels = (rng.random((len(p), 1)) > p.cumsum(axis=1)).sum(axis=1).clip(0, 3).astype(np.uint8)
    found = calibration(p, labels)
    assert found.error < 0.02
    assert "the network's confidence equals its accuracy" in found.summary


def test_the_more_images_it_leaves_out_the_more_of_the_others_are_right():
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.45, 0.55]], np.float32)
    found = selective(p, np.array([0, 1, 1, 1], np.uint8))
    assert found.answered.tolist() == [0.25, 0.5, 0.75, 1]
    assert found.share_right.tolist() == [1, 1, 2 / 3, 3 / 4]
    assert found.at(0.7) == (0.5, 1)
    assert found.at(0.0) == (1, 0.75)
    assert found.at(0.95)[0] == 0
    assert found.summary(0.7) == (
        "With images below 70% confidence rejected, 50% remain, with 100.0% accuracy; "
        "on all images, accuracy is 75.0%."
    )
    assert found.summary(0.95) == "With images below 95% confidence rejected, none remain."


def test_probabilities_that_are_no_numbers_are_no_confidence():
    p = np.full((3, 2), np.nan, np.float32)
    labels = np.ones(3, np.uint8)
    assert calibration(p, labels).images[0] == 3
    assert selective(p, labels).at(0.5)[0] == 0
