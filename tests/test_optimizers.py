"""The optimizers: worked examples, and the algorithms of the papers in float64."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import SETTINGS
from core.nn import optimizers
from core.nn.subnormals import flush, round_off
from core.nn.thread_pool import ThreadPool

NAMES = SETTINGS["optimizer"].kind.options
BETA1, BETA2 = 0.8, 0.99


# The algorithms of the papers. `steps`: gradient, learning rate and coefficients of each step.


def sgd(theta, steps):
    for g, eta, _, _ in steps:
        theta = theta - eta * g
    return theta


def momentum(theta, steps):
    """Polyak 1964, in the form of the deep learning libraries."""
    v = 0
    for g, eta, mu, _ in steps:
        v = mu * v + g
        theta = theta - eta * v
    return theta


def nesterov(theta, steps):
    """In the form of torch.optim.SGD; see below for the form of the paper."""
    v = 0
    for g, eta, mu, _ in steps:
        v = mu * v + g
        theta = theta - eta * (g + mu * v)
    return theta


def adagrad(theta, steps):
    """Duchi et al. 2011 with the diagonal."""
    s = 0
    for g, eta, _, _ in steps:
        s = s + g**2
        theta = theta - eta * g / (np.sqrt(s) + 1e-8)
    return theta


def rmsprop(theta, steps):
    """Lecture 6 of Tieleman and Hinton 2012."""
    s = 0
    for g, eta, _, rho in steps:
        s = rho * s + (1 - rho) * g**2
        theta = theta - eta * g / (np.sqrt(s) + 1e-8)
    return theta


def adam(theta, steps):
    """Algorithm 1 of Kingma and Ba 2015."""
    m = v = 0
    for t, (g, eta, beta1, beta2) in enumerate(steps, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - eta * m_hat / (np.sqrt(v_hat) + 1e-8)
    return theta


PAPERS = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adam,  # the trainer applies the weight decay
}
each = pytest.mark.parametrize("name", NAMES)


def create(name, theta, momentum=BETA1, beta2=BETA2):
    return optimizers.create(name, theta, momentum, beta2)


def run(name, theta, gradients, rates, **coefficients):
    """The parameters after the steps of our optimizer, in the dtype of theta."""
    theta = theta.copy()
    optimizer = create(name, theta, **coefficients)
    for gradient, rate in zip(gradients, rates, strict=True):
        optimizer.update(theta, gradient.astype(theta.dtype), rate)
    return theta


def paper(name, theta, gradients, rates):
    steps = [(g, eta, BETA1, BETA2) for g, eta in zip(gradients, rates, strict=True)]
    return PAPERS[name](theta, steps)


def draw(steps, seed=0):
    """Parameters, gradients from large down to about ε, and a learning rate for each step."""
    rng = np.random.default_rng(seed)
    gradients = rng.standard_normal((steps, 300)) * 10 ** rng.uniform(-9, 1, 300)
    return rng.standard_normal(300), gradients, 10 ** rng.uniform(-4, -1, steps)


@each
@given(steps=st.integers(1, 40), seed=st.integers(0, 1000))
def test_it_equals_its_paper_at_any_learning_rate(name, steps, seed):
    theta, gradients, rates = draw(steps, seed)
    expected = paper(name, theta, gradients, rates)
    np.testing.assert_allclose(run(name, theta, gradients, rates), expected, rtol=1e-9, atol=1e-12)


@each
@pytest.mark.parametrize("steps", [1, 2, 50])
def test_it_equals_its_paper_in_float32(name, steps):
    _, gradients, rates = draw(steps)
    expected = paper(name, np.zeros(300), gradients, rates)
    found = run(name, np.zeros(300, np.float32), gradients, rates)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=rates.sum() * 1e-5)


@each
@given(
    coefficients=st.lists(
        st.tuples(st.floats(0, 0.99), st.floats(0, 0.9999)), min_size=2, max_size=6
    )
)
def test_the_coefficients_can_change_and_the_moments_stay(name, coefficients):
    """Three steps with each pair."""
    theta, gradients, rates = draw(3 * len(coefficients))
    each_step = [pair for pair in coefficients for _ in range(3)]
    steps = [(*step, *pair) for *step, pair in zip(gradients, rates, each_step, strict=True)]
    expected = PAPERS[name](theta, steps)
    optimizer = create(name, theta)
    for g, eta, beta1, beta2 in steps:
        optimizer.set_coefficients(beta1, beta2)
        optimizer.update(theta, g.copy(), eta)
    np.testing.assert_allclose(theta, expected, rtol=1e-9, atol=1e-12)


def test_sgd_subtracts_learning_rate_times_gradient():
    theta = np.array([1, -2, 0.5], np.float32)
    optimizers.SGD(theta).update(theta, np.array([4, -8, 0], np.float32), 0.25)
    assert theta.tolist() == [0, 0, 0.5]


def test_sgd_has_no_moments():
    theta = np.zeros(1, np.float32)
    sgd = optimizers.SGD(theta)
    for _ in range(3):
        sgd.update(theta, np.array([1], np.float32), 0.5)
    assert theta.tolist() == [-1.5]


def test_momentum_by_hand():
    """v = 1, then ½ · 1 + 1 = 1½, then ½ · 1½ = ¾ without any gradient."""
    theta = np.zeros(1, np.float32)
    optimizer = optimizers.Momentum(theta, 0.5)
    for gradient, expected in ((1, -1), (1, -2.5), (0, -3.25)):
        optimizer.update(theta, np.array([gradient], np.float32), 1.0)
        assert theta.tolist() == [expected]


@given(st.floats(0, 0.99), st.floats(0.01, 0.5), st.integers(0, 1000))
def test_nesterov_uses_the_gradient_at_the_point_ahead(mu, eta, seed):
    """Equations 3 and 4 of Sutskever et al. 2013 on a bowl; ours keeps the point ahead, θ + μ v."""
    slopes, theirs = np.random.default_rng(seed).uniform(0.1, 2, (2, 5))
    v, ours = np.zeros(5), theirs.copy()
    optimizer = optimizers.Momentum(ours, mu, nesterov=True)
    for _ in range(20):
        v = mu * v - eta * slopes * (theirs + mu * v)
        theirs = theirs + v
        optimizer.update(ours, slopes * ours, eta)
        np.testing.assert_allclose(ours, theirs + mu * v, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_with_momentum_0_it_is_sgd(name):
    theta, gradients, rates = draw(20)
    plain = run("sgd", theta, gradients, rates)
    still = run(name, theta, gradients, rates, momentum=0)
    np.testing.assert_allclose(still, plain, rtol=1e-12)


@pytest.mark.parametrize("name", ["adagrad", "adam", "adamw"])
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e6])
def test_the_first_step_is_the_learning_rate_whatever_the_gradient(name, scale):
    gradient = np.array([[1, -1, 20, -0.5]]) * scale
    theta = run(name, np.zeros(4, np.float32), gradient, [0.01])
    np.testing.assert_allclose(theta, [-0.01, 0.01, -0.01, 0.01], rtol=1e-3)


@each
def test_parameters_without_a_gradient_do_not_change(name):
    theta = run(name, np.ones(3, np.float32), np.zeros((100, 3)), [1.0] * 100)
    assert theta.tolist() == [1, 1, 1]


@each
def test_the_parameters_are_updated_in_place(name):
    theta = np.ones(3, np.float32)
    optimizer = create(name, theta)
    optimizer.update(theta, np.ones(3, np.float32), 0.5)
    assert (theta < 1).all()


@pytest.mark.parametrize(
    ("name", "kind", "coefficients"),
    [
        ("sgd", optimizers.SGD, {}),
        ("momentum", optimizers.Momentum, {"mu": BETA1, "nesterov": False}),
        ("nesterov", optimizers.Momentum, {"mu": BETA1, "nesterov": True}),
        ("adagrad", optimizers.Adagrad, {}),
        ("rmsprop", optimizers.RMSProp, {"rho": BETA2}),
        ("adam", optimizers.Adam, {"beta1": BETA1, "beta2": BETA2}),
        ("adamw", optimizers.Adam, {"beta1": BETA1, "beta2": BETA2}),
    ],
)
def test_coefficients_are_those_given_at_creation_or_later(name, kind, coefficients):
    theta = np.zeros(2, np.float32)
    changed = create(name, theta, momentum=0.9, beta2=0.999)
    changed.set_coefficients(BETA1, BETA2)
    for optimizer in (create(name, theta), changed):
        assert type(optimizer) is kind
        assert {key: getattr(optimizer, key) for key in coefficients} == coefficients


# The updates as they would be without blocks: one pass over whole vectors after the other.


def sgd_in_passes(theta, g, eta, moments, t):
    theta -= eta * g


def momentum_in_passes(theta, g, eta, moments, t, nesterov=False):
    v = moments["v"]
    round_off(g)
    v[:] = BETA1 * v + g
    flush(t, np.empty_like(v), v)
    theta -= v * eta * BETA1 + g * eta if nesterov else v * eta


def nesterov_in_passes(theta, g, eta, moments, t):
    momentum_in_passes(theta, g, eta, moments, t, nesterov=True)


def adagrad_in_passes(theta, g, eta, moments, t):
    round_off(g)
    moments["s"] += g * g
    theta -= g / (np.sqrt(moments["s"]) + 1e-8) * eta


def rmsprop_in_passes(theta, g, eta, moments, t):
    s = moments["s"]
    round_off(g)
    s[:] = s * BETA2 + g * g * (1 - BETA2)
    flush(t, np.empty_like(s), s)
    theta -= g / (np.sqrt(s) + 1e-8) * eta


def adam_in_passes(theta, g, eta, moments, t):
    m, v = moments["m"], moments["v"]
    c1 = (1 - BETA1) / (1 - BETA1**t)
    c2 = math.sqrt((1 - BETA2) / (1 - BETA2**t))
    round_off(g)
    m[:] = m * BETA1 + g
    v[:] = v * BETA2 + g * g
    flush(t, np.empty_like(m), m, v)
    theta -= m / (np.sqrt(v) + 1e-8 / c2) * (eta * c1 / c2)


IN_PASSES = {
    "sgd": sgd_in_passes,
    "momentum": momentum_in_passes,
    "nesterov": nesterov_in_passes,
    "adagrad": adagrad_in_passes,
    "rmsprop": rmsprop_in_passes,
    "adam": adam_in_passes,
    "adamw": adam_in_passes,
}


@each
@pytest.mark.parametrize("threads", [1, 3])
def test_in_blocks_and_threads_it_has_the_bits_of_passes_over_whole_vectors(name, threads):
    rng = np.random.default_rng(1)
    size = 250_007
    theirs = rng.standard_normal(size, np.float32)
    ours = theirs.copy()
    optimizer = optimizers.create(name, ours, BETA1, BETA2, ThreadPool(threads))
    moments = {key: np.zeros_like(moment) for key, moment in optimizer.moments.items()}
    scales = 10 ** rng.uniform(-20, 0, size).astype(np.float32)
    for t in range(1, 35):  # at step 32 tiny moments become 0
        g = rng.standard_normal(size, np.float32) * scales
        IN_PASSES[name](theirs, g.copy(), 0.01, moments, t)
        optimizer.update(ours, g, 0.01)
    assert np.array_equal(ours, theirs)
    for key, moment in optimizer.moments.items():
        assert np.array_equal(moment, moments[key])
