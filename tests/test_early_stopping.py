"""Early stopping: when a run ends before its last epoch, and with which weights."""

import numpy as np
import pytest

from core import Run
from core.config.config import Config
from core.errors import ConfigError
from core.experiments.trained_run import Keep, train_run
from core.nn.network import Network
from core.runs.summary import summarize
from core.training.early_stopping import EarlyStopping
from core.training.trainer import Trainer
from tui.__main__ import main

# Few images and many weights: it overfits within a few epochs.
CONFIG = Config(hidden=(64,), batch_size=16, validation=100, epochs=60, learning_rate=0.03)


@pytest.fixture(scope="module")
def noisy(make_dataset):
    """A dataset with a fifth of its labels wrong."""
    data = make_dataset(train=160, test=60, seed=1)
    rng = np.random.default_rng(0)
    wrong = rng.random(160) < 0.2
    data.train_labels[wrong] = rng.integers(0, 3, wrong.sum())
    return data


def losses(trainer):
    """The validation loss of each epoch until the run ends."""
    found = []
    while not trainer.finished:
        evaluation = trainer.step().evaluation
        if evaluation:
            found.append(evaluation.loss)
    return found


@pytest.mark.parametrize("patience", [1, 4])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_it_stops_after_its_patience_and_restores_the_best_weights(noisy, patience, batch_norm):
    trainer = Trainer(CONFIG.replace(patience=patience, batch_norm=batch_norm, dropout=0.1), noisy)
    found = losses(trainer)
    best = int(np.argmin(found))
    assert trainer.stopped
    assert len(found) == trainer.epochs == best + 1 + patience < 60
    assert found[-1] > found[best]
    assert trainer.evaluate(trainer.evaluation_set).loss == found[best]
    # A run that ended with that epoch has the very same network.
    straight = Trainer(trainer.config.replace(patience=0, epochs=60), noisy)
    while straight.epochs <= best:
        straight.step()
    assert np.array_equal(straight.network.parameters, trainer.network.parameters)
    assert np.array_equal(straight.network.statistics, trainer.network.statistics)


def test_a_patience_of_0_never_stops(noisy):
    trainer = Trainer(CONFIG, noisy)
    assert len(losses(trainer)) == 60
    assert not trainer.stopped


def test_until_it_stops_it_changes_nothing_of_the_run(noisy):
    plain, patient = Trainer(CONFIG, noisy), Trainer(CONFIG.replace(patience=4), noisy)
    expected = losses(plain)
    found = losses(patient)
    assert found == expected[: len(found)]


def test_a_stopped_run_continues_when_patience_is_set_to_0(noisy):
    trainer = Trainer(CONFIG.replace(patience=1), noisy)
    stopped = len(losses(trainer))
    trainer.change(learning_rate=0.001)
    assert trainer.finished
    trainer.change(patience=0)
    assert not trainer.finished
    assert len(losses(trainer)) == 60 - stopped


def test_a_stopped_run_continues_when_epochs_are_added(noisy):
    trainer = Trainer(CONFIG.replace(patience=1), noisy)
    stopped = len(losses(trainer))
    trainer.change(epochs=61)
    assert not trainer.finished
    assert len(losses(trainer)) > 0
    assert trainer.epochs > stopped


def test_patience_without_validation_images_is_refused():
    with pytest.raises(ConfigError, match="patience needs validation images") as caught:
        Config(patience=3, validation=0)
    assert caught.value.field == "patience"


def test_patience_cannot_be_set_in_a_run_without_validation_images(tiny):
    trainer = Trainer(Config(batch_size=32, validation=0), tiny)
    with pytest.raises(ConfigError, match="patience needs validation images"):
        trainer.change(patience=3)
    assert trainer.config.patience == 0


def test_the_list_of_runs_has_the_accuracy_of_the_weights_that_are_restored(
    noisy, write_directory, tmp_path
):
    data, runs = write_directory(tmp_path / "noisy", noisy), tmp_path / "runs"
    train_run(CONFIG.replace(patience=1), noisy, Keep(runs, data))
    options = ["--hidden=64", "--batch-size=16", "--validation=100", "--learning-rate=0.03"]
    options += ["--schedule=constant", "--label-smoothing=0", "--epochs=60", "--patience=1"]
    main(["train", *options, f"--data={data}", f"--runs={runs}"])
    paths = list(runs.glob("*.run"))
    assert len(paths) == 2
    for path in paths:
        with Run.open(path) as kept:
            trainer = kept.timeline(noisy).trainer
        assert trainer.stopped
        current = trainer.evaluate(trainer.evaluation_set)
        assert summarize(path).last_accuracy == current.accuracy


def test_an_equal_loss_does_not_replace_the_best_weights():
    stopping, network = EarlyStopping(), Network((2, 1))
    for epoch, loss in enumerate([0.5, 0.5], 1):
        network.parameters[:] = epoch
        stopping.update(loss, epoch, network)
    assert (stopping.best_loss, stopping.best_epoch) == (0.5, 1)
    stopping.restore(network)
    assert (network.parameters == 1).all()


def test_another_patience_starts_counting_anew(noisy):
    trainer = Trainer(CONFIG.replace(patience=4), noisy)
    while not trainer.epochs:
        trainer.step()
    assert trainer.early_stopping.best_epoch == 1
    trainer.change(learning_rate=0.5)
    assert trainer.early_stopping.best_epoch == 1
    trainer.change(patience=9)
    assert trainer.early_stopping.best_epoch == 0
