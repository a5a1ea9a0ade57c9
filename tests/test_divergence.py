"""Divergence: when the loss is not finite, the run reports it and keeps its state."""

import numpy as np
import pytest

from core.config.config import SETTINGS, Config
from core.errors import Diverged
from core.nn.clipping import clip
from core.training.timeline import Timeline
from core.training.trainer import Trainer


def until_it_diverges(trainer):
    """Returns the error, and the parameters before it."""
    for _ in range(1000):
        before = trainer.network.parameters.copy()
        try:
            trainer.step()
        except Diverged as error:
            return error, before
    pytest.fail("the run did not diverge")


@pytest.fixture(params=SETTINGS["optimizer"].kind.options)
def trainer(tiny, request):
    config = Config(hidden=(32, 32, 32), validation=30, batch_size=32, optimizer=request.param)
    return Trainer(config.replace(learning_rate=1e12, epochs=1000), tiny)


def test_the_error_names_the_step_the_run_is_at_the_rate_and_what_to_try(trainer):
    error, _ = until_it_diverges(trainer)
    assert (error.step, error.learning_rate) == (trainer.steps, 1e12)
    assert str(error).startswith(f"diverged after step {trainer.steps} with learning rate 1e12: ")
    assert str(error).endswith("; lower the learning rate")


def test_the_parameters_stay_unchanged_and_finite(trainer):
    _, before = until_it_diverges(trainer)
    assert np.array_equal(trainer.network.parameters, before)
    assert np.isfinite(before).all()


def test_the_run_stays_at_its_step(trainer):
    until_it_diverges(trainer)
    before = trainer.steps, trainer.epochs, trainer.position
    with pytest.raises(Diverged):
        trainer.step()
    assert (trainer.steps, trainer.epochs, trainer.position) == before


@pytest.mark.parametrize(
    ("hidden", "parameters"),
    [((), [3e38, -3e38, 0, 0]), ((1,), [1e30, 0, 0, 0, 0, 0])],
    ids=["loss", "gradient"],
)
def test_either_the_loss_or_the_gradient_can_overflow(make_dataset, hidden, parameters):
    data = make_dataset(train=9, classes=2, shape=(1, 1))
    data.train_images[:] = 255
    trainer = Trainer(Config(hidden=hidden, batch_size=9, validation=0, optimizer="sgd"), data)
    trainer.network.parameters[:] = parameters
    with pytest.raises(Diverged):
        trainer.step()
    assert trainer.network.parameters.tolist() == np.float32(parameters).tolist()


def test_after_going_back_training_continues_with_a_smaller_rate(trainer):
    last_healthy_step = trainer.network.parameters.copy()
    until_it_diverges(trainer)
    trainer.network.parameters[:] = last_healthy_step
    trainer.change(learning_rate=1e-3, optimizer="sgd")
    losses = [trainer.step().loss for _ in range(50)]
    assert np.isfinite(losses).all()
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


def test_the_running_statistics_of_batch_normalization_stay_finite_too(tiny):
    """Otherwise every evaluation after going back would be NaN."""
    config = Config(hidden=(8,), batch_size=32, validation=30, batch_norm=True)
    trainer = Trainer(config, tiny)
    trainer.step()
    before = trainer.network.statistics.copy()
    trainer.network.parameters[:] *= 1e25
    with pytest.raises(Diverged):
        trainer.step()
    assert np.array_equal(trainer.network.statistics, before)


def overflowing(tiny, **settings):
    """A run of one epoch whose last update overflows: its losses and gradients are finite."""
    config = Config(hidden=(8,), batch_size=50, validation=50, epochs=1, optimizer="sgd")
    trainer = Trainer(config.replace(**settings), tiny)
    trainer.step()
    trainer.step()
    trainer.change(learning_rate=1e12)
    trainer.network.parameters[:] *= np.float32(1e14)
    return trainer


def test_a_run_whose_last_step_overflows_does_not_end_as_finished(tiny):
    trainer = overflowing(tiny)
    before = trainer.network.parameters.copy(), trainer.order.copy()
    with pytest.raises(Diverged, match="the validation loss is not finite") as caught:
        trainer.step()
    assert caught.value.step == trainer.steps
    assert (trainer.steps, trainer.epochs, trainer.finished) == (2, 0, False)
    assert np.array_equal(trainer.network.parameters, before[0])
    assert np.array_equal(trainer.order, before[1])


def test_running_statistics_that_overflow_are_a_divergence_though_the_loss_is_finite(tiny):
    trainer = Trainer(Config(hidden=(8,), batch_size=50, validation=50, batch_norm=True), tiny)
    trainer.step()
    trainer.network.linears[0].W *= np.float32(1e20)
    before = trainer.network.statistics.copy()
    with pytest.raises(Diverged, match="running statistics of batch normalization are not finite"):
        trainer.step()
    assert np.array_equal(trainer.network.statistics, before)


def test_an_evaluation_without_a_finite_loss_is_a_divergence(tiny):
    trainer = Trainer(Config(hidden=(8,), batch_size=50, validation=50), tiny)
    trainer.network.parameters[:] = np.nan
    with pytest.raises(Diverged, match=r"diverged after step 0 .*: the test loss is not finite"):
        trainer.evaluate(tiny.test)


def test_the_error_names_the_rate_in_force(tiny):
    config = Config(hidden=(8,), batch_size=50, validation=50, schedule="cosine", warmup=2)
    trainer = Trainer(config, tiny)
    trainer.step()
    rate = trainer.learning_rate
    trainer.network.parameters[:] = np.inf
    with pytest.raises(Diverged) as caught:
        trainer.step()
    assert caught.value.learning_rate == rate != config.learning_rate


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 1e18, 1e20, 1e37])
def test_clipping_scales_any_finite_gradient(scale):
    direction = np.random.default_rng(0).standard_normal(1000)
    gradient = (direction * scale).astype(np.float32)
    norm = np.linalg.norm(direction * scale)
    assert clip(gradient, 0.5)
    expected = direction * scale * min(1, 0.5 / norm)
    np.testing.assert_allclose(gradient, expected, rtol=1e-5)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_clipping_leaves_a_gradient_that_is_not_finite(wrong):
    gradient = np.float32([1, wrong, -2])
    assert not clip(gradient, 1.0)
    assert gradient[[0, 2]].tolist() == [1, -2]


def test_clipping_rescues_a_huge_gradient(make_dataset):
    data = make_dataset(train=9, classes=2, shape=(1, 1))
    data.train_images[:] = 255
    config = Config(hidden=(1,), batch_size=9, validation=0, optimizer="sgd", clip_norm=1)
    trainer = Trainer(config, data)
    trainer.network.parameters[:] = [1e-20, 0, 1e30, 0, 0, 0]
    assert np.isfinite(trainer.step().loss)


@pytest.mark.parametrize("rate", [1e3, 1e5])
def test_the_last_healthy_step_is_before_the_update_that_did_the_harm(tiny, rate):
    config = Config(hidden=(8,), validation=30, batch_size=30, optimizer="sgd")
    run = Timeline(Trainer(config.replace(learning_rate=rate, epochs=1000), tiny))
    for _ in range(3):
        before = run.trainer.evaluate(run.trainer.evaluation_set).loss
        run.step()
    after = run.trainer.evaluate(run.trainer.evaluation_set).loss
    assert after > 10 * before or before > 10
    run.go_to(run.last_healthy_step)
    assert run.trainer.evaluate(run.trainer.evaluation_set).loss < 3
