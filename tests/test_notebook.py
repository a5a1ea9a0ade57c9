"""The notebook's equations, in its notation and in float64, give the same steps as the trainer."""

import numpy as np

from core.config.presets import presets
from core.training.trainer import Trainer

ALPHA, M, STEPS = 0.1, 256, 12


def relu(Z):
    return np.maximum(Z, 0)


def softmax(Z):
    E = np.exp(Z - Z.max(axis=0))
    return E / E.sum(axis=0)


def descend(X, Y, W1, b1, W2, b2, W3, b3):
    """One step on a batch. X: (784, m), Y: (10, m), each column an image, as in the notebook."""
    Z1 = W1 @ X + b1
    A1 = relu(Z1)
    Z2 = W2 @ A1 + b2
    A2 = relu(Z2)
    A3 = softmax(W3 @ A2 + b3)

    m = X.shape[1]
    dZ3 = A3 - Y
    dW3, db3 = dZ3 @ A2.T / m, dZ3.sum(axis=1, keepdims=True) / m
    dZ2 = (W3.T @ dZ3) * (Z2 > 0)
    dW2, db2 = dZ2 @ A1.T / m, dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = (W2.T @ dZ2) * (Z1 > 0)
    dW1, db1 = dZ1 @ X.T / m, dZ1.sum(axis=1, keepdims=True) / m

    return (
        *(W1 - ALPHA * dW1, b1 - ALPHA * db1),
        *(W2 - ALPHA * dW2, b2 - ALPHA * db2),
        *(W3 - ALPHA * dW3, b3 - ALPHA * db3),
    )


def parameters(trainer):
    """W1, b1, W2, b2, W3, b3 in float64."""
    return [
        array.astype(np.float64)
        for layer in trainer.network.linears
        for array in (layer.W, layer.b)
    ]


def test_the_trainer_takes_the_notebook_s_steps(fashion):
    trainer = Trainer(presets()["notebook"].config, fashion)
    first = expected = parameters(trainer)
    for step in range(STEPS):
        batch = trainer.order[step * M : (step + 1) * M]
        X = fashion.train_images[batch].reshape(M, 784).T / 255
        Y = np.eye(10)[fashion.train_labels[batch]].T
        expected = descend(X, Y, *expected)
        trainer.step()
    for before, after, found in zip(first, expected, parameters(trainer), strict=True):
        moved = np.abs(after - before).max()
        assert moved > 0.01
        np.testing.assert_allclose(found, after, atol=moved * 1e-4)
