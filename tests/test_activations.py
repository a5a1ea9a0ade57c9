"""The activations: their formulas, their gradients, and extreme inputs."""

import math

import numerical
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.nn.activations import ACTIVATIONS

FORMULAS = {
    "relu": lambda z: max(z, 0.0),
    "leaky-relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.exp(z) - 1,
    "gelu": lambda z: z * (1 + math.erf(z / math.sqrt(2))) / 2,
    "tanh": math.tanh,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
}
# Value and slope for very negative and for very positive inputs.
LIMITS = {
    "relu": ((0, 0), (1e4, 1)),
    "leaky-relu": ((-100, 0.01), (1e4, 1)),
    "elu": ((-1, 0), (1e4, 1)),
    "gelu": ((0, 0), (1e4, 1)),
    "tanh": ((-1, 0), (1, 0)),
    "sigmoid": ((0, 0), (1, 0)),
}
each = pytest.mark.parametrize("name", ACTIVATIONS)
shapes = {"units": st.integers(1, 6), "batch": st.integers(1, 6), "seed": st.integers(0, 10_000)}


def test_each_has_a_formula_here():
    assert list(FORMULAS) == list(LIMITS) == list(ACTIVATIONS)


@each
def test_it_computes_its_formula(name):
    Z = np.linspace(-6, 6, 121).reshape(11, 11)
    expected = np.vectorize(FORMULAS[name])(Z)
    # The GELU is the usual approximation of its formula.
    atol = 5e-4 if name == "gelu" else 1e-12
    np.testing.assert_allclose(ACTIVATIONS[name](11, Z.dtype).forward(Z), expected, atol=atol)


@each
@given(**shapes)
def test_the_gradient_is_right(name, units, batch, seed):
    rng = np.random.default_rng(seed)
    Z, dA = rng.standard_normal((2, units, batch)) * 2
    assume(np.abs(Z).min() > 1e-3)
    layer = ACTIVATIONS[name](units, Z.dtype)
    layer.forward(Z)
    dZ = layer.backward(dA).copy()
    slope = numerical.gradient(lambda: (layer.forward(Z) * dA).sum(), Z)
    np.testing.assert_allclose(dZ, slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0.0), ("leaky-relu", 0.01), ("elu", 1.0)])
def test_at_the_kink_the_slope_is_the_left_one(name, slope):
    layer = ACTIVATIONS[name](1, np.dtype(float))
    assert layer.forward(np.array([[0.0, 1.0]])).tolist() == [[0, 1]]
    assert layer.backward(np.array([[5.0, 7.0]])).tolist() == [[5 * slope, 7]]


@each
def test_extreme_inputs_stay_finite_without_a_warning(name):
    layer = ACTIVATIONS[name](1, np.dtype("f4"))
    A = layer.forward(np.array([[-1e4, 1e4]], np.float32))
    dZ = layer.backward(np.ones((1, 2), np.float32))
    for (value, slope), a, dz in zip(LIMITS[name], A[0], dZ[0], strict=True):
        assert (a, dz) == pytest.approx((value, slope), abs=1e-6)


@each
def test_the_inputs_are_not_changed(name):
    Z, dA = np.random.default_rng(0).standard_normal((2, 3, 4))
    before = Z.copy(), dA.copy()
    layer = ACTIVATIONS[name](3, Z.dtype)
    A = layer.forward(Z).copy()
    layer.backward(dA)
    assert np.array_equal((Z, dA), before)
    assert np.array_equal(layer.forward(Z), A)


@each
def test_a_smaller_batch_after_a_larger_one_gives_the_same(name):
    Z, dA = np.random.default_rng(0).standard_normal((2, 3, 9))
    fresh, used = (ACTIVATIONS[name](3, Z.dtype) for _ in range(2))
    used.forward(Z)
    used.backward(dA)
    small = Z[:, :4].copy(), dA[:, :4].copy()
    assert np.array_equal(used.forward(small[0]), fresh.forward(small[0]))
    assert np.array_equal(used.backward(small[1]), fresh.backward(small[1]))


def test_gelu_of_very_large_inputs_does_not_overflow():
    Z = np.array([[-1e5, -50, 0, 50, 1e5]], np.float32)
    gelu = ACTIVATIONS["gelu"](1, Z.dtype)
    assert gelu.forward(Z).tolist() == [[0, 0, 0, 50, 1e5]]
    assert gelu.backward(np.ones_like(Z)).tolist() == [[0, 0, 0.5, 1, 1]]
