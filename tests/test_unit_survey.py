"""The survey of all units against plain NumPy."""

from dataclasses import fields

import canned
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces import CONFIG, EVERYTHING, trained

from core.config.config import Config
from core.events import UnitsSurveyed
from core.history.history import History
from core.inspection.surveying import survey
from core.inspection.unit_survey import TOP_IMAGES

GELU = CONFIG.replace(activation="gelu")


def surveyed(trainer, should_continue=lambda share: True):
    activation = trainer.config.activation
    return survey(trainer.network, activation, trainer.training_set, trainer.steps, should_continue)


def outputs(trainer):
    """The outputs of each layer in inference mode, (n, images), computed directly; and labels."""
    part, network = trainer.training_set, trainer.network
    A = part.images[part.indices].reshape(len(part), -1).T / np.float32(255)
    found, layers = [], iter(network.layers)
    for linear in network.linears:
        assert next(layers) is linear
        A = linear.W @ A + linear.b
        if linear is not network.linears[-1]:
            layer = next(layers)
            if trainer.config.batch_norm:
                A = (A - layer.mean) / np.sqrt(layer.variance + 1e-5) * layer.gamma + layer.beta
                layer = next(layers)
            A = np.maximum(A, 0) if trainer.config.activation == "relu" else layer.forward(A).copy()
            next(layers)  # dropout
        found.append(A)
    return found, part.labels[part.indices]


configs = pytest.mark.parametrize(
    "config",
    [CONFIG, EVERYTHING, GELU, CONFIG.replace(hidden=()), CONFIG.replace(activation="tanh")],
    ids=["plain", "everything", "gelu", "no hidden layer", "tanh"],
)


@configs
def test_activity_and_mean_are_those_of_the_outputs_for_all_images(config, make_dataset):
    trainer = trained(config, make_dataset(train=1300))
    found = surveyed(trainer)
    expected, labels = outputs(trainer)
    assert (found.step, found.images) == (7, 1270)
    assert len(found.layers) == len(config.hidden) + 1
    for units, A in zip(found.layers, expected, strict=True):
        classes = [A[:, labels == label].mean(axis=1) for label in range(3)]
        np.testing.assert_allclose(units.activity, np.stack(classes, axis=1), atol=1e-3)
        np.testing.assert_allclose(units.mean, A.mean(axis=1), atol=1e-3)
        np.testing.assert_allclose(units.active_share, (A > 0).mean(axis=1), atol=2e-3)


@configs
def test_top_images_are_those_with_the_highest_outputs(config, make_dataset):
    trainer = trained(config, make_dataset(train=1300))
    found, (expected, _) = surveyed(trainer), outputs(trainer)
    place = {index: column for column, index in enumerate(trainer.training_set.indices.tolist())}
    for units, A in zip(found.layers, expected, strict=True):
        best = -np.sort(-A, axis=1)[:, :TOP_IMAGES]
        if units.activation == "relu":
            best = np.where(best > 0, best, np.nan)
        np.testing.assert_allclose(units.top_activations, best, atol=1e-4)
        for row, indices in enumerate(units.top_images.tolist()):
            given = [A[row, place[index]] for index in indices if index >= 0]
            there = units.top_activations[row][np.isfinite(units.top_activations[row])]
            np.testing.assert_allclose(given, there, atol=1e-4)


def test_a_dead_unit_is_active_for_no_image_and_has_no_top_images(tiny):
    trainer = trained(CONFIG, tiny)
    trainer.network.linears[0].b[2] = -1000
    units = surveyed(trainer).layers[0]
    assert units.dead[2]
    assert units.dead_since[2] == 7
    assert set(units.top_images[2].tolist()) == {-1}
    assert np.isnan(units.top_activations[2]).all()
    assert units.dead.tolist() == (units.active_share == 0).tolist()


def test_only_relu_units_can_be_dead(tiny):
    trainer = trained(GELU, tiny)
    trainer.network.linears[0].b[2] = -1000
    trainer.network.linears[-1].b[1] = -1000
    found = surveyed(trainer)
    assert found.layers[0].active_share[2] == found.layers[-1].active_share[1] == 0
    assert not any(units.dead.any() for units in found.layers)


