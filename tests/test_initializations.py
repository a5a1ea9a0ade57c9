"""The initializations, against the formulas of their papers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.initializations import SCHEMES, draw
from core.nn.network import Network

N_OUT, N_IN = 300, 500
DEVIATIONS = {
    "he": (2 / N_IN) ** 0.5,
    "xavier": (2 / (N_IN + N_OUT)) ** 0.5,
    "lecun": (1 / N_IN) ** 0.5,
    "normal": 0.3,
}
BOUNDS = {
    "he-uniform": (6 / N_IN) ** 0.5,
    "xavier-uniform": (6 / (N_IN + N_OUT)) ** 0.5,
    "lecun-uniform": (3 / N_IN) ** 0.5,
}
seeds = st.integers(0, 1000)


def sample(scheme, shape=(N_OUT, N_IN), seed=0, deviation=0.3):
    return draw(scheme, deviation, shape, np.random.default_rng(seed))


def test_each_scheme_has_its_test_here():
    assert {*DEVIATIONS, *BOUNDS, "orthogonal", "zeros"} == set(SCHEMES)


@pytest.mark.parametrize(("scheme", "deviation"), DEVIATIONS.items())
def test_the_weights_have_the_deviation_of_the_formula_around_0(scheme, deviation):
    W = sample(scheme)
    assert W.std() == pytest.approx(deviation, rel=0.01)
    assert abs(W.mean()) < 0.01 * deviation
    # A normal distribution has 4.55% beyond two deviations, a uniform one none.
    assert np.mean(np.abs(W) > 2 * deviation) == pytest.approx(0.0455, abs=0.003)


@pytest.mark.parametrize(("scheme", "bound"), BOUNDS.items())
def test_uniform_weights_fill_the_range_of_the_formula_evenly(scheme, bound):
    W = sample(scheme)
    counts, _ = np.histogram(W, bins=10, range=(-bound, bound))
    assert counts.sum() == W.size
    np.testing.assert_allclose(counts / W.size, 0.1, atol=0.005)
    assert np.abs(W).max() == pytest.approx(bound, rel=1e-3)


@given(n_out=st.integers(1, 12), n_in=st.integers(1, 12), seed=seeds)
def test_orthogonal_rows_or_columns_are_orthogonal_with_length_root_2(n_out, n_in, seed):
    W = sample("orthogonal", (n_out, n_in), seed)
    assert W.shape == (n_out, n_in)
    few = W if n_out <= n_in else W.T
    np.testing.assert_allclose(few @ few.T, 2 * np.eye(len(few)), atol=1e-12)


def test_orthogonal_matrices_have_no_preferred_sign():
    first = np.array([sample("orthogonal", (3, 3), seed) for seed in range(400)])
    assert np.abs(np.mean(first > 0, axis=0) - 0.5).max() < 0.1


def test_zeros_are_zeros():
    assert not sample("zeros").any()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_deviation_is_for_normal_only(scheme):
    one, other = (sample(scheme, deviation=deviation) for deviation in (0.3, 3.0))
    if scheme == "normal":
        np.testing.assert_allclose(other, 10 * one, rtol=1e-12)
    else:
        assert np.array_equal(one, other)


@given(scheme=st.sampled_from(SCHEMES), n_out=st.integers(1, 9), n_in=st.integers(1, 9), seed=seeds)
def test_the_same_generator_draws_the_same_weights_for_any_shape(scheme, n_out, n_in, seed):
    one, same = (sample(scheme, (n_out, n_in), seed) for _ in range(2))
    assert np.array_equal(one, same)
    assert np.isfinite(one).all()
    # The only orthogonal matrices of one entry are √2 and -√2.
    if scheme != "zeros" and (scheme, one.size) != ("orthogonal", 1):
        assert not np.array_equal(sample(scheme, (n_out, n_in), seed + 1), one)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_biases_are_0_except_with_normal(scheme):
    network = Network((300, 400, 10))
    network.parameters[:] = 7
    network.initialize(scheme, np.random.default_rng(0), deviation=0.25)
    for layer in network.linears:
        if scheme == "normal":
            assert layer.W.std() == pytest.approx(0.25, rel=0.03)
            assert layer.b.any()
        else:
            assert not layer.b.any()
    if scheme == "normal":
        assert network.linears[0].b.std() == pytest.approx(0.25, rel=0.1)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_initial_parameters_depend_only_on_the_generator(scheme):
    one, same, other = (Network((4, 3, 2)) for _ in range(3))
    for network, seed in ((one, 1), (same, 1), (other, 2)):
        network.initialize(scheme, np.random.default_rng(seed))
    assert np.array_equal(one.parameters, same.parameters)
    assert np.array_equal(one.parameters, other.parameters) == (scheme == "zeros")


@pytest.mark.parametrize("scheme", ["he", "he-uniform"])
def test_he_keeps_the_size_of_a_signal_through_the_layers(scheme):
    network = Network((400, 400, 400, 400))
    network.initialize(scheme, np.random.default_rng(0))
    X = np.random.default_rng(1).standard_normal((400, 200)).astype(np.float32)
    assert np.sqrt((network.forward(X) ** 2).mean() / 2) == pytest.approx(1, rel=0.2)
