"""The linear layer: W A + b with a scale, and its gradients."""

import numerical
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.buffers import Buffer
from core.nn.layers import Linear

size = st.integers(1, 6)
scales = pytest.mark.parametrize("scale", [None, 1 / 255, 2.5])


def build(n_in, n_out, batch, seed, scale):
    """A layer, an input A and a gradient dZ."""
    rng = np.random.default_rng(seed)
    W, b, dW, db = (rng.standard_normal(s) for s in [(n_out, n_in), (n_out, 1)] * 2)
    layer = Linear(W, b, dW, db, scale)
    return layer, rng.standard_normal((n_in, batch)), rng.standard_normal((n_out, batch))


@scales
@given(n_in=size, n_out=size, batch=size, seed=st.integers(0, 10_000))
def test_it_is_w_times_a_plus_b_and_only_the_product_is_scaled(scale, n_in, n_out, batch, seed):
    layer, A, _ = build(n_in, n_out, batch, seed, scale)
    Z = (scale or 1) * layer.W @ A + layer.b
    np.testing.assert_allclose(layer.forward(A), Z, rtol=1e-12, atol=1e-12)


@scales
@given(n_in=size, n_out=size, batch=size, seed=st.integers(0, 10_000))
def test_the_gradients_are_right(scale, n_in, n_out, batch, seed):
    layer, A, dZ = build(n_in, n_out, batch, seed, scale)
    unchanged = dZ.copy()

    def loss():
        return (layer.forward(A) * dZ).sum()

    loss()
    layer.gradients(dZ)
    found = layer.dW.copy(), layer.db.copy(), layer.backward(dZ).copy()
    for analytical, by in zip(found, (layer.W, layer.b, A), strict=True):
        slope = numerical.gradient(loss, by)
        np.testing.assert_allclose(analytical, slope, rtol=1e-6, atol=1e-8)
    assert np.array_equal(dZ, unchanged)


def test_scaling_the_product_is_scaling_the_input():
    layer, A, dZ = build(5, 4, 3, 0, 1 / 255)
    scaled, _, _ = build(5, 4, 3, 0, None)
    np.testing.assert_allclose(layer.forward(A), scaled.forward(A / 255), rtol=1e-12)
    for one in (layer, scaled):
        one.gradients(dZ)
    np.testing.assert_allclose(layer.dW, scaled.dW, rtol=1e-12)
    np.testing.assert_allclose(layer.db, scaled.db, rtol=1e-12)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_a_buffer_fits_every_batch_and_allocates_only_for_a_larger_one(batches):
    buffer, largest, last = Buffer(3, np.dtype("f4")), 0, None
    for batch in batches:
        array = buffer(batch)
        assert (array.shape, array.dtype, array.flags.c_contiguous) == ((3, batch), "f4", True)
        assert array is buffer(batch)
        if last is not None and 0 < batch <= largest:
            assert np.shares_memory(array, last)
        if batch > largest:
            largest, last = batch, array
