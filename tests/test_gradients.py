"""The chain rule, against finite differences in float64 and against a sum done by hand."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.layers import Linear, ReLU
from core.losses import cross_entropy, cross_entropy_gradient
from core.network import Network

H = 1e-6  # the error of a central difference is about H² + 1e-16/H

net = {
    "sizes": st.lists(st.integers(1, 6), min_size=2, max_size=5).map(
        lambda s: [*s[:-1], s[-1] + 1]
    ),
    "batch": st.integers(1, 5),
    "seed": st.integers(0, 10_000),
}


def build(sizes, batch, seed):
    """A network with random weights and biases, inputs for it, and their labels."""
    rng = np.random.default_rng(seed)
    network = Network(sizes, np.float64)
    network.initialize("normal", rng)
    labels = rng.integers(0, sizes[-1], batch).astype(np.uint8)
    return network, rng.standard_normal((batch, sizes[0])), labels


def numerical(function, x):
    """The gradient of a scalar function by x, entry by entry, x changed in place and restored."""
    gradient = np.empty_like(x)
    for at in np.ndindex(x.shape):
        value = x[at]
        x[at] = value + H
        up = function()
        x[at] = value - H
        down = function()
        x[at] = value
        gradient[at] = (up - down) / (2 * H)
    return gradient


def far_from_kinks(network, x):
    """Whether no ReLU of the network changes sides when a parameter changes by H."""
    for layer in network.layers:
        if isinstance(layer, ReLU) and np.abs(x).min() < 1e-3:
            return False
        x = layer.forward(x)
    return True


@given(**net)
def test_the_gradient_of_the_whole_network_is_the_slope_of_the_loss(sizes, batch, seed):
    network, x, labels = build(sizes, batch, seed)
    assume(far_from_kinks(network, x))
    network.backward(cross_entropy_gradient(network.forward(x), labels))
    expected = numerical(
        lambda: cross_entropy(network.forward(x), labels).mean(), network.parameters
    )
    np.testing.assert_allclose(network.gradient, expected, rtol=1e-5, atol=1e-7)


@given(n_in=st.integers(1, 6), n_out=st.integers(1, 6), **{k: net[k] for k in ("batch", "seed")})
def test_a_linear_layer_sends_the_right_gradients_back(n_in, n_out, batch, seed):
    rng = np.random.default_rng(seed)
    W, b, dW, db = (rng.standard_normal(s) for s in [(n_in, n_out), n_out, (n_in, n_out), n_out])
    x, dy = rng.standard_normal((batch, n_in)), rng.standard_normal((batch, n_out))
    layer = Linear(W, b, dW, db)

    def loss():
        return (layer.forward(x) * dy).sum()

    loss()
    layer.gradients(dy)
    for analytical, by in ((layer.backward(dy).copy(), x), (dW, W), (db, b)):
        np.testing.assert_allclose(analytical, numerical(loss, by), rtol=1e-6, atol=1e-8)


@given(width=st.integers(1, 6), **{k: net[k] for k in ("batch", "seed")})
def test_a_relu_sends_the_right_gradient_back(width, batch, seed):
    rng = np.random.default_rng(seed)
    x, dy = rng.standard_normal((2, batch, width))
    assume(np.abs(x).min() > 1e-3)
    layer = ReLU(width, x.dtype)
    layer.forward(x)
    dx = layer.backward(dy).copy()
    np.testing.assert_allclose(dx, numerical(lambda: (layer.forward(x) * dy).sum(), x), atol=1e-8)


def test_a_relu_is_flat_at_zero():
    layer = ReLU(3, np.dtype(float))
    assert layer.forward(np.array([[-1.0, 0, 2]])).tolist() == [[0, 0, 2]]
    assert layer.backward(np.array([[5.0, 6, 7]])).tolist() == [[0, 0, 7]]


def test_the_chain_rule_by_hand():
    """Two inputs, two hidden units of which one is asleep, two classes of equal probability."""
    network = Network((2, 2, 2), np.float64)
    network.parameters[:] = [
        *(1, -1, 0.5, 1),  # W1, row by row
        *(0, -2),  # b1
        *(1, 0, 3, 4),  # W2
        *(0, 2),  # b2
    ]
    # Z1 = [1·1 + 2·½, 1·(-1) + 2·1] + b1 = [2, -1];  A1 = [2, 0]
    # Z2 = [2·1 + 0·3, 2·0 + 0·4] + b2 = [2, 2];  p = [½, ½]
    logits = network.forward(np.array([[1.0, 2.0]]))
    assert logits.tolist() == [[2, 2]]
    label = np.array([0], np.uint8)
    assert cross_entropy(logits, label).tolist() == [pytest.approx(np.log(2))]
    # dZ2 = p - [1, 0] = [-½, ½];  dA1 = dZ2 W2ᵀ = [-½, -1½ + 2];  dZ1 = [-½, 0]
    network.backward(cross_entropy_gradient(logits, label))
    assert network.gradient.tolist() == [
        *(-0.5, 0, -1, 0),  # dW1 = xᵀ dZ1
        *(-0.5, 0),  # db1 = dZ1
        *(-1, 1, 0, 0),  # dW2 = A1ᵀ dZ2
        *(-0.5, 0.5),  # db2 = dZ2
    ]


@given(**net)
def test_the_gradient_of_a_batch_is_the_mean_of_its_images(sizes, batch, seed):
    network, x, labels = build(sizes, batch, seed)
    singles = []
    for row in range(batch):
        one, label = x[row : row + 1], labels[row : row + 1]
        network.backward(cross_entropy_gradient(network.forward(one), label))
        singles.append(network.gradient.copy())
    network.backward(cross_entropy_gradient(network.forward(x), labels))
    np.testing.assert_allclose(network.gradient, np.mean(singles, axis=0), atol=1e-12)
