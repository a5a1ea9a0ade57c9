"""Warnings: training goes wrong although all numbers are finite."""

import json

import numpy as np
import pytest
from live import CONFIG, Watched

from core.config.config import Config
from core.data import dataset
from core.events import Phase, Warned
from core.training.symptoms import symptoms
from core.training.trainer import Trainer
from tui.run.session import Session
from tui.screens.training.toasts import toast

SETTINGS = Config(hidden=(8, 4), batch_size=10, validation=50, epochs=8)


def found(trainer):
    """The warnings of the network as it is now."""
    evaluation = trainer.evaluate(trainer.evaluation_set)
    return symptoms(evaluation, trainer.network, trainer.config.activation, trainer.evaluation_set)


def test_a_network_that_learns_has_no_warning(tiny):
    trainer = Trainer(SETTINGS.replace(learning_rate=0.01), tiny)
    while not trainer.finished:
        step = trainer.step()
    assert step.evaluation.accuracy > 0.9
    assert (step.evaluation.warnings, found(trainer)) == ((), [])


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_layer_of_dead_units_is_named(tiny, layer, batch_norm):
    trainer = Trainer(SETTINGS.replace(batch_norm=batch_norm), tiny)
    linear = trainer.network.linears[layer - 1]
    linear.W[:], linear.b[:] = 0, -1
    [warning] = found(trainer)
    assert warning == (
        f"all units of hidden layer {layer} are 0 for every image and no longer learn"
    )


def test_one_class_for_every_image_and_a_high_loss(tiny):
    trainer = Trainer(SETTINGS.replace(activation="tanh"), tiny)
    trainer.network.linears[-1].b[:] = [[50], [0], [0]]
    one, high = found(trainer)
    assert one == "the network predicts only one class"
    # What helps depends on the cause, which the coach names.
    assert high == "the loss is far above that of guessing, ln 3 = 1.10"


def test_half_of_the_classes_that_are_never_predicted(make_dataset):
    data = make_dataset(train=400, classes=8)
    trainer = Trainer(SETTINGS.replace(activation="tanh", learning_rate=0.01), data)
    while not trainer.finished:
        trainer.step()
    assert found(trainer) == []
    trainer.network.linears[-1].b[4:] = -50
    assert "half of the classes or more are never predicted" in found(trainer)
    trainer.network.linears[-1].b[4] = 0
    assert "half of the classes or more are never predicted" not in found(trainer)


def test_an_accuracy_at_chance(make_dataset):
    data = make_dataset(train=400, classes=2)
    data.train_images[:] = np.random.default_rng(0).integers(0, 256, data.train_images.shape)
    trainer = Trainer(SETTINGS.replace(validation=200, learning_rate=1e-9), data)
    evaluation = trainer.evaluate(trainer.evaluation_set)
    assert 0.4 < evaluation.accuracy <= 0.55
    assert found(trainer) == ["the accuracy is no better than guessing"]


def test_a_rate_far_too_large_is_warned_of_in_the_evaluations_of_a_run(tiny):
    trainer = Trainer(SETTINGS.replace(optimizer="sgd", learning_rate=1000, epochs=8), tiny)
    steps = []
    while not trainer.finished:
        steps.append(trainer.step())
    assert steps[14].evaluation.warnings == ()  # at the end of the first epoch
    assert steps[-1].evaluation.warnings[0].startswith("all units of hidden layer")


def test_a_short_run_that_ends_far_above_guessing_is_warned_of(tiny):
    trainer = Trainer(SETTINGS.replace(learning_rate=1e-9, epochs=2), tiny)
    trainer.network.linears[-1].b[:] = [[50], [0], [0]]
    evaluations = []
    while not trainer.finished:
        evaluations.append(trainer.step().evaluation)
    first, last = filter(None, evaluations)
    assert trainer.steps < 100
    assert first.warnings == ()
    one, high = last.warnings
    assert one == "the network predicts only one class"
    assert high.startswith("the loss is far above that of guessing")


@pytest.mark.parametrize("more", [["--until", "101"], ["--seeds", "1"]])
def test_without_a_screen_results_no_better_than_chance_are_warned_of(called, tiny_options, more):
    """Also in the middle of the first epoch, and of each of several seeds."""
    size = "1" if more[0] == "--until" else "17"
    options = ["--batch-size", size, "--epochs", "40", "--learning-rate", "1e-9", "--json", "-"]
    done = called("train", *tiny_options, *options, *more)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    [warnings] = [line["warnings"] for line in lines if line.get("warnings")]
    assert f"{warnings[0]}" in done.stderr
    assert "fashion-tui: warning: " in done.stderr


def test_without_a_screen_each_warning_is_one_line_and_in_the_end_event(called, tiny_options):
    options = ("--learning-rate", "1000", "--optimizer", "sgd", "--epochs", "20", "--json", "-")
    done = called("train", *tiny_options, *options)
    end = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, end["reason"]) == (0, "finished")
    assert end["warnings"]
    lines = [line for line in done.stderr.splitlines() if "warning: after epoch" in line]
    assert len({line.partition(": after")[2].partition(": ")[2] for line in lines}) == len(lines)
    assert any(end["warnings"][0] in line for line in lines)


def test_on_the_screen_each_warning_is_one_toast(monkeypatch, tiny, tmp_path):
    monkeypatch.setattr(dataset, "load", lambda path, *_: tiny)
    config = CONFIG.replace(optimizer="sgd", learning_rate=1000, epochs=20)
    watched = Watched(Session(config, tmp_path))
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    messages = [event.message for event in watched.of(Warned)]
    assert messages
    assert len(set(messages)) == len(messages)
    assert toast(watched.of(Warned)[0]).severity == "warning"
    watched.session.close(timeout=60)
