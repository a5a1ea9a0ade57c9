"""A step trace: compared with numbers by hand for a tiny network, and with finite differences."""

import numerical
import numpy as np
import pytest
import traces
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import Config
from core.data.dataset import Dataset
from core.inspection.step_trace import trace_image, weight_gradient
from core.nn.losses import CrossEntropy
from core.nn.network import Network
from core.training.tracing import trace_step
from core.training.trainer import Trainer


@pytest.fixture
def by_hand():
    """A trace of two images of two pixels, with two hidden units, two classes and simple weights.

    Also the columns of the images (1, 0), of class 0, and (0, 1), of class 1, in the batch.
    """
    images = np.array([[[255, 0]], [[0, 255]]], np.uint8)
    labels = np.array([0, 1], np.uint8)
    config = Config(hidden=(2,), optimizer="sgd", learning_rate=0.5, batch_size=2, validation=0)
    trainer = Trainer(config, Dataset(images, labels, images, labels, ("left", "right")))
    trainer.network.parameters[:] = [
        *(1, -1, 2, 4),  # W1, row by row
        *(0, -1),  # b1
        *(2, 1, 0, 0),  # W2
        *(0, 3),  # b2
    ]
    trace = trace_step(trainer)
    return trace, np.argsort(trace.labels)


def test_the_forward_pass_by_hand(by_hand):
    trace, order = by_hand
    # Z1 = W1 X + b1: [1, 2 - 1] and [-1, 4 - 1]
    assert trace.array("X")[:, order].tolist() == [[1, 0], [0, 1]]
    np.testing.assert_allclose(trace.array("Z1")[:, order], [[1, -1], [1, 3]], rtol=1e-6)
    np.testing.assert_allclose(trace.array("A1")[:, order], [[1, 0], [1, 3]], rtol=1e-6)
    # Z2 = W2 A1 + b2: [2 + 1, 3] and [3, 3]
    np.testing.assert_allclose(trace.array("Z2"), [[3, 3], [3, 3]], rtol=1e-6)
    np.testing.assert_allclose(trace.array("A2"), [[0.5, 0.5], [0.5, 0.5]], rtol=1e-6)
    np.testing.assert_allclose(trace.array("ℓ"), [[np.log(2), np.log(2)]], rtol=1e-6)
    assert trace.loss == pytest.approx(np.log(2))


def test_the_backward_pass_by_hand(by_hand):
    trace, order = by_hand
    # dZ2 = (A2 - Y) / 2
    found = {name: trace.array(name)[:, order] for name in ("dZ2", "dA1", "dZ1")}
    np.testing.assert_allclose(found["dZ2"], [[-0.25, 0.25], [0.25, -0.25]], rtol=1e-5)
    # dA1 = W2ᵀ dZ2, with W2ᵀ = [[2, 0], [1, 0]]; for the second image, the first unit is 0.
    np.testing.assert_allclose(found["dA1"], [[-0.5, 0.5], [-0.25, 0.25]], rtol=1e-5)
    np.testing.assert_allclose(found["dZ1"], [[-0.5, 0], [-0.25, 0.25]], rtol=1e-5)
    # dW2 = dZ2 A1ᵀ: -¼·1 + ¼·0, -¼·1 + ¼·3;  dW1 = dZ1 Xᵀ
    close = {"rtol": 1e-5, "atol": 1e-7}
    np.testing.assert_allclose(trace.array("dW2"), [[-0.25, 0.5], [0.25, -0.5]], **close)
    np.testing.assert_allclose(trace.array("db2"), [[0], [0]], **close)
    np.testing.assert_allclose(trace.array("dW1"), [[-0.5, 0], [-0.25, 0.25]], **close)
    np.testing.assert_allclose(trace.array("db1"), [[-0.5], [0]], **close)


def test_the_update_by_hand(by_hand):
    trace, _ = by_hand
    assert trace.parameters_before["W1"].tolist() == [[1, -1], [2, 4]]
    np.testing.assert_allclose(trace.array("W1"), [[1.25, -1], [2.125, 3.875]], rtol=1e-6)
    np.testing.assert_allclose(trace.array("b1"), [[0.25], [-1]], rtol=1e-6, atol=1e-7)


def test_one_image_by_hand(by_hand):
    trace, order = by_hand
    first, second = (trace_image(trace, column) for column in order)
    assert (first.index, first.label, first.picture.tolist()) == (0, 0, [[255, 0]])
    assert (second.index, second.label, second.picture.tolist()) == (1, 1, [[0, 255]])
    assert list(first.activations) == ["Z1", "A1", "Z2", "A2"]
    assert second.activations["A1"].tolist() == [0, pytest.approx(3)]
    assert first.logits.tolist() == pytest.approx([3, 3])
    assert first.probabilities.tolist() == pytest.approx([0.5, 0.5])
    assert (first.targets.tolist(), second.targets.tolist()) == ([1, 0], [0, 1])
    assert (first.loss, second.loss) == (pytest.approx(np.log(2)),) * 2
    # The gradient of the image's own loss, without the factor 1/m: A2 - Y.
    assert first.gradients["dZ2"].tolist() == pytest.approx([-0.5, 0.5])
    assert first.gradients["dZ1"].tolist() == pytest.approx([-1, -0.5])
    assert second.gradients["dZ1"].tolist() == pytest.approx([0, 0.5])
    # |W1ᵀ dZ1|: 1·-1 + 2·-½, -1·-1 + 4·-½ and 2·½, 4·½
    np.testing.assert_allclose(first.saliency, [[2, 1]], rtol=1e-5)
    np.testing.assert_allclose(second.saliency, [[1, 2]], rtol=1e-5)
    np.testing.assert_allclose(weight_gradient(trace, order[0], 1), [[-1, 0], [-0.5, 0]])


