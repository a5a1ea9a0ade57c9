"""Softmax and cross-entropy, for any logits, however extreme."""

import math

import numerical
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.losses import CrossEntropy

sizes = {"batch": st.integers(1, 20), "classes": st.integers(2, 64), "seed": st.integers(0, 999)}
smoothed = {"smoothing": st.sampled_from([0.0, 0.1, 0.5, 0.9])}


def draw(batch, classes, seed, dtype=np.float64):
    """Logits of a few units and a label for each column."""
    rng = np.random.default_rng(seed)
    logits = (rng.standard_normal((classes, batch)) * 5).astype(dtype)
    return logits, rng.integers(0, classes, batch).astype(np.uint8)


def apply(logits, labels, smoothing=0.0):
    """The loss of each image, the probabilities, and the gradient by the logits."""
    loss = CrossEntropy(len(logits), logits.dtype, smoothing)
    return loss.forward(logits, labels), loss.probabilities, loss.backward()


def targets(labels, classes, smoothing):
    """The target q: 1 - smoothing at the label, plus smoothing / K for all classes."""
    return (1 - smoothing) * np.eye(classes)[:, labels] + smoothing / classes


@given(**sizes, scale=st.sampled_from([0.0, 1.0, 1e4, 1e30]))
def test_probabilities_lie_from_0_to_1_and_sum_to_1(batch, classes, seed, scale):
    logits, labels = draw(batch, classes, seed, np.float32)
    with np.errstate(under="ignore"):
        _, p, _ = apply(logits * np.float32(scale), labels)
    assert p.min() >= 0
    np.testing.assert_allclose(p.sum(axis=0), 1, rtol=1e-6)


@given(**sizes, **smoothed, shift=st.floats(-100, 100))
def test_adding_one_number_to_all_logits_changes_nothing(batch, classes, seed, smoothing, shift):
    logits, labels = draw(batch, classes, seed)
    plain, shifted = (apply(z, labels, smoothing) for z in (logits, logits + shift))
    for one, other in zip(plain, shifted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


@given(**sizes, **smoothed)
def test_the_loss_is_the_cross_entropy_with_the_target(batch, classes, seed, smoothing):
    logits, labels = draw(batch, classes, seed)
    losses, _, _ = apply(logits, labels, smoothing)
    p = np.exp(logits) / np.exp(logits).sum(axis=0)
    expected = -(targets(labels, classes, smoothing) * np.log(p)).sum(axis=0)
    np.testing.assert_allclose(losses, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("classes", [2, 10, 64])
def test_with_equal_logits_the_loss_is_log_k(classes, smoothing):
    logits = np.full((classes, 3), 7.5, np.float32)
    losses, p, _ = apply(logits, np.array([0, 1, 1], np.uint8), smoothing)
    np.testing.assert_allclose(p, 1 / classes, rtol=1e-6)
    np.testing.assert_allclose(losses, math.log(classes), rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_stay_finite(dtype):
    logits = np.array([[1e4, -1e4], [-1e4, 1e4], [0, 0]], dtype)
    losses, p, gradient = apply(logits, np.array([0, 0], np.uint8))
    np.testing.assert_array_equal(p, [[1, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(losses, [0, 2e4])
    np.testing.assert_array_equal(gradient, [[0, -0.5], [0, 0.5], [0, 0]])


@given(**sizes, **smoothed)
def test_the_gradient_is_softmax_minus_target_divided_by_the_batch_size(
    batch, classes, seed, smoothing
):
    logits, labels = draw(batch, classes, seed)
    _, p, gradient = apply(logits, labels, smoothing)
    expected = (p - targets(labels, classes, smoothing)) / batch
    np.testing.assert_allclose(gradient, expected, atol=1e-15)


@given(batch=st.integers(1, 6), classes=st.integers(2, 8), seed=st.integers(0, 999), smoothing=...)
def test_the_gradient_is_the_slope_of_the_mean_loss(batch, classes, seed, smoothing: bool):
    logits, labels = draw(batch, classes, seed)
    loss = CrossEntropy(classes, logits.dtype, 0.2 * smoothing)
    loss.forward(logits, labels)
    gradient = loss.backward().copy()
    slope = numerical.gradient(lambda: loss.forward(logits, labels).mean(), logits)
    np.testing.assert_allclose(gradient, slope, rtol=1e-6, atol=1e-8)


def test_with_smoothing_a_certain_prediction_is_not_the_best():
    """At p = q the gradient is zero, and a more confident prediction has a larger loss."""
    labels = np.array([1], np.uint8)
    q = targets(labels, 4, 0.2)
    losses, _, gradient = apply(np.log(q), labels, 0.2)
    np.testing.assert_allclose(gradient, 0, atol=1e-15)
    confident, _, _ = apply(np.log(q) * 2, labels, 0.2)
    assert confident > losses


def test_smoothing_may_change_between_two_batches():
    logits, labels = draw(5, 3, 0)
    loss = CrossEntropy(3, logits.dtype)
    loss.forward(logits, labels)
    loss.smoothing = 0.4
    assert np.array_equal(loss.forward(logits, labels), apply(logits, labels, 0.4)[0])
    assert np.array_equal(loss.backward(), apply(logits, labels, 0.4)[2])


def test_a_smaller_batch_after_a_larger_one_gives_the_same():
    logits, labels = draw(9, 3, 0)
    loss = CrossEntropy(3, logits.dtype)
    loss.forward(logits, labels)
    small = logits[:, 2:6].copy(), labels[2:6]
    losses, p, gradient = apply(*small)
    assert np.array_equal(loss.forward(*small), losses)
    assert np.array_equal(loss.probabilities, p)
    assert np.array_equal(loss.backward(), gradient)


def test_the_logits_are_not_changed():
    logits, labels = draw(4, 3, 0)
    before = logits.copy()
    apply(logits, labels, 0.1)
    assert np.array_equal(logits, before)