@configs
def test_logit_effects_are_the_slopes_of_the_logits_with_linear_activations(config, tiny):
    trainer = trained(config, tiny)
    found, network = surveyed(trainer), trainer.network
    np.testing.assert_array_equal(found.layers[-1].logit_effects, np.eye(3))
    if config.hidden:
        last = found.layers[-2].logit_effects
        np.testing.assert_array_equal(last, network.linears[-1].W.T)
        W = network.linears[1].W
        if config.batch_norm:
            norm = network.layers[5]
            W = W * norm.gamma / np.sqrt(norm.variance + 1e-5)
        np.testing.assert_allclose(found.layers[0].logit_effects, (last.T @ W).T, rtol=1e-4)


@configs
def test_patterns_are_the_slopes_of_the_sums_with_linear_layers_below(config, tiny):
    trainer = trained(config, tiny)
    found, network = surveyed(trainer), trainer.network
    W = network.linears[0].W
    np.testing.assert_array_equal(found.patterns(0, np.array([2, 0])), W[[2, 0]])
    if config.hidden:
        if config.batch_norm:
            norm = network.layers[1]
            W = W * norm.gamma / np.sqrt(norm.variance + 1e-5)
        through = network.linears[1].W[[3]] @ W
        np.testing.assert_allclose(found.patterns(1, np.array([3])), through, rtol=1e-4, atol=1e-6)


def test_a_survey_changes_nothing_in_the_run(tiny):
    from traces import everything

    trainer = trained(EVERYTHING, tiny)
    before = everything(trainer)
    surveyed(trainer)
    assert everything(trainer) == before


def test_a_survey_keeps_its_values_while_training_continues(tiny):
    trainer = trained(CONFIG, tiny)
    units = surveyed(trainer).layers[0]
    before = units.W.copy()
    trainer.step()
    np.testing.assert_array_equal(units.W, before)


def test_a_survey_stops_when_should_continue_is_false(make_dataset):
    trainer = trained(CONFIG, make_dataset(train=1300))
    shares = []

    def should_continue(share):
        shares.append(share)
        return share < 0.5

    assert surveyed(trainer, should_continue) is None
    assert shares == pytest.approx([0, 500 / 1270, 1000 / 1270])


def test_weights_that_are_not_finite_can_be_surveyed(tiny):
    trainer = trained(CONFIG, tiny)
    trainer.network.linears[0].W[0, 0] = np.nan
    trainer.network.linears[0].W[1, 0] = np.inf
    found = surveyed(trainer)
    assert not found.layers[0].dead[0]
    assert np.isnan(found.layers[0].mean[0])


@given(st.lists(st.sets(st.integers(0, 7)), min_size=1, max_size=6))
def test_dead_since_is_the_first_of_the_surveys_in_a_row_that_found_the_unit_dead(tiny, rounds):
    trainer, history, since = trained(CONFIG, tiny, steps=0), History(), {}
    trainer.network.linears[0].b[:] = 10
    history.add(canned.run_started(Config()))
    for dead in rounds:
        trainer.network.linears[0].b[:] = 10
        trainer.network.linears[0].b[list(dead)] = -1000
        since = {unit: since.get(unit, trainer.steps) for unit in dead}
        history.add(UnitsSurveyed(surveyed(trainer)))
        units = history.snapshot().survey.layers[0]
        assert dict(enumerate(units.dead_since.tolist())) == {
            unit: since.get(unit, -1) for unit in range(8)
        }
        trainer.steps += 10


def test_after_stepping_back_no_unit_is_dead_since_a_later_step(tiny):
    trainer = trained(CONFIG, tiny)
    trainer.network.linears[0].b[2] = -1000
    later = surveyed(trainer)
    trainer.steps = 3
    assert surveyed(trainer).following(later).layers[0].dead_since[2] == 3
    assert later.following(surveyed(trainer)).layers[0].dead_since[2] == 3


def test_the_arrays_of_a_survey_are_read_only(tiny):
    first = surveyed(trained(CONFIG, tiny))
    for found in (first, first.following(first)):
        for layer in found.layers:
            values = [getattr(layer, field.name) for field in fields(layer)]
            arrays = [value for value in values if isinstance(value, np.ndarray)]
            assert len(arrays) == 11
            assert not any(array.flags.writeable for array in arrays)
