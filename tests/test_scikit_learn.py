"""The optimizers, gradients and training steps equal those of scikit-learn."""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from core.config.config import Config
from core.nn import optimizers
from core.nn.losses import CrossEntropy
from core.nn.network import Network
from core.training.trainer import Trainer

RATE = 0.05
THEIRS = {
    "sgd": lambda theta: SGDOptimizer(theta, RATE, momentum=0, nesterov=False),
    "momentum": lambda theta: SGDOptimizer(theta, RATE, momentum=0.9, nesterov=False),
    "nesterov": lambda theta: SGDOptimizer(theta, RATE, momentum=0.9, nesterov=True),
    "adam": lambda theta: AdamOptimizer(theta, RATE),
}
SOLVERS = {
    "sgd": {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False},
    "momentum": {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": True},
    "adam": {"solver": "adam"},
}
ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}


@pytest.mark.parametrize("name", THEIRS)
def test_the_optimizers_take_the_same_steps(name):
    rng = np.random.default_rng(0)
    ours = rng.standard_normal(50)
    theirs = [ours.copy()]
    optimizer = optimizers.create(name, ours, momentum=0.9, beta2=0.999)
    reference = THEIRS[name](theirs)
    for _ in range(40):
        # Not so small that ε matters, which they leave without its bias correction.
        gradient = rng.uniform(0.5, 2, 50) * rng.choice([-1, 1], 50)
        reference.update_params(theirs, [gradient.copy()])
        optimizer.update(ours, gradient, RATE)
        np.testing.assert_allclose(ours, theirs[0], rtol=1e-6, atol=1e-6 * RATE)


def trained(hidden, batch, X, y, **options):
    """Their network after its first batch, with a fresh optimizer and its own initial weights."""
    network = MLPClassifier(hidden, batch_size=batch, shuffle=False, random_state=0, **options)
    network.partial_fit(X[:batch], y[:batch], classes=np.unique(y))
    del network._optimizer
    return network


def copy_into(network, theirs):
    for layer, W, b in zip(network.linears, theirs.coefs_, theirs.intercepts_, strict=True):
        layer.W[:], layer.b[:, 0] = W.T, b


@pytest.mark.parametrize("hidden", [(), (7,), (8, 6, 5)], ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_of_a_network_is_the_same(activation, hidden):
    """In float64: their step of plain descent with rate 1 is minus the gradient."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 4)), np.arange(30) % 3
    theirs = trained(
        *(hidden, 30, X, y),
        activation=ACTIVATIONS[activation],
        alpha=0,
        learning_rate_init=1.0,
        **SOLVERS["sgd"],
    )
    ours, loss = Network((4, *hidden, 3), activation, dtype=float), CrossEntropy(3, X.dtype)
    copy_into(ours, theirs)
    before = ours.parameters.copy()
    ours.forward(X.T)
    losses = loss.forward(ours.forward(X.T, training=True), y.astype(np.uint8))
    ours.backward(loss.backward())
    np.testing.assert_allclose(loss.probabilities.T, theirs.predict_proba(X), rtol=1e-10)
    theirs.partial_fit(X, y)
    assert losses.mean() == pytest.approx(theirs.loss_, rel=1e-10)
    copy_into(ours, theirs)
    assert np.abs(ours.gradient).max() > 0.001
    np.testing.assert_allclose(before - ours.parameters, ours.gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("l2", [0.0, 0.05])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("optimizer", SOLVERS)
def test_the_trainer_takes_the_same_steps_with_and_without_l2(
    tiny, monkeypatch, optimizer, activation, l2
):
    # They leave ε without its bias correction; so small, it plays no part.
    monkeypatch.setattr(optimizers.Adam, "epsilon", 1e-15)
    solver = SOLVERS[optimizer] | {"epsilon": 1e-15}
    batch = 25
    config = Config(hidden=(8, 6), activation=activation, optimizer=optimizer, learning_rate=0.01)
    trainer = Trainer(config.replace(batch_size=batch, validation=0, l2=l2), tiny)
    X = tiny.train_images[trainer.order].reshape(200, -1) / 255
    y = tiny.train_labels[trainer.order]
    theirs = trained(
        *((8, 6), batch, X, y),
        activation=ACTIVATIONS[activation],
        alpha=l2 * batch,  # they divide the sum of squares by the batch
        learning_rate_init=0.01,
        **solver,
    )
    copy_into(trainer.network, theirs)
    first = trainer.network.parameters.copy()
    for start in range(0, 200, batch):
        rows = slice(start, start + batch)
        theirs.partial_fit(X[rows], y[rows])
        trainer.step()
    found = trainer.network.parameters.copy()
    copy_into(trainer.network, theirs)
    moved = np.abs(found - first).max()
    assert moved > 0.005
    np.testing.assert_allclose(found, trainer.network.parameters, atol=moved * 1e-3)


def test_l2_is_what_makes_the_difference(tiny):
    """So that the test above can fail: the two runs it compares with lie far apart."""
    config = Config(hidden=(8, 6), batch_size=25, validation=0, optimizer="sgd", learning_rate=0.01)
    plain, small = (Trainer(config.replace(l2=l2), tiny) for l2 in (0.0, 0.05))
    first = plain.network.parameters.copy()
    for trainer in (plain, small):
        for _ in range(8):
            trainer.step()
    moved = np.abs(plain.network.parameters - first).max()
    assert np.abs(plain.network.parameters - small.network.parameters).max() > 0.02 * moved
