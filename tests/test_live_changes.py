"""Changing hyperparameters in the middle of a run: what the next batch uses, what is refused."""

import numpy as np
import pytest

from core.config.config import Config
from core.errors import ConfigError
from core.events import Change
from core.training.trainer import Trainer

CONFIG = Config(hidden=(8,), batch_size=32, epochs=3, validation=30)


@pytest.fixture
def trainer(tiny):
    """A run in the middle of its second epoch."""
    trainer = Trainer(CONFIG, tiny)
    for _ in range(8):
        trainer.step()
    return trainer


@pytest.mark.parametrize(
    "change",
    [
        *({"learning_rate": 0.05}, {"batch_size": 7}, {"batch_size": 150}, {"optimizer": "sgd"}),
        *({"optimizer": "rmsprop", "beta2": 0.9}, {"momentum": 0.5}, {"beta2": 0.5}),
        *({"schedule": "cosine", "warmup": 1}, {"schedule": "step", "decay_epochs": 1}),
        *({"dropout": 0.5}, {"l2": 0.1}, {"optimizer": "adamw", "weight_decay": 0.1}),
        *({"label_smoothing": 0.2}, {"clip_norm": 0.1}, {"epochs": 2}, {"patience": 1}),
        *({"flip": 0.5}, {"shift": 2}, {"erase": 0.5}),
        {"schedule": "plateau", "decay_factor": 0.1, "decay_epochs": 1, "learning_rate": 0.3},
    ],
    ids=str,
)
def test_a_change_before_the_first_batch_equals_a_run_with_that_setting(tiny, change):
    changed, straight = Trainer(CONFIG, tiny), Trainer(CONFIG.replace(**change), tiny)
    changed.change(**change)
    while not straight.finished:
        straight.step()
        changed.step()
        assert np.array_equal(changed.network.parameters, straight.network.parameters)
    assert changed.finished


def test_the_learning_rate_changes_the_very_next_step(trainer):
    trainer.change(optimizer="sgd")
    before = trainer.network.parameters.copy()
    trainer.change(learning_rate=1e-30)
    assert trainer.step().learning_rate == 1e-30
    assert np.array_equal(trainer.network.parameters, before)


def test_the_batch_size_changes_the_very_next_step_within_an_epoch(trainer):
    assert trainer.position == 64
    trainer.change(batch_size=5)
    assert trainer.step().images == 5
    trainer.change(batch_size=90)
    assert trainer.step().images == 90
    step = trainer.step()
    assert (step.images, step.position) == (170 - 64 - 5 - 90, 170)
    assert trainer.step().images == 90


def test_epochs_can_be_added_to_a_finished_run_and_removed_from_a_running_one(trainer):
    trainer.change(epochs=2)
    while not trainer.finished:
        trainer.step()
    assert (trainer.epochs, trainer.position) == (2, 0)
    trainer.change(epochs=4)
    assert not trainer.finished


def test_another_optimizer_starts_with_fresh_moments(trainer):
    trainer.change(optimizer="sgd")
    trainer.change(optimizer="adam", learning_rate=0.25)
    before = trainer.network.parameters.copy()
    trainer.step()
    # The first step of Adam is the learning rate, wherever there is a gradient at all.
    assert np.abs(trainer.network.parameters - before).max() == pytest.approx(0.25, rel=1e-4)


@pytest.mark.parametrize("field", ["momentum", "beta2"])
def test_new_coefficients_keep_the_moments_and_are_used(tiny, field):
    plain, changed = Trainer(CONFIG, tiny), Trainer(CONFIG, tiny)
    for _ in range(4):
        plain.step()
        changed.step()
    optimizer = changed.optimizer
    changed.change(**{field: 0.5})
    assert changed.optimizer is optimizer
    assert optimizer.m.any()
    plain.step()
    changed.step()
    assert not np.array_equal(plain.network.parameters, changed.network.parameters)


def test_weight_decay_prevents_another_optimizer_until_it_is_0(tiny):
    trainer = Trainer(CONFIG.replace(optimizer="adamw", weight_decay=0.1), tiny)
    with pytest.raises(ConfigError, match="weight decay works only with adamw, not with adam;"):
        trainer.change(optimizer="adam")
    trainer.change(optimizer="adam", weight_decay=0)
    assert (trainer.config.optimizer, trainer.config.weight_decay) == ("adam", 0)


def test_the_same_optimizer_again_keeps_its_moments(tiny):
    plain, changed = Trainer(CONFIG, tiny), Trainer(CONFIG, tiny)
    for _ in range(8):
        plain.step()
        changed.step()
        changed.change(optimizer="adam", batch_size=32)
    assert np.array_equal(plain.network.parameters, changed.network.parameters)


def test_change_returns_what_really_changed(trainer):
    changes = trainer.change(optimizer="adam", learning_rate=0.5, hidden=[8], batch_size=16)
    assert changes == [
        Change(8, "learning_rate", 0.001, 0.5),
        Change(8, "batch_size", 32, 16),
    ]
    assert trainer.change(learning_rate=0.5) == []


@pytest.mark.parametrize(
    "change",
    [
        *({"hidden": (9,)}, {"activation": "tanh"}, {"initialization": "normal"}),
        *({"deviation": 2.0}, {"batch_norm": True}, {"validation": 40}, {"seed": 1}),
    ],
    ids=str,
)
def test_a_setting_that_needs_a_new_network_is_refused_and_nothing_changes(trainer, change):
    (name,) = change
    with pytest.raises(ConfigError, match="can only be changed in a new run") as caught:
        trainer.change(learning_rate=0.5, **change)
    assert caught.value.field == name
    assert str(caught.value).startswith(name.replace("_", " "))
    assert trainer.config == CONFIG


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": -1.0}, "^learning rate: enter a number above 0, for example 0.003$"),
        ({"epochs": 1}, "epochs: enter at least 2; epoch 2 has started"),
        ({"speed": 0.9}, "speed is not a setting"),
        ({"dropout": 1}, "^dropout: enter a number of at least 0 and below 1, for example 0.2$"),
        ({"weight_decay": 0.1}, "weight decay works only with adamw, not with sgd"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_and_nothing_changes(trainer, change, message):
    with pytest.raises(ConfigError, match=message) as caught:
        trainer.change(optimizer="sgd", **change)
    assert caught.value.field in change
    assert trainer.config == CONFIG
    assert trainer.step().images == 32


def test_epochs_can_be_reduced_to_the_completed_ones(tiny):
    trainer = Trainer(CONFIG, tiny)
    for _ in range(6):
        trainer.step()
    trainer.change(epochs=1)
    assert trainer.finished
