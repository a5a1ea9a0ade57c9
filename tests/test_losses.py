"""Softmax and cross-entropy: what they must be for any logits, however extreme."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.losses import cross_entropy, cross_entropy_gradient, softmax

sizes = {"batch": st.integers(1, 20), "classes": st.integers(2, 64), "seed": st.integers(0, 999)}


def draw(batch, classes, seed, dtype=np.float64):
    """Logits of a few units and a label for each row."""
    rng = np.random.default_rng(seed)
    logits = (rng.standard_normal((batch, classes)) * 5).astype(dtype)
    return logits, rng.integers(0, classes, batch).astype(np.uint8)


@given(**sizes, scale=st.sampled_from([0.0, 1.0, 1e4, 1e30]))
def test_probabilities_lie_from_0_to_1_and_sum_to_1(batch, classes, seed, scale):
    logits, _ = draw(batch, classes, seed, np.float32)
    with np.errstate(under="ignore"):
        p = softmax(logits * np.float32(scale))
    assert p.min() >= 0
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)


@given(**sizes, shift=st.floats(-100, 100))
def test_adding_one_number_to_all_logits_changes_nothing(batch, classes, seed, shift):
    logits, labels = draw(batch, classes, seed)
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), rtol=1e-10)
    np.testing.assert_allclose(
        cross_entropy(logits + shift, labels), cross_entropy(logits, labels), atol=1e-10
    )


@given(**sizes)
def test_the_loss_is_minus_the_logarithm_of_the_label_s_probability(batch, classes, seed):
    logits, labels = draw(batch, classes, seed)
    expected = [-math.log(p[label]) for p, label in zip(softmax(logits), labels, strict=True)]
    np.testing.assert_allclose(cross_entropy(logits, labels), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("classes", [2, 10, 64])
def test_equal_logits_lose_log_k(classes):
    logits = np.full((3, classes), 7.5, np.float32)
    np.testing.assert_allclose(softmax(logits), 1 / classes, rtol=1e-6)
    loss = cross_entropy(logits, np.array([0, 1, 1], np.uint8))
    np.testing.assert_allclose(loss, math.log(classes), rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_stay_finite(dtype):
    logits = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 0]], dtype)
    labels = np.array([0, 0], np.uint8)
    np.testing.assert_array_equal(softmax(logits), [[1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(cross_entropy(logits, labels), [0, 2e4])
    np.testing.assert_array_equal(
        cross_entropy_gradient(logits, labels), [[0, 0, 0], [-0.5, 0.5, 0]]
    )


@given(**sizes)
def test_the_gradient_is_softmax_minus_onehot_over_the_batch(batch, classes, seed):
    logits, labels = draw(batch, classes, seed)
    onehot = np.eye(classes)[labels]
    expected = (softmax(logits) - onehot) / batch
    np.testing.assert_allclose(cross_entropy_gradient(logits, labels), expected, atol=1e-15)


@given(**sizes)
def test_the_gradient_is_the_slope_of_the_mean_loss(batch, classes, seed):
    logits, labels = draw(batch, classes, seed)
    direction = np.random.default_rng(seed + 1).standard_normal(logits.shape)
    h = 1e-5
    up, down = (cross_entropy(logits + s * h * direction, labels).mean() for s in (1, -1))
    slope = (cross_entropy_gradient(logits, labels) * direction).sum()
    assert (up - down) / (2 * h) == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_nothing_is_written_into_the_logits():
    logits, labels = draw(4, 3, 0)
    before = logits.copy()
    for function in (softmax, lambda z: cross_entropy(z, labels)):
        function(logits)
    cross_entropy_gradient(logits, labels)
    assert np.array_equal(logits, before)
