"""Dropout and batch normalization, in training and in evaluation."""

import numerical
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.nn.batch_norm import BatchNorm
from core.nn.dropout import Dropout
from core.nn.network import Network

shapes = {"units": st.integers(1, 6), "batch": st.integers(1, 6), "seed": st.integers(0, 10_000)}
F8 = np.dtype(float)


def dropout(rate, units=200, seed=0):
    layer = Dropout(units, F8, np.random.default_rng(seed))
    layer.rate, layer.training = rate, True
    return layer


@pytest.mark.parametrize(("rate", "training"), [(0.0, True), (0.5, False)])
def test_outside_training_or_with_rate_0_dropout_does_nothing(rate, training):
    rng = np.random.default_rng(0)
    layer = Dropout(3, F8, rng)
    layer.rate, layer.training = rate, training
    A = np.ones((3, 4))
    assert layer.forward(A) is A
    assert layer.backward(A) is A
    assert rng.random() == np.random.default_rng(0).random()


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_its_share_and_keeps_the_mean(rate):
    A = dropout(rate).forward(np.ones((200, 500)))
    assert np.mean(A == 0) == pytest.approx(rate, abs=0.01)
    np.testing.assert_allclose(A[A != 0], 1 / (1 - rate), rtol=1e-6)


@given(**shapes, rate=st.floats(0.01, 0.99))
def test_dropout_uses_the_same_mask_backward(units, batch, seed, rate):
    A, dZ = np.random.default_rng(seed).standard_normal((2, units, batch))
    before = A.copy(), dZ.copy()
    layer = dropout(rate, units, seed)
    mask = layer.forward(A) / A
    np.testing.assert_allclose(layer.backward(dZ), dZ * mask, rtol=1e-12)
    assert np.array_equal((A, dZ), before)


def test_dropout_draws_a_new_mask_for_each_batch_and_the_same_for_one_seed():
    A = np.ones((200, 5))
    layer, same = dropout(0.5), dropout(0.5)
    first = layer.forward(A).copy()
    assert np.array_equal(same.forward(A), first)
    assert not np.array_equal(layer.forward(A), first)


def test_dropout_follows_every_hidden_activation_and_nothing_else():
    network = Network((3, 4, 5, 2))
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    network.set_dropout(0.25)
    assert [layer.rate for layer in network.layers if isinstance(layer, Dropout)] == [0.25] * 2


def test_outside_training_nothing_is_dropped():
    network = Network((3, 50, 2), dropout_rng=np.random.default_rng(0))
    network.initialize("he", np.random.default_rng(1))
    X = np.ones((3, 4), np.float32)
    plain = network.forward(X).copy()
    network.set_dropout(0.5)
    assert not np.array_equal(network.forward(X, training=True), plain)
    assert np.array_equal(network.forward(X), plain)


def norm(units, seed=0):
    """A batch normalization with random γ and β, its gradients, and running averages 0 and 1."""
    gamma, beta, dgamma, dbeta = np.random.default_rng(seed).standard_normal((4, units, 1))
    running = np.stack([np.zeros((units, 1)), np.ones((units, 1))])
    layer = BatchNorm(gamma, beta, dgamma, dbeta, running)
    layer.training = True
    return layer


def test_a_norm_gives_each_unit_mean_beta_and_deviation_gamma():
    Z = np.random.default_rng(0).standard_normal((5, 100)) * 7 + 30
    layer = norm(5)
    Y = layer.forward(Z)
    np.testing.assert_allclose(Y.mean(axis=1), layer.beta[:, 0], atol=1e-10)
    np.testing.assert_allclose(Y.std(axis=1), np.abs(layer.gamma[:, 0]), rtol=1e-5)


@given(**shapes)
def test_the_gradients_of_a_norm_are_right(units, batch, seed):
    Z, dY = np.random.default_rng(seed).standard_normal((2, units, batch))
    assume(batch == 1 or Z.var(axis=1).min() > 1e-2)
    layer = norm(units, seed)

    def loss():
        return (layer.forward(Z) * dY).sum()

    loss()
    layer.gradients(dY)
    found = layer.dgamma.copy(), layer.dbeta.copy(), layer.backward(dY).copy()
    for analytical, by in zip(found, (layer.gamma, layer.beta, Z), strict=True):
        slope = numerical.gradient(loss, by)
        np.testing.assert_allclose(analytical, slope, rtol=1e-5, atol=1e-7)


def test_the_running_averages_change_by_a_tenth_and_in_training_only():
    layer, rng = norm(4), np.random.default_rng(0)
    mean, variance = np.zeros((4, 1)), np.ones((4, 1))
    for _ in range(30):
        Z = rng.standard_normal((4, 20)) * 3 + 5
        mean = 0.9 * mean + 0.1 * Z.mean(axis=1, keepdims=True)
        variance = 0.9 * variance + 0.1 * Z.var(axis=1, keepdims=True)
        layer.training = True
        layer.forward(Z)
        layer.training = False
        Y = layer.forward(Z)
        np.testing.assert_allclose(layer.mean, mean, rtol=1e-12)
        np.testing.assert_allclose(layer.variance, variance, rtol=1e-12)
    expected = layer.gamma * (Z - mean) / np.sqrt(variance + 1e-5) + layer.beta
    np.testing.assert_allclose(Y, expected, rtol=1e-10, atol=1e-10)


def test_outside_training_the_result_of_an_image_does_not_depend_on_the_batch():
    layer = norm(3)
    layer.forward(np.random.default_rng(0).standard_normal((3, 9)))
    layer.training = False
    Z = np.random.default_rng(1).standard_normal((3, 9))
    together = layer.forward(Z).copy()
    alone = [layer.forward(Z[:, i : i + 1]).copy() for i in range(9)]
    np.testing.assert_allclose(np.hstack(alone), together, rtol=1e-12)


def test_a_norm_precedes_the_activation_and_its_arrays_are_views_of_the_network():
    network = Network((3, 4, 2), batch_norm=True)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Linear", "BatchNorm", "ReLU", "Dropout", "Linear"]
    assert len(network.parameters) == (3 + 1) * 4 + 2 * 4 + (4 + 1) * 2
    network.parameters[:] = np.arange(len(network.parameters))
    network.statistics[:] = np.arange(8)
    layer = network.layers[1]
    assert layer.gamma.ravel().tolist() == [16, 17, 18, 19]
    assert layer.beta.ravel().tolist() == [20, 21, 22, 23]
    assert layer.mean.ravel().tolist() == [0, 1, 2, 3]
    assert layer.variance.ravel().tolist() == [4, 5, 6, 7]


def test_a_new_norm_changes_nothing():
    network = Network((3, 4, 2), batch_norm=True)
    network.initialize("he", np.random.default_rng(0))
    layer = network.layers[1]
    assert set(layer.gamma.flat) == set(layer.variance.flat) == {1}
    assert set(layer.beta.flat) == set(layer.mean.flat) == {0}
    Z = np.ones((4, 2), np.float32)
    np.testing.assert_allclose(layer.forward(Z), Z, rtol=1e-5)
