"""What a network does without units, with fewer or noisy weights: against plain NumPy."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import traces
from traces import CONFIG, EVERYTHING, result, trained

from core.experiments.what_if import ask
from core.training.trainer import Trainer
from core.what_if.image_map import image_map
from core.what_if.robustness import robustness
from core.what_if.subject import Subject, advance, predictions
from core.what_if.switched_off import switched_off
from core.what_if.unit_worth import unit_worth
from core.what_if.weight_damage import (
    NOISE,
    PRUNED,
    Pruning,
    WeightNoise,
    pruning,
    weight_noise,
)

GELU = CONFIG.replace(activation="gelu", batch_norm=True)
QUESTIONS = (
    unit_worth,
    partial(switched_off, units=frozenset({(0, 1)})),
    pruning,
    weight_noise,
    robustness,
    partial(image_map, layer=1),
)

configs = pytest.mark.parametrize(
    "config",
    [CONFIG, EVERYTHING, GELU, CONFIG.replace(hidden=()), CONFIG.replace(hidden=(3,))],
    ids=["plain", "everything", "gelu", "no hidden layer", "one hidden layer"],
)


@pytest.fixture(scope="module")
def noisy(make_dataset):
    """Five classes that are not learned perfectly, and validation images for several slices."""
    data = make_dataset(train=2600, classes=5)
    labels = data.train_labels.copy()
    labels[::7] = (labels[::7] + 1) % 5
    return replace(data, train_labels=labels)


def run(config, data):
    return trained(config.replace(validation=700), data)


def outputs_without(trainer, off=()):
    """The logits of all validation images, (K, n), computed directly with units set to 0."""
    part, layers = trainer.evaluation_set, list(trainer.network.layers)
    A = part.images[part.indices].reshape(len(part), -1).T.astype(np.float32) / np.float32(255)
    for depth, linear in enumerate(trainer.network.linears):
        A = linear.W @ A + linear.b
        if linear is trainer.network.linears[-1]:
            break
        at = layers.index(linear) + 1
        if trainer.config.batch_norm:
            norm = layers[at]
            A = (A - norm.mean) / np.sqrt(norm.variance + 1e-5) * norm.gamma + norm.beta
            at += 1
        A = layers[at].forward(A).copy()
        for layer, unit in off:
            if layer == depth:
                A[unit] = 0
    for layer, unit in off:
        if layer == len(trainer.network.linears) - 1:
            A[unit] = -np.inf
    return A


def right_without(trainer, *off):
    labels = trainer.evaluation_set.labels[trainer.evaluation_set.indices]
    hits = outputs_without(trainer, off).argmax(axis=0) == labels
    return np.bincount(labels[hits], minlength=5)


@configs
def test_the_worth_of_a_unit_is_the_accuracy_that_is_lost_when_its_output_is_0(config, noisy):
    trainer = run(config, noisy)
    found = ask(trainer, unit_worth)
    assert (found.step, found.done, found.images.sum()) == (7, 1.0, 700)
    assert np.abs(found.right_with_all - right_without(trainer)).sum() <= 1
    assert found.accuracy == pytest.approx(trainer.evaluate(trainer.evaluation_set).accuracy)
    for layer, right in enumerate(found.right):
        assert right.shape == (trainer.network.sizes[1:][layer], 5)
        for unit in range(len(right)):
            # Two ways of summing may differ in an image whose logits are nearly equal.
            assert np.abs(right[unit] - right_without(trainer, (layer, unit))).sum() <= 2
            lost = found.right_with_all.sum() - right[unit].sum()
            assert found.worth[layer][unit] == lost / 700


@configs
def test_several_units_can_be_switched_off_together(config, noisy):
    trainer = run(config, noisy)
    last = len(config.hidden)
    off = [(layer, unit) for layer in range(last) for unit in (0, 2)] + [(last, 3)]
    found = ask(trainer, partial(switched_off, units=frozenset(off)))
    expected = right_without(trainer, *off)
    assert np.abs(found.right - expected).sum() <= 2
    assert found.right[3] == 0
    assert found.lost == pytest.approx(
        (right_without(trainer).sum() - expected.sum()) / 700, abs=5e-3
    )
    label, share = found.losses[0]
    assert share == max((found.right_with_all - found.right) / found.images)
    assert label == ((found.right_with_all - found.right) / found.images).argmax()


def test_units_are_ranked_over_all_hidden_layers(noisy):
    found = ask(run(CONFIG, noisy), unit_worth)
    assert len(found.ranked) == len(set(found.ranked)) == 8 + 5
    worth = [found.worth[layer][unit] for layer, unit in found.ranked]
    assert worth == sorted(worth, reverse=True)
    assert "of the 13 hidden units" in found.summary
    assert "no hidden units" in ask(run(CONFIG.replace(hidden=()), noisy), unit_worth).summary


def test_a_dead_unit_is_worth_nothing(noisy):
    trainer = run(CONFIG, noisy)
    trainer.network.linears[0].b[2] = -1000
    assert ask(trainer, unit_worth).worth[0][2] == 0


def test_without_all_classes_but_one_every_image_is_of_that_class(noisy):
    trainer = run(CONFIG, noisy)
    off = frozenset((2, label) for label in range(4))
    found = ask(trainer, partial(switched_off, units=off))
    assert found.right.tolist() == [0, 0, 0, 0, found.images[4]]


def test_pruning_takes_the_smallest_weights_of_all_layers_together(noisy):
    trainer = run(CONFIG, noisy)
    found = ask(trainer, pruning)
    assert found.done == 1
    assert found.weights == 30 * 8 + 8 * 5 + 5 * 5
    assert found.accuracy[0] == pytest.approx(trainer.evaluate(trainer.evaluation_set).accuracy)
    sizes = np.sort(np.concatenate([abs(linear.W).ravel() for linear in trainer.network.linears]))
    for share in (0.3, 0.7, 0.95):
        smaller = Trainer(trainer.config, noisy)
        smaller.restore(trainer.checkpoint())
        least = sizes[round(share * len(sizes))]
        for linear in smaller.network.linears:
            linear.W[abs(linear.W) < least] = 0
        expected = smaller.evaluate(smaller.evaluation_set).accuracy
        assert found.accuracy[PRUNED.index(share)] == pytest.approx(expected)


def test_noise_is_relative_to_the_weights_of_each_layer(noisy):
    trainer = run(CONFIG, noisy)
    found = ask(trainer, weight_noise)
    assert found.accuracies.shape == (len(NOISE), 3)
    assert found.done == 1
    expected = []
    for draw in range(3):
        rng = np.random.default_rng((0, draw))
        other = Trainer(trainer.config, noisy)
        other.restore(trainer.checkpoint())
        for linear in other.network.linears:
            size = np.sqrt((linear.W.astype(float) ** 2).mean())
            linear.W += 0.5 * size * rng.standard_normal(linear.W.shape, np.float32)
        expected.append(other.evaluate(other.evaluation_set).accuracy)
    np.testing.assert_allclose(found.accuracies[NOISE.index(0.5)], expected, atol=3e-3)
    assert found.accuracy[-1] < found.accuracy[0]


def test_the_sentences_say_what_can_be_taken_away():
    shares = np.array([0, 0.2, 0.4, 0.6])
    accuracy = np.array([0.9, 0.901, 0.891, 0.88])
    assert Pruning(3, 1000, shares, accuracy).summary == (
        "40% of the 1,000 weights can be removed before accuracy falls by a point."
    )
    assert "falls by less than a point" in Pruning(3, 9, shares, accuracy.clip(0.9)).summary
    assert "Without the smallest 20%" in Pruning(3, 9, shares, accuracy[[0, 3, 3, 3]]).summary
    noise = WeightNoise(3, shares, accuracy[:, None])
    tolerated = "Noise of up to 40% of a layer's RMS weight costs less than a point of accuracy."
    assert noise.summary == tolerated
    assert (
        "Noise of 20% of a layer's RMS weight costs more"
        in WeightNoise(3, shares, accuracy[[0, 3, 3, 3], None]).summary
    )
    # A part of an answer: what is not known yet does not count.
    part = WeightNoise(3, shares, np.array([[0.9, 0.9], [0.9, np.nan], [np.nan] * 2, [np.nan] * 2]))
    assert (part.done, part.tolerated) == (3 / 8, 0.2)


def test_parts_of_an_answer_come_in_slices_and_the_copy_is_put_back(noisy):
    trainer = run(EVERYTHING, noisy)
    for question in QUESTIONS:
        subject = Subject(trainer.network.copy(), trainer.evaluation_set, 7)
        slices, answers = 0, []
        work, goes_on = question(subject), True
        while goes_on:
            answer, goes_on = advance(work, 0.0)
            answers += [answer] if answer else []
            slices += 1
        assert slices > 3
        assert [answer.done for answer in answers] == sorted(answer.done for answer in answers)
        assert answers[-1].done == 1
        assert np.array_equal(subject.network.parameters, trainer.network.parameters)
        assert np.array_equal(subject.network.statistics, trainer.network.statistics)


def test_the_run_goes_on_as_if_nobody_had_asked(tiny):
    asked, straight = Trainer(EVERYTHING, tiny), Trainer(EVERYTHING, tiny)
    for _ in range(8):
        for question in QUESTIONS:
            ask(asked, question)
        assert traces.everything(asked) == traces.everything(straight)
        assert asked.step().loss == straight.step().loss


def test_a_network_whose_numbers_are_not_finite_gets_nothing_right(tiny):
    trainer = trained(CONFIG, tiny)
    trainer.network.parameters[:] = np.nan
    assert ask(trainer, unit_worth).accuracy == 0
    assert set(ask(trainer, pruning).accuracy) == {0}
    assert ask(trainer, robustness).accuracy.max() == 0
    assert not ask(trainer, partial(image_map, layer=1)).is_finite
    trainer.network.parameters[:] = 1e30
    for question in QUESTIONS:
        ask(trainer, question)


@pytest.mark.parametrize(
    ("classes", "train", "hidden"), [(2, 74, ()), (256, 600, (4,)), (3, 74, (1,))]
)
def test_odd_data_have_answers_too(make_dataset, classes, train, hidden):
    data = make_dataset(train=train, classes=classes, shape=(8, 8))
    trainer = Trainer(CONFIG.replace(hidden=hidden, validation=5000), data)
    for layer in range(len(hidden) + 2):
        found = ask(trainer, partial(image_map, layer=layer))
        assert found.points.shape == (len(trainer.evaluation_set), 2)
        assert found.is_finite
    for question in QUESTIONS[2:5]:
        assert ask(trainer, question).done == 1
    worth = ask(trainer, unit_worth)
    assert [len(part) for part in worth.worth] == [*hidden, classes]


def test_predictions_are_those_of_the_network(tiny):
    trainer = trained(GELU, tiny)
    part = trainer.evaluation_set
    found = result(predictions(Subject(trainer.network.copy(), part, 0)))
    assert np.array_equal(found, trainer.network.predict(part.images[part.indices]))
