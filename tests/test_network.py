"""The network: layers that are views into one flat vector, and how it is first filled."""

import numpy as np
import pytest

from core.network import Network


def test_the_layers_are_views_into_one_vector_w_before_b():
    network = Network((3, 2, 4))
    network.parameters[:] = np.arange(len(network.parameters))
    first, last = network.linears
    assert first.W.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert first.b.tolist() == [6, 7]
    assert last.W.tolist() == [[8, 9, 10, 11], [12, 13, 14, 15]]
    assert last.b.tolist() == [16, 17, 18, 19]
    assert len(network.parameters) == 20


def test_training_is_in_float32():
    network = Network((3, 2, 4))
    logits = network.forward(np.zeros((5, 3), np.float32))
    assert {network.parameters.dtype, network.gradient.dtype, logits.dtype} == {np.dtype("f4")}


def test_without_hidden_layers_it_is_one_affine_map():
    network = Network((3, 2))
    network.parameters[:] = [1, 0, 0, 1, -5, 0, 10, 20]
    assert network.forward(np.array([[1, 2, 3]], "f4")).tolist() == [[1 - 15 + 10, 2 + 20]]


def test_no_relu_follows_the_last_layer():
    network = Network((1, 1, 2))
    network.parameters[:] = [1, 0, -1, -2, 0, 0]
    assert network.forward(np.array([[3]], "f4")).tolist() == [[-3, -6]]


def test_a_smaller_batch_after_a_larger_one_gives_the_same_logits():
    network = Network((4, 5, 3), np.float64)
    network.initialize("normal", np.random.default_rng(0))
    x = np.random.default_rng(1).standard_normal((9, 4))
    alone = network.forward(x[:2]).copy()
    network.forward(x)
    np.testing.assert_allclose(network.forward(x[:2]), alone, rtol=1e-12)


def test_memory_is_taken_once_and_not_for_every_batch():
    network = Network((4, 5, 3))
    x = np.ones((9, 4), np.float32)
    first = network.forward(x)
    assert np.shares_memory(network.forward(x), first)
    assert np.shares_memory(network.forward(x[:2]), first)


def test_he_keeps_the_size_of_a_signal_through_the_layers():
    network = Network((400, 400, 400, 400))
    network.initialize("he", np.random.default_rng(0))
    for layer in network.linears:
        assert layer.W.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
        assert not layer.b.any()
    x = np.random.default_rng(1).standard_normal((200, 400)).astype(np.float32)
    assert np.sqrt((network.forward(x) ** 2).mean() / 2) == pytest.approx(1, rel=0.2)


def test_normal_draws_weights_and_biases_alike_with_deviation_1():
    network = Network((300, 300))
    network.initialize("normal", np.random.default_rng(0))
    assert network.linears[0].W.std() == pytest.approx(1, rel=0.02)
    assert network.linears[0].b.std() == pytest.approx(1, rel=0.2)


@pytest.mark.parametrize("scheme", ["he", "normal"])
def test_the_first_parameters_are_those_of_the_generator(scheme):
    one, same, other = (Network((4, 3, 2)) for _ in range(3))
    for network, seed in ((one, 1), (same, 1), (other, 2)):
        network.initialize(scheme, np.random.default_rng(seed))
    assert np.array_equal(one.parameters, same.parameters)
    assert not np.array_equal(one.parameters, other.parameters)
