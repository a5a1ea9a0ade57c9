"""The optimisers: by hand, against the paper, and over the long runs where float32 gets slow."""

import numpy as np
import pytest

from core import optimizers
from core.config import Config


def adam_of_the_paper(theta, gradients, alpha, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Algorithm 1 of Kingma and Ba 2015, line by line, in float64."""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon)
    return theta


def subnormals(array):
    """How many entries are too small for full precision, which makes arithmetic slow."""
    return np.count_nonzero((array != 0) & (np.abs(array) < np.finfo(array.dtype).tiny))


def test_sgd_goes_against_the_gradient_by_the_learning_rate():
    theta = np.array([1, -2, 0.5], np.float32)
    optimizers.SGD().update(theta, np.array([4, -8, 0], np.float32), 0.25)
    assert theta.tolist() == [0, 0, 0.5]


def test_sgd_remembers_nothing():
    theta, sgd = np.zeros(1, np.float32), optimizers.SGD()
    for _ in range(3):
        sgd.update(theta, np.array([1], np.float32), 0.5)
    assert theta.tolist() == [-1.5]


@pytest.mark.parametrize("rate", [1e-4, 0.01, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 50])
def test_adam_is_that_of_the_paper(rate, steps):
    rng = np.random.default_rng(steps)
    # Gradients from large down to about epsilon, where it matters how epsilon enters.
    gradients = rng.standard_normal((steps, 300)) * 10 ** rng.uniform(-9, 2, 300)
    theta = np.zeros(300, np.float32)
    adam = optimizers.Adam(theta)
    for gradient in gradients:
        adam.update(theta, gradient.astype(np.float32), rate)
    expected = adam_of_the_paper(np.zeros(300), gradients, rate)
    np.testing.assert_allclose(theta, expected, atol=rate * steps * 1e-5)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e6])
def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_gradient(scale):
    theta = np.zeros(4, np.float32)
    gradient = np.array([1, -1, 20, -0.5], np.float32) * np.float32(scale)
    optimizers.Adam(theta).update(theta, gradient, 0.01)
    np.testing.assert_allclose(theta, [-0.01, 0.01, -0.01, 0.01], rtol=1e-3)


def test_adam_stands_still_where_there_never_was_a_gradient():
    theta = np.ones(3, np.float32)
    adam = optimizers.Adam(theta)
    for _ in range(100):
        adam.update(theta, np.zeros(3, np.float32), 1.0)
    assert theta.tolist() == [1, 1, 1]


@pytest.mark.parametrize("tiny", [0, 1e-45, 1e-38, 1e-30, 1e-24, 1e-19, 1e-15])
def test_the_moments_of_adam_never_become_so_small_that_they_are_slow(tiny):
    theta = np.zeros(60, np.float32)
    adam = optimizers.Adam(theta)
    first = 10 ** np.linspace(-40, 2, 60)
    with np.errstate(under="ignore"):
        adam.update(theta, first.astype(np.float32), 0.001)
        for step in range(2000):
            adam.update(theta, np.full(60, tiny, np.float32), 0.001)
            if step % 50 == 0 or step == 1999:
                assert subnormals(adam.m) == subnormals(adam.v) == 0


@pytest.mark.parametrize("tiny", [1e-45, 1e-38, 1e-30, 1e-24, 1e-20])
def test_a_gradient_so_small_that_it_is_slow_is_taken_for_none(tiny):
    theta, gradient = np.zeros(8, np.float32), np.full(8, tiny, np.float32)
    adam = optimizers.Adam(theta)
    with np.errstate(under="ignore"):
        adam.update(theta, gradient, 1.0)
    assert not gradient.any()
    assert not adam.m.any()
    assert not theta.any()


@pytest.mark.parametrize(("name", "kind"), [("sgd", optimizers.SGD), ("adam", optimizers.Adam)])
def test_the_config_names_the_optimizer(name, kind):
    assert type(optimizers.make(Config(optimizer=name), np.zeros(2, np.float32))) is kind
