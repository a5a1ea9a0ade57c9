"""The explanation of each stage, with correct numbers of the batch."""

import re

import numpy as np
import pytest
import traces
from hypothesis import given

from core.inspection.explanations import explain
from core.training.tracing import trace_step


def explanation(trace, kind, operation):
    stage = next(s for s in trace.stages if (s.kind, s.operation) == (kind, operation))
    return explain(trace, stage)


@given(config=traces.configs)
def test_every_stage_has_an_explanation(tiny, config):
    trace = traces.trace(config, tiny)
    for stage in trace.stages:
        text = explain(trace, stage)
        assert re.fullmatch(r"[A-Zγd].*\.", text)
        assert "nan" not in text
        assert "  " not in text
        assert ".." not in text
        assert 40 < len(text) < 450


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
@pytest.mark.filterwarnings("error")
def test_every_stage_of_a_step_that_diverges_has_an_explanation(tiny, activation):
    trainer = traces.trained(traces.EVERYTHING.replace(activation=activation), tiny)
    trainer.network.parameters[:] *= 1e30
    trace = trace_step(trainer)
    assert trace.diverged
    assert all(explain(trace, stage).endswith(".") for stage in trace.stages)


def test_the_batch_and_its_augmentation(tiny):
    plain = explanation(traces.trace(traces.CONFIG, tiny), "draw", "images")
    assert plain.startswith("This batch has 32 of the shuffled training images")
    assert "randomly" not in plain
    augmented = traces.trace(traces.CONFIG.replace(flip=1, erase=1), tiny)
    text = explanation(augmented, "draw", "images")
    assert "Some are randomly mirrored or partly erased." in text


def test_units_that_are_0_for_every_image_are_counted(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    trainer.network.linears[0].b[:3] = -1000
    trace = trace_step(trainer)
    A = trace.array("A1")
    silent = (A == 0).all(axis=1).sum()
    assert silent >= 3
    text = explanation(trace, "forward", "relu")
    share = f"{np.mean(A == 0):.0%} of the outputs are 0"
    assert text.endswith(f": {share}; {silent} of 8 units are 0 for every image of the batch.")


def test_a_single_unit_that_is_always_0_is_in_the_singular(tiny):
    trainer = traces.trained(traces.CONFIG.replace(activation="relu", batch_norm=False), tiny, 0)
    trainer.network.linears[0].b[:] = 100.0
    trainer.network.linears[0].b[3] = -100.0
    text = explanation(trace_step(trainer), "forward", "relu")
    assert text.endswith("; 1 of 8 units is 0 for every image of the batch.")


def test_the_gradient_that_relu_stops_is_a_share(tiny):
    trace = traces.trace(traces.CONFIG, tiny)
    share = f"{np.mean(trace.array('dZ2') == 0):.0%}"
    assert explanation(trace, "backward", "relu").endswith(f" elsewhere: {share} of dZ2 is 0.")


def test_the_loss_is_that_of_the_batch(tiny):
    trace = traces.trace(traces.CONFIG, tiny)
    correct = (trace.array("Z3").argmax(axis=0) == trace.labels).sum()
    text = explanation(trace, "loss", "softmax")
    assert "1.10 if all classes are equally likely" in text
    assert f"{correct} of 32 images are classified correctly" in text
    assert f"and the mean loss is {trace.loss:.4g} nats." in text
    assert "smoothing" not in text
    smoothed = explanation(traces.trace(traces.EVERYTHING, tiny), "loss", "softmax")
    assert "Label smoothing spreads 0.1" in smoothed


@pytest.mark.parametrize("max_norm", [0.01, 1000.0])
def test_gradients_are_scaled_down_only_above_the_maximum_norm(tiny, max_norm):
    config = traces.CONFIG.replace(clip_norm=max_norm, l2=0.1)
    trace = traces.trace(config, tiny)
    plain = traces.trace(config.replace(clip_norm=0), tiny, steps=0)
    text = explanation(trace_step(traces.trained(config, tiny, steps=0)), "clip", "clip")
    norm = np.sqrt(sum((plain.array(f"d{name}") ** 2).sum() for name in plain.parameters_before))
    assert f"the norm {norm:.4g}. " in text
    scaled = f"are scaled down to {0.01 / norm:.1%}." in text
    assert scaled == (max_norm < 1)
    unchanged = "they stay unchanged" in explanation(trace, "clip", "clip")
    assert unchanged == (max_norm > 1)


def test_the_update_explains_how_far_the_weights_move(tiny):
    text = explanation(traces.trace(traces.CONFIG.replace(optimizer="sgd"), tiny), "update", "sgd")
    power = r"10\^-\d\.\d"
    assert re.search(
        rf"layers 1 to 3 change by {power}, {power}, {power} of their norm; about 10\^-3 ", text
    )
    assert text.endswith("about 10^-3 is healthy.")
    decaying = explanation(traces.trace(traces.EVERYTHING, tiny), "update", "adamw")
    assert decaying.startswith(
        "First, weight decay multiplies each weight by 1 − α·0.1. Each parameter moves against m"
    )
    single = traces.trace(traces.CONFIG.replace(hidden=()), tiny)
    assert "The weights of layer 1 change by 10^-" in explanation(single, "update", "adam")
    zeros = traces.CONFIG.replace(hidden=(), initialization="zeros")
    first = trace_step(traces.trained(zeros, tiny, steps=0))
    assert "layer 1 change by ∞ (from 0) of their norm" in explanation(first, "update", "adam")


def test_an_update_that_changes_nothing_is_explained(tiny):
    tiny_rate = traces.CONFIG.replace(optimizer="sgd", learning_rate=1e-30)
    text = explanation(traces.trace(tiny_rate, tiny), "update", "sgd")
    assert text.endswith("No weight changes: the gradients are 0 or too small.")