class Float64Step:
    """The forward pass of a step in float64, with the same dropout."""

    def __init__(self, trainer):
        config, state = trainer.config, trainer.checkpoint()
        self.trace = trace_step(trainer)
        self.dropout_rng = np.random.default_rng()
        self.network = Network(
            trainer.network.sizes,
            config.activation,
            config.batch_norm,
            dtype=np.float64,
            dropout_rng=self.dropout_rng,
        )
        self.network.parameters[:] = state.parameters
        self.network.set_dropout(config.dropout)
        self.dropout_state = state.dropout_rng
        self.X = self.trace.array("X").astype(np.float64)
        self.cross_entropy = CrossEntropy(3, self.X.dtype, config.label_smoothing)

    def losses(self):
        self.dropout_rng.bit_generator.state = self.dropout_state
        logits = self.network.forward(self.X, training=True)
        return self.cross_entropy.forward(logits, self.trace.labels)


SMOOTH = st.sampled_from(["elu", "gelu", "tanh", "sigmoid"])


@given(config=traces.configs, activation=SMOOTH, column=st.integers(0, 31))
def test_the_saliency_is_the_derivative_of_the_loss_by_each_pixel(tiny, config, activation, column):
    """Of the image's own loss, or with batch normalization of the sum of all losses."""
    config = config.replace(activation=activation, batch_size=32)
    step = Float64Step(traces.trained(config, tiny))
    pixels = step.X[:, column].copy()

    def loss():
        step.X[:, column] = pixels
        losses = step.losses()
        return losses.sum() if config.batch_norm else losses[column]

    image = trace_image(step.trace, column)
    slope = np.abs(numerical.gradient(loss, pixels)).reshape(image.saliency.shape)
    np.testing.assert_allclose(image.saliency, slope, rtol=2e-3, atol=1e-3 * slope.max())


@given(config=traces.configs, activation=SMOOTH, column=st.integers(0, 31))
def test_the_gradient_of_one_image_is_the_derivative_of_its_loss(tiny, config, activation, column):
    config = config.replace(activation=activation, batch_size=32, batch_norm=False)
    step = Float64Step(traces.trained(config, tiny))
    for layer, linear in enumerate(step.network.linears, 1):
        slope = numerical.gradient(lambda: step.losses()[column], linear.W)
        found = weight_gradient(step.trace, column, layer)
        np.testing.assert_allclose(found, slope, rtol=2e-3, atol=1e-3 * np.abs(slope).max())


@given(config=traces.configs)
def test_the_mean_of_the_gradients_of_all_images_is_that_of_the_step(tiny, config):
    trace = traces.trace(config.replace(l2=0, clip_norm=0), tiny)
    for layer in range(1, len(config.hidden) + 2):
        columns = range(len(trace.images))
        mean = np.mean([weight_gradient(trace, column, layer) for column in columns], axis=0)
        dW = trace.array(f"dW{layer}")
        np.testing.assert_allclose(mean, dW, rtol=1e-3, atol=1e-5 * np.abs(dW).max() + 1e-8)


@given(config=traces.configs)
def test_the_arrays_of_one_image_are_columns_of_the_batch(tiny, config):
    trace = traces.trace(config, tiny)
    image = trace_image(trace, len(trace.images) - 1)
    for name, values in image.activations.items():
        assert np.array_equal(values, trace.array(name)[:, -1])
    for name, values in image.gradients.items():
        assert np.array_equal(values, trace.array(name)[:, -1] * len(trace.images))
    assert np.array_equal(image.picture, trace.images[-1])
    assert image.probabilities.sum() == pytest.approx(1, rel=1e-5)
    assert image.targets.sum() == pytest.approx(1, rel=1e-5)


def test_an_array_is_that_of_the_last_stage_or_of_a_given_stage(tiny):
    trace = traces.trace(traces.CONFIG.replace(l2=0.1, clip_norm=0.01), tiny)
    backward, penalty, clip = (s for s in trace.stages if "dW1" in s.outputs)
    raw, with_penalty = trace.array("dW1", backward), trace.array("dW1", penalty)
    np.testing.assert_allclose(with_penalty, raw + 0.1 * trace.parameters_before["W1"], rtol=1e-5)
    assert np.array_equal(trace.array("dW1"), trace.array("dW1", clip))
    gradients = [trace.array(f"d{name}") for name in trace.parameters_before]
    assert np.sqrt(sum((g**2).sum() for g in gradients)) == pytest.approx(0.01, rel=1e-4)
    with pytest.raises(KeyError):
        trace.array("dX")


@pytest.mark.filterwarnings("error")
def test_an_image_of_a_step_that_diverges_has_a_trace_without_finite_numbers(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    trainer.network.parameters[:] *= 1e30
    image = trace_image(trace_step(trainer), 0)
    assert image.picture.shape == image.saliency.shape == (6, 5)
    assert not np.isfinite(image.saliency).any()
