"""The chain rule through whole networks, against finite differences in float64 and by hand."""

import numerical
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.nn.activations import ACTIVATIONS, LeakyReLU, ReLU
from core.nn.batch_norm import BatchNorm
from core.nn.losses import CrossEntropy
from core.nn.network import Network

net = {
    "sizes": st.lists(st.integers(1, 5), min_size=2, max_size=4).map(
        lambda s: [*s[:-1], s[-1] + 1]
    ),
    "batch": st.integers(1, 5),
    "seed": st.integers(0, 10_000),
}
variants = {"batch_norm": st.booleans(), "smoothing": st.sampled_from([0.0, 0.1, 0.7])}


class Case:
    """A network with random parameters, including γ and β, a batch and its loss."""

    def __init__(self, sizes, batch, seed, smoothing=0.0, **options):
        rng = np.random.default_rng(seed)
        self.dropout_rng = np.random.default_rng(seed)
        self._state = self.dropout_rng.bit_generator.state
        self.network = Network(sizes, dtype=np.float64, dropout_rng=self.dropout_rng, **options)
        self.network.parameters[:] = rng.standard_normal(len(self.network.parameters))
        self.X = rng.standard_normal((sizes[0], batch))
        self.labels = rng.integers(0, sizes[-1], batch).astype(np.uint8)
        self._loss = CrossEntropy(sizes[-1], self.X.dtype, smoothing)

    def loss(self):
        """The mean training loss of the batch, with the same dropout mask every time."""
        self.dropout_rng.bit_generator.state = self._state
        logits = self.network.forward(self.X, training=True)
        return self._loss.forward(logits, self.labels).mean()

    def gradient(self):
        self.loss()
        self.network.backward(self._loss.backward())
        return self.network.gradient.copy()

    def smooth(self):
        """Whether the loss is smooth here: no ReLU near its kink, no batch of equal numbers."""
        self.loss()
        A = self.X
        for layer in self.network.layers:
            if isinstance(layer, ReLU | LeakyReLU) and np.abs(A).min() < 1e-3:
                return False
            if isinstance(layer, BatchNorm) and A.shape[1] > 1 and A.var(axis=1).min() < 1e-2:
                return False
            A = layer.forward(A)
        return True

    def check(self):
        assume(self.smooth())
        expected = numerical.gradient(self.loss, self.network.parameters)
        np.testing.assert_allclose(self.gradient(), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@given(**net, **variants)
def test_the_gradient_of_a_network_equals_the_finite_differences(
    activation, sizes, batch, seed, batch_norm, smoothing
):
    Case(sizes, batch, seed, smoothing, activation=activation, batch_norm=batch_norm).check()


@given(**net, **variants, rate=st.sampled_from([0.1, 0.5, 0.9]))
def test_the_gradient_is_right_with_dropout(sizes, batch, seed, batch_norm, smoothing, rate):
    case = Case(sizes, batch, seed, smoothing, activation="tanh", batch_norm=batch_norm)
    case.network.set_dropout(rate)
    case.check()


@given(**net, scale=st.sampled_from([1 / 255, 0.5, 3.0]))
def test_the_gradient_is_right_with_scaled_inputs(sizes, batch, seed, scale):
    Case(sizes, batch, seed, activation="gelu", scale=scale).check()


def test_the_chain_rule_by_hand():
    """Two inputs, two hidden units (one inactive), two classes of equal probability."""
    network, loss = Network((2, 2, 2), dtype=np.float64), CrossEntropy(2, np.dtype(float))
    network.parameters[:] = [
        *(1, 0.5, -1, 1),  # W1, row by row
        *(0, -2),  # b1
        *(1, 3, 0, 4),  # W2
        *(0, 2),  # b2
    ]
    # Z1 = [1·1 + ½·2, -1·1 + 1·2] + b1 = [2, -1];  A1 = [2, 0]
    # Z2 = [1·2 + 3·0, 0·2 + 4·0] + b2 = [2, 2];  p = [½, ½]
    logits = network.forward(np.array([[1.0], [2.0]]))
    assert logits.tolist() == [[2], [2]]
    assert loss.forward(logits, np.array([0], np.uint8)).tolist() == [pytest.approx(np.log(2))]
    # dZ2 = p - [1, 0] = [-½, ½];  dA1 = W2ᵀ dZ2 = [-½, -1½ + 2];  dZ1 = [-½, 0]
    network.backward(loss.backward())
    assert network.gradient.tolist() == [
        *(-0.5, -1, 0, 0),  # dW1 = dZ1 Xᵀ
        *(-0.5, 0),  # db1 = dZ1
        *(-1, 0, 1, 0),  # dW2 = dZ2 A1ᵀ
        *(-0.5, 0.5),  # db2 = dZ2
    ]


@given(**net)
def test_the_gradient_of_a_batch_is_the_mean_of_its_images(sizes, batch, seed):
    case = Case(sizes, batch, seed)
    X, labels, whole = case.X, case.labels, case.gradient()
    singles = []
    for column in range(batch):
        case.X, case.labels = X[:, column : column + 1], labels[column : column + 1]
        singles.append(case.gradient())
    np.testing.assert_allclose(whole, np.mean(singles, axis=0), atol=1e-12)
