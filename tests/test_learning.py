"""Networks really learn: the presets on the real images, and small networks on tiny data."""

import numpy as np
import pytest

from core.config.config import SETTINGS, Config
from core.config.presets import presets
from core.training.trainer import Trainer


def losses_of_epochs(trainer):
    """Trains to the end; returns the mean training loss of each epoch."""
    losses = []
    while not trainer.finished:
        step = trainer.step()
        if step.evaluation:
            losses.append(step.epoch_loss)
    return losses


def test_the_default_preset_reaches_80_percent_after_one_epoch(fashion):
    trainer = Trainer(presets()["default"].config.replace(epochs=1), fashion)
    losses_of_epochs(trainer)
    assert trainer.evaluate(trainer.evaluation_set).accuracy > 0.8


def test_the_notebook_preset_learns_slowly_but_it_learns(fashion):
    config = presets()["notebook"].config.replace(epochs=3)
    losses = losses_of_epochs(Trainer(config, fashion))
    assert losses[0] > losses[1] > losses[2]


@pytest.mark.parametrize("optimizer", SETTINGS["optimizer"].kind.options)
def test_without_hidden_layers_it_is_softmax_regression_and_learns(tiny, optimizer):
    config = Config(
        hidden=(), optimizer=optimizer, learning_rate=0.05, batch_size=32, validation=30
    )
    trainer = Trainer(config, tiny)
    assert len(trainer.network.parameters) == (30 + 1) * 3
    losses = losses_of_epochs(trainer)
    assert losses[-1] < losses[0] / 2
    assert trainer.evaluate(tiny.test).accuracy > 0.95


def test_a_network_can_memorize_one_batch(make_dataset):
    """The labels are random, so the loss falls only if the network memorizes them."""
    data = make_dataset(train=40, shape=(10, 10))
    rng = np.random.default_rng(0)
    data.train_labels[:] = rng.integers(0, 3, 40)
    config = Config(hidden=(64, 32), batch_size=40, validation=0, epochs=400, learning_rate=0.01)
    trainer = Trainer(config, data)
    losses_of_epochs(trainer)
    assert trainer.step().loss < 0.01


@pytest.mark.parametrize(
    "settings",
    [
        *({"activation": name} for name in SETTINGS["activation"].kind.options),
        *({"initialization": name} for name in ("xavier", "lecun-uniform", "orthogonal")),
        *({"schedule": name} for name in SETTINGS["schedule"].kind.options),
        *({"batch_norm": True}, {"dropout": 0.2}, {"label_smoothing": 0.1}, {"clip_norm": 0.5}),
        *({"l2": 0.001}, {"optimizer": "adamw", "weight_decay": 0.1}, {"shift": 1}),
    ],
    ids=str,
)
def test_a_network_learns_with_each_setting(tiny, settings):
    config = Config(hidden=(16, 16), learning_rate=0.01, batch_size=16, validation=30, epochs=15)
    trainer = Trainer(config.replace(**settings), tiny)
    losses_of_epochs(trainer)
    assert trainer.evaluate(tiny.test).accuracy > 0.95
