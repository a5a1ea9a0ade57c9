"""A step is a transaction: it is complete, or the run is as before, whatever interrupts it."""

import os
import signal

import pytest
from test_timeline import EVERYTHING, everything

from core.config.config import Config
from core.errors import ConfigError
from core.nn.losses import CrossEntropy
from core.nn.network import Network
from core.nn.optimizers import Adam
from core.training import gradient_descent
from core.training import trainer as trainer_module
from core.training.timeline import Timeline
from core.training.trainer import Trainer

CONFIG = EVERYTHING.replace(batch_size=57)  # of 170 images: 57, 57 and 56


def advanced(data, steps, config=CONFIG):
    trainer = Trainer(config, data)
    for _ in range(steps):
        trainer.step()
    return trainer


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (CrossEntropy, "forward"),
        (CrossEntropy, "backward"),
        (Network, "backward"),
        (trainer_module, "evaluate"),
        (Trainer, "_shuffle"),
        (trainer_module.EarlyStopping, "update"),
    ],
)
def test_an_error_in_a_step_leaves_the_run_as_it_was(tiny, monkeypatch, owner, name, error):
    trainer = advanced(tiny, 2)  # the next step is the last of the epoch
    straight = advanced(tiny, 6)
    before = everything(trainer)
    real = getattr(owner, name)
    fail_once = iter([True])

    def fails_once(*arguments, **options):
        if next(fail_once, False):
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(owner, name, fails_once)
    with pytest.raises(error):
        trainer.step()
    assert everything(trainer) == before
    for _ in range(4):
        trainer.step()
    assert everything(trainer) == everything(straight)


@pytest.mark.parametrize("owner", [Network, Adam])
def test_ctrl_c_in_a_step_is_raised_when_the_step_is_complete(tiny, monkeypatch, owner):
    run, straight = Timeline(advanced(tiny, 0)), advanced(tiny, 4)
    name = "backward" if owner is Network else "update"
    real = getattr(owner, name)

    def interrupted(*arguments, **options):
        for _ in range(2):  # an impatient one
            os.kill(os.getpid(), signal.SIGINT)
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            run.step()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert run.current_step == run.end_step == run.last_event.step == 1
    for _ in range(3):
        run.step()
    assert everything(run.trainer) == everything(straight)


@pytest.mark.parametrize("name", ["create", "Blocks", "BatchLoader"])
def test_a_change_for_which_there_is_no_memory_changes_nothing(tiny, monkeypatch, name):
    def fails(*arguments, **options):
        raise MemoryError

    owner = gradient_descent.optimizers if name == "create" else gradient_descent
    config = CONFIG.replace(l2=0.0, optimizer="nesterov", weight_decay=0.0)
    trainer = advanced(tiny, 2, config)
    before = everything(trainer)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fails)
        with pytest.raises(MemoryError):
            trainer.change(optimizer="adam", l2=0.01, batch_size=100, dropout=0.3)
    assert everything(trainer) == before
    for _ in range(4):
        trainer.step()
    assert everything(trainer) == everything(advanced(tiny, 6, config))


# Batch normalization and single images.


def sizes(trainer, epochs):
    found = []
    while trainer.epochs < epochs:
        found.append(trainer.step().images)
    return found


def test_a_single_image_left_over_joins_the_batch_before(make_dataset):
    data = make_dataset(train=201)
    config = Config(hidden=(8,), batch_size=50, validation=0, batch_norm=True)
    assert sizes(Trainer(config, data), 2) == [50, 50, 50, 51] * 2
    assert sizes(Trainer(config.replace(batch_norm=False), data), 1) == [50, 50, 50, 50, 1]
    assert sizes(Trainer(config.replace(batch_size=199), data), 1) == [199, 2]
    assert sizes(Trainer(config.replace(batch_size=200), data), 1) == [201]


def test_the_joined_batch_is_exact_under_rewind_and_changes_of_the_batch_size(make_dataset):
    data = make_dataset(train=201)
    run = Timeline(Trainer(CONFIG.replace(batch_size=50, validation=0, patience=0), data))
    notes = [everything(run.trainer)]
    for batch_size in (50, 40, 30, 20, 60):
        run.change(batch_size=batch_size)
        notes[-1] = everything(run.trainer)
        run.step()
        notes.append(everything(run.trainer))
    assert (run.trainer.epochs, run.last_event.images) == (1, 61)
    for step in (4, 0, 5, 3):
        run.go_to(step)
        assert everything(run.trainer) == notes[step]


def test_a_batch_of_one_is_refused_with_batch_normalization(tiny):
    with pytest.raises(ConfigError, match="batch norm needs a batch size of at least 2") as caught:
        Config(batch_size=1, batch_norm=True)
    assert caught.value.field == "batch_size"
    trainer = Trainer(CONFIG, tiny)
    with pytest.raises(ConfigError):
        trainer.change(batch_size=1)


# The last healthy step.


def test_the_last_healthy_step_is_that_of_a_run_that_went_straight(tiny):
    """Back and forth, on branches and after a cancelled move."""

    def healthy(steps, rates):
        straight = Timeline(Trainer(CONFIG, tiny))
        for step in range(steps):
            if step in rates:
                straight.change(learning_rate=rates[step])
            straight.step()
        return straight.last_healthy_step

    run = Timeline(Trainer(CONFIG, tiny))
    for _ in range(40):
        run.step()
    assert run.last_healthy_step == healthy(40, {}) == 39
    run.go_to(5)
    run.step()
    run.go_to(40)
    assert run.last_healthy_step == 39
    run.go_to(30)
    run.go_to(20, lambda done: False)
    assert run.last_healthy_step == healthy(30, {})
    run.change(learning_rate=30.0)
    for _ in range(10):
        run.step()
    assert run.last_healthy_step == healthy(40, {30: 30.0})
    run.go_to(33)
    assert run.last_healthy_step == healthy(33, {30: 30.0})
    run.switch_branch(0)
    assert run.last_healthy_step == 39


def test_a_run_in_progress_is_healthy_from_its_start(tiny):
    assert Timeline(advanced(tiny, 7)).last_healthy_step == 7
