"""In long runs, moments stay out of the subnormal numbers, which are slow."""

import numpy as np
import pytest

from core.config.config import SETTINGS
from core.nn import optimizers
from core.nn.subnormals import flush

STATEFUL = [name for name in SETTINGS["optimizer"].kind.options if name != "sgd"]
each = pytest.mark.parametrize("name", STATEFUL)


def subnormals(array):
    """The number of subnormal entries."""
    return np.count_nonzero((array != 0) & (np.abs(array) < np.finfo(array.dtype).tiny))


def moments(optimizer):
    return list(optimizer.moments.values())


@each
@pytest.mark.parametrize("tiny", [0, 1e-45, 1e-38, 1e-30, 1e-24, 1e-19, 1e-15])
def test_in_a_long_run_no_moment_becomes_subnormal(name, tiny):
    theta = np.zeros(60, np.float32)
    optimizer = optimizers.create(name, theta, momentum=0.9, beta2=0.999)
    first = 10 ** np.linspace(-40, 2, 60)
    found = []
    with np.errstate(under="ignore"):
        optimizer.update(theta, first.astype(np.float32), 0.001)
        for step in range(2000):
            optimizer.update(theta, np.full(60, tiny, np.float32), 0.001)
            if step > 32 and step % 5 == 0:
                found += [subnormals(moment) for moment in moments(optimizer)]
    assert found
    assert not any(found)


@each
@pytest.mark.parametrize("tiny", [1e-45, 1e-38, 1e-30, 1e-24, 1e-20])
def test_a_very_small_gradient_counts_as_zero(name, tiny):
    theta, gradient = np.zeros(8, np.float32), np.full(8, tiny, np.float32)
    optimizer = optimizers.create(name, theta, momentum=0.9, beta2=0.999)
    with np.errstate(under="ignore"):
        optimizer.update(theta, gradient, 1.0)
    assert not gradient.any()
    assert not any(moment.any() for moment in moments(optimizer))
    assert not theta.any()


@each
def test_gradients_that_matter_are_not_rounded_away(name):
    """Gradients of 1e-10 still affect learning, and moments are flushed far below that."""
    theta = np.zeros(8, np.float32)
    optimizer = optimizers.create(name, theta, momentum=0.9, beta2=0.999)
    for _ in range(100):
        optimizer.update(theta, np.full(8, 1e-10, np.float32), 1.0)
    assert all((moment > 0).all() for moment in moments(optimizer))
    assert (theta < -1e-9).all()


def test_moments_are_flushed_at_every_32nd_step_because_it_takes_time():
    flushed = []
    for step in range(1, 100):
        moment = np.full(3, 1e-31, np.float32)
        flush(step, np.empty(3, np.float32), moment)
        flushed += [step] * (not moment.any())
    assert flushed == [32, 64, 96]
