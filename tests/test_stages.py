"""The stages of a step: their order, names and titles."""

import pytest
import traces
from hypothesis import given

from core.config.config import SETTINGS, Config
from core.inspection.stages import parameters, shapes, stages

NOTEBOOK = Config(hidden=(30, 10), optimizer="sgd")


def lines(config):
    return [
        f"{stage.kind} {stage.operation}: {' '.join(stage.outputs)}" for stage in stages(config)
    ]


def test_the_notebook_s_step():
    assert lines(NOTEBOOK) == [
        "draw images: X",
        "forward linear: Z1",
        "forward relu: A1",
        "forward linear: Z2",
        "forward relu: A2",
        "forward linear: Z3",
        "loss softmax: A3 ℓ",
        "backward softmax: dZ3",
        "backward linear: dW3 db3 dA2",
        "backward relu: dZ2",
        "backward linear: dW2 db2 dA1",
        "backward relu: dZ1",
        "backward linear: dW1 db1",
        "update sgd: W1 b1 W2 b2 W3 b3",
    ]


def test_softmax_regression():
    assert lines(NOTEBOOK.replace(hidden=())) == [
        "draw images: X",
        "forward linear: Z1",
        "loss softmax: A1 ℓ",
        "backward softmax: dZ1",
        "backward linear: dW1 db1",
        "update sgd: W1 b1",
    ]


def test_a_step_with_every_option():
    config = traces.EVERYTHING.replace(hidden=(8,), activation="gelu")
    assert lines(config) == [
        "draw images: X",
        "forward linear: Z1",
        "forward batch norm: N1",
        "forward gelu: A1",
        "forward dropout: D1",
        "forward linear: Z2",
        "loss softmax: A2 ℓ",
        "backward softmax: dZ2",
        "backward linear: dW2 db2 dD1",
        "backward dropout: dA1",
        "backward gelu: dN1",
        "backward batch norm: dγ1 dβ1 dZ1",
        "backward linear: dW1 db1",
        "penalty l2: dW1 dW2",
        "clip clip: dW1 db1 dγ1 dβ1 dW2 db2",
        "update adamw: W1 b1 γ1 β1 W2 b2",
    ]


@given(config=traces.configs)
def test_the_input_of_a_stage_is_an_output_of_an_earlier_one(config):
    known = set()
    for stage in stages(config):
        assert stage.input in known | {""}
        known.update(stage.outputs)


@given(config=traces.configs)
def test_the_parameters_fill_the_flat_vector_of_the_network(tiny, config):
    sizes = shapes(config, 30, 3, 32)
    trainer = traces.trained(config.replace(batch_size=32), tiny, steps=0)
    count = sum(rows * columns for rows, columns in map(sizes.get, parameters(config)))
    assert count == len(trainer.network.parameters)


def test_every_optimizer_has_a_name_for_sentences():
    for optimizer in SETTINGS["optimizer"].kind.options:
        title = stages(NOTEBOOK.replace(optimizer=optimizer))[-1].title
        assert title.lower() == f"update with {optimizer}"


@pytest.mark.parametrize("config", [NOTEBOOK, traces.EVERYTHING], ids=["notebook", "everything"])
def test_each_stage_has_a_short_title_of_its_own(config):
    titles = [stage.title for stage in stages(config)]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) < 24
    assert titles[:2] == ["draw the batch", "forward 1: linear"]
    assert titles[-1].startswith("update with ")
