"""The training loop: batches, epochs, evaluations, and one seed for one run."""

import dataclasses

import numpy as np
import pytest
from traces import EVERY_OPTION

from core.config.config import Config
from core.errors import Diverged
from core.nn.dropout import Dropout
from core.training.trainer import Trainer

CONFIG = Config(hidden=(8,), batch_size=32, epochs=3, validation=30)
EVERYTHING = CONFIG.replace(**EVERY_OPTION, epochs=4)
PLATEAU = EVERYTHING.replace(schedule="plateau", decay_epochs=1, learning_rate=0.1)
configs = pytest.mark.parametrize(
    "config", [CONFIG, EVERYTHING, PLATEAU], ids=["plain", "everything", "plateau"]
)


def state(trainer):
    """The complete state of a run, in a form that can be compared."""
    network, optimizer = trainer.network, trainer.optimizer
    arrays = network.parameters, network.statistics, optimizer.m, optimizer.v
    generators = [trainer.shuffle_rng, trainer.augment_rng]
    generators += [layer._rng for layer in network.layers if isinstance(layer, Dropout)]
    return [
        *(array.tobytes() for array in arrays),
        *(optimizer.t, trainer.plateau.factor, trainer.learning_rate),
        *(trainer.early_stopping.best_loss, trainer.early_stopping.best_epoch, trainer.stopped),
        *(trainer.steps, trainer.epochs, trainer.position, trainer.order.tolist()),
        *(generator.bit_generator.state for generator in generators),
    ]


def comparable(step):
    """A step without its time and the arrays of its evaluation."""
    watched = step.evaluation and (step.evaluation.loss, step.evaluation.accuracy)
    return dataclasses.replace(step, seconds=0.0, evaluation=watched)


def run(trainer):
    """Runs to the end and returns the steps."""
    steps = []
    while not trainer.finished:
        steps.append(trainer.step())
    return steps


def probabilities(trainer, images):
    """(K, m): the probabilities of a network with one hidden ReLU layer, in float64."""
    first, last = trainer.network.linears
    X = images.reshape(len(images), -1).T / 255
    Z = last.W @ np.maximum(first.W @ X + first.b, 0) + last.b
    return np.exp(Z) / np.exp(Z).sum(axis=0)


@pytest.fixture
def trainer(tiny):
    return Trainer(CONFIG, tiny)


@configs
def test_the_same_seed_is_the_same_run_bit_for_bit(tiny, config):
    one, other = Trainer(config, tiny), Trainer(config, tiny)
    assert [comparable(step) for step in run(one)] == [comparable(step) for step in run(other)]
    assert state(one) == state(other)


@pytest.mark.parametrize(
    "name", ["batch_norm", "dropout", "flip", "shift", "erase", "schedule", "warmup", "clip_norm"]
)
def test_each_setting_of_that_run_affects_it(tiny, name):
    """Otherwise the test above would compare less than it claims."""
    without = EVERYTHING.replace(**{name: getattr(CONFIG, name)})
    one, other = Trainer(EVERYTHING, tiny), Trainer(without, tiny)
    run(one)
    run(other)
    assert state(one)[0] != state(other)[0]


def test_another_seed_gives_other_weights_another_split_and_another_order(tiny):
    one, other = Trainer(CONFIG, tiny), Trainer(CONFIG.replace(seed=1), tiny)
    assert not np.array_equal(one.network.parameters, other.network.parameters)
    assert not np.array_equal(one.evaluation_set.indices, other.evaluation_set.indices)
    assert not np.array_equal(one.order, other.order)


def test_one_random_choice_does_not_shift_another(tiny):
    """Two runs that differ in one setting differ in nothing else."""
    one, other = Trainer(CONFIG, tiny), Trainer(CONFIG.replace(hidden=(9, 9)), tiny)
    assert np.array_equal(one.order, other.order)
    one, other = Trainer(CONFIG, tiny), Trainer(CONFIG.replace(validation=60), tiny)
    assert np.array_equal(one.network.parameters, other.network.parameters)
    one, other = Trainer(CONFIG, tiny), Trainer(EVERYTHING, tiny)
    for _ in range(7):
        one.step()
        other.step()
    assert np.array_equal(one.order, other.order)


