"""L2, decoupled weight decay, and gradient clipping."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import Config
from core.training.trainer import Trainer

RATE = 0.01
CONFIG = Config(hidden=(8, 6), batch_size=32, validation=30, optimizer="sgd", learning_rate=RATE)


def stepped(config, data):
    """A trainer after its first step from random weights and biases, and how it began."""
    trainer = Trainer(config, data)
    network = trainer.network
    network.parameters[:] = np.random.default_rng(0).standard_normal(len(network.parameters)) / 3
    before = [(layer.W.copy(), layer.b.copy()) for layer in network.linears]
    trainer.step()
    return trainer, before


def moved(config, data):
    """The change that the first step made, as one vector."""
    trainer, before = stepped(config, data)
    start = np.concatenate([array.ravel() for layer in before for array in layer])
    return trainer.network.parameters - start


@pytest.mark.parametrize("l2", [0.1, 5.0])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_l2_shrinks_weights_in_proportion_and_nothing_else(tiny, l2, batch_norm):
    config = CONFIG.replace(batch_norm=batch_norm)
    plain, before = stepped(config, tiny)
    pulled, _ = stepped(config.replace(l2=l2), tiny)
    for one, other, (W, _) in zip(
        plain.network.linears, pulled.network.linears, before, strict=True
    ):
        np.testing.assert_allclose(one.W - other.W, RATE * l2 * W, rtol=1e-3, atol=1e-6)
        other.W[:] = one.W
    assert np.array_equal(plain.network.parameters, pulled.network.parameters)


def test_the_reported_loss_does_not_include_l2(tiny):
    plain, pulled = Trainer(CONFIG, tiny), Trainer(CONFIG.replace(l2=10), tiny)
    assert plain.step().loss == pulled.step().loss


def test_l2_enters_the_moments_and_weight_decay_does_not(tiny):
    """Adam's first step is the learning rate for every weight, whatever l2 adds to the gradient."""
    config = CONFIG.replace(optimizer="adamw")
    l2, decayed = (moved(config.replace(**{name: 10}), tiny) for name in ("l2", "weight_decay"))
    assert np.abs(l2).max() < 1.001 * RATE
    assert np.abs(decayed).max() > 2 * RATE


@pytest.mark.parametrize("batch_norm", [False, True])
def test_weight_decay_shrinks_weights_by_its_share_and_nothing_else(tiny, batch_norm):
    config = CONFIG.replace(optimizer="adamw", batch_norm=batch_norm)
    plain, before = stepped(config, tiny)
    decayed, _ = stepped(config.replace(weight_decay=2.5), tiny)
    for one, other, (W, _) in zip(
        plain.network.linears, decayed.network.linears, before, strict=True
    ):
        np.testing.assert_allclose(one.W - other.W, RATE * 2.5 * W, rtol=1e-3, atol=1e-6)
        other.W[:] = one.W
    assert np.array_equal(plain.network.parameters, decayed.network.parameters)


def test_adamw_without_weight_decay_is_adam(tiny):
    adam, adamw = (stepped(CONFIG.replace(optimizer=name), tiny)[0] for name in ("adam", "adamw"))
    assert np.array_equal(adam.network.parameters, adamw.network.parameters)


@given(clip=st.floats(1e-3, 1e3), hidden=st.sampled_from([(), (8,), (8, 6)]), norm=st.booleans())
def test_a_large_gradient_is_scaled_down_as_one_vector_and_a_small_one_is_not(
    tiny, clip, hidden, norm
):
    """With sgd and learning rate 1, the step is the gradient."""
    config = CONFIG.replace(hidden=hidden, batch_norm=norm, learning_rate=1)
    trainers = Trainer(config, tiny), Trainer(config.replace(clip_norm=clip), tiny)
    start = trainers[0].network.parameters.astype(float)
    for trainer in trainers:
        trainer.step()
    free, clipped = (trainer.network.parameters - start for trainer in trainers)
    length = np.linalg.norm(free)
    if length < clip * 0.9999:
        assert np.array_equal(clipped, free)
    else:
        assert np.linalg.norm(clipped) == pytest.approx(min(clip, length), rel=1e-3)
        assert clipped @ free == pytest.approx(np.linalg.norm(clipped) * length, rel=1e-3)


def test_clipping_applies_to_the_gradient_with_l2(tiny):
    change = moved(CONFIG.replace(learning_rate=1, clip_norm=0.25, l2=10), tiny)
    assert np.linalg.norm(change) == pytest.approx(0.25, rel=1e-3)
