"""Divergence: when the loss is not finite, the run reports it and keeps its state."""

import numpy as np
import pytest

from core.config.config import SETTINGS, Config
from core.errors import Diverged
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


def test_the_error_names_the_step_the_rate_and_what_to_try(trainer):
    error, _ = until_it_diverges(trainer)
    assert (error.step, error.learning_rate) == (trainer.steps + 1, 1e12)
    assert str(error).startswith(f"diverged at step {trainer.steps + 1} with learning rate 1e+12: ")
    assert str(error).endswith("try a learning rate ten times smaller")


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