def test_an_epoch_trains_on_each_image_exactly_once(trainer, monkeypatch):
    seen = []
    forward = trainer.network.forward
    monkeypatch.setattr(
        trainer.network,
        "forward",
        lambda A, training=False, **options: (
            seen.append(A.T.copy()) if training else None,
            forward(A, training, **options),
        )[1],
    )
    epochs = []
    for _ in range(2):
        seen.clear()
        while trainer.step().position < 170:
            pass
        epochs.append(np.concatenate(seen).astype(int).tolist())
        assert [len(batch) for batch in seen] == [32, 32, 32, 32, 32, 10]
    images = trainer.dataset.train_images[trainer.training_set.indices].reshape(170, -1).tolist()
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(images)
    assert images != epochs[0] != epochs[1]


def test_a_step_reports_the_position_of_the_run(trainer):
    steps = run(trainer)
    assert [step.step for step in steps] == list(range(1, 19))
    assert [step.epoch for step in steps] == [1] * 6 + [2] * 6 + [3] * 6
    assert [step.position for step in steps] == [32, 64, 96, 128, 160, 170] * 3
    assert [step.images for step in steps] == [32, 32, 32, 32, 32, 10] * 3
    assert {step.epoch_size for step in steps} == {170}
    seconds = [step.seconds for step in steps]
    assert sorted(set(seconds)) == seconds
    assert seconds[-1] == trainer.seconds


def test_a_step_reports_loss_and_accuracy_before_the_update(trainer):
    batch = trainer.order[:32]
    p = probabilities(trainer, trainer.dataset.train_images[batch])
    labels = trainer.dataset.train_labels[batch]
    step = trainer.step()
    assert step.loss == pytest.approx(-np.log(p[labels, np.arange(32)]).mean(), rel=1e-5)
    assert step.accuracy == np.mean(p.argmax(axis=0) == labels)


def test_the_evaluation_comes_with_the_last_step_of_an_epoch(trainer):
    steps = run(trainer)
    assert [step.step for step in steps if step.evaluation] == [6, 12, 18]
    for step in steps[5::6]:
        assert (step.evaluation.step, step.evaluation.subset) == (step.step, "validation")
        assert np.array_equal(step.evaluation.indices, trainer.evaluation_set.indices)


def test_an_evaluation_covers_every_image_of_a_subset_larger_than_its_batches(make_dataset):
    trainer = Trainer(CONFIG, make_dataset(test=1234))
    test = trainer.evaluate(trainer.dataset.test)
    p = probabilities(trainer, trainer.dataset.test_images)
    np.testing.assert_allclose(test.probabilities.T, p, rtol=1e-4)
    assert test.loss == pytest.approx(-np.log(p[test.labels, np.arange(1234)]).mean(), rel=1e-5)
    assert test.accuracy == np.mean(p.argmax(axis=0) == trainer.dataset.test_labels)


def test_an_evaluation_uses_no_regularization(tiny):
    """No label smoothing, dropout or augmentation."""
    config = CONFIG.replace(label_smoothing=0.5, dropout=0.5, flip=1, shift=3, erase=1)
    plain, trainer = Trainer(CONFIG, tiny), Trainer(config, tiny)
    one, other = (each.evaluate(tiny.test) for each in (plain, trainer))
    assert (one.loss, one.accuracy) == (other.loss, other.accuracy)
    assert np.array_equal(one.probabilities, other.probabilities)


@configs
def test_evaluations_change_nothing_of_the_run(tiny, config):
    plain, watched = Trainer(config, tiny), Trainer(config, tiny)
    while not plain.finished:
        one, other = plain.step(), watched.step()
        assert comparable(one) == comparable(other)
        watched.evaluate(tiny.test)
        watched.evaluate(watched.training_set)
        assert state(plain) == state(watched)


