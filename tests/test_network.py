"""The network: layers as views into one flat vector, and the forward pass."""

import numpy as np
import pytest

from core.config.config import Config
from core.nn.activations import ACTIVATIONS
from core.nn.network import Network
from core.training.trainer import Trainer


def test_the_layers_are_views_into_one_vector_w_before_b():
    network = Network((3, 2, 4))
    network.parameters[:] = np.arange(len(network.parameters))
    first, last = network.linears
    assert first.W.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert first.b.tolist() == [[6], [7]]
    assert last.W.tolist() == [[8, 9], [10, 11], [12, 13], [14, 15]]
    assert last.b.tolist() == [[16], [17], [18], [19]]
    assert len(network.parameters) == 20


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_training_is_in_float32(activation, batch_norm):
    network = Network((3, 2, 4), activation, batch_norm)
    network.initialize("he", np.random.default_rng(0))
    network.set_dropout(0.5)
    X = np.random.default_rng(1).standard_normal((3, 5)).astype("f4")
    logits = network.forward(X, training=True)
    network.backward(logits)
    arrays = network.parameters, network.gradient, network.statistics, logits
    assert {array.dtype for array in arrays} == {np.dtype("f4")}


def test_without_hidden_layers_it_is_one_affine_map():
    network = Network((3, 2))
    network.parameters[:] = [1, 0, -5, 0, 1, 0, 10, 20]
    assert network.forward(np.array([[1], [2], [3]], "f4")).tolist() == [[1 - 15 + 10], [2 + 20]]


def test_no_relu_follows_the_last_layer():
    network = Network((1, 1, 2))
    network.parameters[:] = [1, 0, -1, -2, 0, 0]
    assert network.forward(np.array([[3]], "f4")).tolist() == [[-3], [-6]]


def test_inputs_are_scaled_once_and_biases_never():
    network = Network((1, 1, 1), scale=0.5)
    network.parameters[:] = [1, 10, 1, 100]
    assert network.forward(np.array([[8]], "f4")).tolist() == [[8 * 0.5 + 10 + 100]]


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_smaller_batch_after_a_larger_one_gives_the_same_logits(activation, batch_norm):
    network = Network((4, 5, 3), activation, batch_norm, dtype=np.float64)
    network.initialize("normal", np.random.default_rng(0))
    X = np.random.default_rng(1).standard_normal((4, 9))
    alone = network.forward(X[:, :2]).copy()
    together = network.forward(X).copy()
    np.testing.assert_allclose(network.forward(X[:, :2]), alone, rtol=1e-12)
    np.testing.assert_allclose(together[:, :2], alone, rtol=1e-12)


def test_batches_share_one_buffer():
    network = Network((4, 5, 3))
    X = np.ones((4, 9), np.float32)
    first = network.forward(X)
    assert np.shares_memory(network.forward(X), first)
    assert np.shares_memory(network.forward(X[:, :2]), first)


def test_with_zero_weights_all_units_of_a_layer_stay_equal(make_dataset):
    """The reason for random initial weights: 20 equal units learn no more than one."""
    config = Config(hidden=(20, 10), activation="tanh", initialization="zeros", validation=0)
    trainer = Trainer(config.replace(batch_size=20, learning_rate=0.01), make_dataset())
    for layer in trainer.network.linears:
        layer.b[:] = 0.5  # away from the saddle at 0, where they would not even move
    for _ in range(50):
        trainer.step()
    first, second, last = trainer.network.linears
    for by_unit in (first.W, first.b, second.W.T, second.W, second.b, last.W.T):
        assert np.ptp(by_unit, axis=0).max() < 1e-5
    assert np.abs(first.W).max() > 0.01
    assert np.ptp(last.W, axis=0).min() > 0.01


def test_predictions_are_those_of_an_evaluation(tiny):
    config = Config(hidden=(9, 8), batch_norm=True, dropout=0.3, validation=0, batch_size=20)
    trainer = Trainer(config, tiny)
    for _ in range(30):
        trainer.step()
    before = trainer.network.parameters.copy()
    evaluation = trainer.evaluate(tiny.test)
    probabilities = trainer.network.probabilities(tiny.test_images)
    assert np.array_equal(probabilities, evaluation.probabilities)
    predicted = trainer.network.predict(tiny.test_images)
    assert np.mean(predicted == tiny.test_labels) == evaluation.accuracy > 0.5
    assert np.array_equal(trainer.network.parameters, before)


def test_many_images_are_predicted_as_each_alone(tiny):
    network = Network((30, 4, 3), scale=1 / 255)
    network.initialize("he", np.random.default_rng(0))
    images = np.random.default_rng(1).integers(0, 256, (1203, 6, 5)).astype(np.uint8)
    together = network.probabilities(images)
    assert together.shape == (1203, 3)
    np.testing.assert_allclose(together.sum(axis=1), 1, rtol=1e-6)
    for index in (0, 499, 500, 1202):
        alone = network.probabilities(images[index : index + 1])[0]
        np.testing.assert_allclose(together[index], alone, rtol=1e-5)
    assert network.predict(images[:0]).shape == (0,)


@pytest.mark.parametrize("images", [
    np.zeros((4, 6, 5), np.float32), np.zeros((6, 5), np.uint8), np.zeros((4, 6, 6), np.uint8)
])  # fmt: skip
def test_what_is_not_a_batch_of_such_images_is_refused(images):
    with pytest.raises(ValueError, match="pass images of 30 pixels as a uint8 array"):
        Network((30, 3)).predict(images)


def test_a_copy_computes_the_same_and_can_be_changed():
    network = Network((6, 5, 3), "gelu", batch_norm=True, scale=1 / 255)
    network.initialize("he", np.random.default_rng(0))
    network.statistics[:] = np.linspace(0.5, 2, 10)
    network.set_dropout(0.5)
    images = np.random.default_rng(1).integers(0, 256, (4, 2, 3)).astype(np.uint8)
    expected, before = network.probabilities(images), network.parameters.copy()
    copy = network.copy()
    assert np.array_equal(copy.probabilities(images), expected)
    copy.parameters[:] = copy.statistics[:] = 1
    assert np.array_equal(network.parameters, before)
    assert np.array_equal(network.probabilities(images), expected)