@configs
def test_a_preview_shows_the_next_step_and_changes_nothing(tiny, config):
    trainer = Trainer(config, tiny)
    for _ in range(5):
        trainer.step()
    before, seconds, shown = state(trainer), trainer.seconds, []
    preview = trainer.preview_step(lambda *arrays: shown.append(arrays[0].copy()))
    assert (state(trainer), trainer.seconds) == (before, seconds)
    assert (preview.before.steps, preview.diverged) == (5, None)
    trainer.step()
    assert np.array_equal(shown[-1], trainer.network.parameters)
    assert np.array_equal(preview.optimizer_after.moments["m"], trainer.optimizer.m)


def test_a_preview_reports_divergence_and_changes_nothing(trainer):
    trainer.step()
    trainer.network.parameters[:] = np.inf
    before = state(trainer)
    preview = trainer.preview_step()
    assert state(trainer) == before
    assert (type(preview.diverged), preview.diverged.step) == (Diverged, 1)
    assert preview.optimizer_after is preview.before.optimizer_state


def test_events_are_read_only(trainer):
    step = run(trainer)[-1]
    for event, field in ((step, "loss"), (step.evaluation, "loss")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(event, field, 0.0)
    for array in (step.evaluation.labels, step.evaluation.probabilities):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0


def test_the_indices_of_an_evaluation_are_read_only(trainer):
    assert not trainer.evaluate(trainer.evaluation_set).indices.flags.writeable


def test_a_batch_is_at_most_all_training_images_and_this_is_said(tiny):
    trainer = Trainer(CONFIG.replace(batch_size=171), tiny)
    assert trainer.config.batch_size == 171
    assert trainer.step().images == 170
    [note] = trainer.notes
    assert note == "The batch size is 170, the number of training images, because 171 is more."
    assert Trainer(CONFIG.replace(batch_size=170), tiny).notes == ()


@pytest.mark.parametrize(("wanted", "images"), [(66, 66), (67, 20), (200, 20), (5000, 20)])
def test_validation_images_are_at_most_a_third_or_else_a_tenth_and_this_is_said(
    tiny, wanted, images
):
    trainer = Trainer(CONFIG.replace(validation=wanted, batch_size=10), tiny)
    assert trainer.config.validation == wanted
    assert (len(trainer.evaluation_set), len(trainer.training_set)) == (images, 200 - images)
    expected = [
        f"Validation uses 20 images (a tenth of the 200 training images) because {wanted:,} is "
        "more than a third."
    ]
    assert list(trainer.started().notes) == expected[: wanted != images]


@pytest.mark.parametrize("wanted", [5_000, 10_000, 20_000])
def test_of_fashion_mnist_as_many_images_are_for_validation_as_before(fashion, wanted):
    assert fashion.validation_size(wanted) == wanted


def test_an_evaluation_can_be_cancelled(tiny):
    trainer = Trainer(CONFIG, tiny)
    assert trainer.evaluate(trainer.evaluation_set, lambda share: False) is None
    assert trainer.evaluate(trainer.evaluation_set, lambda share: True).step == 0


def test_a_checkpoint_fits_a_network_of_the_same_layers_and_optimizer_only(tiny):
    checkpoint = Trainer(EVERYTHING, tiny).checkpoint()
    assert checkpoint.fits(Trainer(EVERYTHING.replace(dropout=0, epochs=9), tiny).checkpoint())
    assert not checkpoint.fits(Trainer(EVERYTHING.replace(hidden=(9,)), tiny).checkpoint())
    assert not checkpoint.fits(Trainer(EVERYTHING.replace(seed=1), tiny).checkpoint())
    momentum = Trainer(EVERYTHING.replace(optimizer="momentum", weight_decay=0), tiny).checkpoint()
    mixed = dataclasses.replace(checkpoint, optimizer_state=momentum.optimizer_state)
    assert not mixed.fits(checkpoint)
    short = dataclasses.replace(checkpoint, statistics=checkpoint.statistics[:-1])
    assert not short.fits(checkpoint)


def test_with_other_images_the_plateau_schedule_keeps_its_rate_and_forgets_its_lowest_loss(tiny):
    trainer = Trainer(PLATEAU, tiny)
    while trainer.plateau.factor == 1.0:
        trainer.step()
    before = trainer.plateau.state()
    after = trainer.checkpoint().for_other_data().plateau.state()
    assert before["best_loss"] is not None
    assert after == {"factor": before["factor"], "best_loss": None, "epochs_since": 0}
