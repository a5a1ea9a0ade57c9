"""What a stage means, in words: with figures of the batch that are right."""

import re

import numpy as np
import pytest
import traces
from hypothesis import given

from core.inspection.explanations import explain
from core.inspection.tracing import trace_step


def said(trace, kind, does):
    stage = next(s for s in trace.stages if (s.kind, s.does) == (kind, does))
    return explain(trace, stage)


@given(config=traces.configs)
def test_every_stage_has_its_words(tiny, config):
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
def test_so_has_every_stage_of_a_step_that_diverges(tiny, activation):
    trainer = traces.trained(traces.EVERYTHING.replace(activation=activation), tiny)
    trainer.network.parameters[:] *= 1e30
    trace = trace_step(trainer)
    assert trace.diverged
    assert all(explain(trace, stage).endswith(".") for stage in trace.stages)


def test_the_drawn_images_and_what_was_done_to_them(tiny):
    plain = said(traces.trace(traces.CONFIG, tiny), "draw", "images")
    assert plain.startswith("The next 32 of the shuffled training images")
    assert "by chance" not in plain
    changed = said(traces.trace(traces.CONFIG.replace(flip=1, erase=1), tiny), "draw", "images")
    assert "mirrored or blackened in places, by chance" in changed


def test_the_units_that_answer_to_no_image_are_counted(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    trainer.network.linears[0].b[:3] = -1000
    trace = trace_step(trainer)
    A = trace.array("A1")
    silent = (A == 0).all(axis=1).sum()
    assert silent >= 3
    text = said(trace, "forward", "relu")
    share = f"{np.mean(A == 0):.0%} of these numbers are 0"
    assert text.endswith(f": {share}; {silent} of 8 units are so for every image.")


def test_the_loss_is_that_of_the_batch(tiny):
    trace = traces.trace(traces.CONFIG, tiny)
    right = (trace.array("Z3").argmax(axis=0) == trace.labels).sum()
    text = said(trace, "loss", "softmax")
    assert "1.10 for a guess" in text
    assert f"ahead in {right} of 32 images; the mean loss is {trace.loss:.4g} nats." in text
    assert "smoothing" not in text
    smoothed = said(traces.trace(traces.EVERYTHING, tiny), "loss", "softmax")
    assert "Label smoothing spreads 0.1" in smoothed


@pytest.mark.parametrize("most", [0.01, 1000.0])
def test_a_gradient_is_said_to_be_shortened_if_it_was(tiny, most):
    config = traces.CONFIG.replace(clip_norm=most, l2=0.1)
    trace = traces.trace(config, tiny)
    plain = traces.trace(config.replace(clip_norm=0), tiny, steps=0)
    text = said(trace_step(traces.trained(config, tiny, steps=0)), "clip", "clip")
    length = np.sqrt(sum((plain.array(f"d{name}") ** 2).sum() for name in plain.parameters_before))
    assert f"the length {length:.4g}, " in text
    shortened = f"are shortened to {0.01 / length:.1%}." in text
    assert shortened == (most < 1)
    assert ("they stay as they are" in said(trace, "clip", "clip")) == (most > 1)


def test_the_update_says_how_far_the_weights_move(tiny):
    text = said(traces.trace(traces.CONFIG.replace(optimizer="sgd"), tiny), "update", "sgd")
    assert re.search(r"layers 1 to 3 change by 10\^-\d\.\d, 10\^-\d\.\d, 10\^-\d\.\d of", text)
    assert text.endswith("about 10^-3.0 is healthy.")
    decaying = said(traces.trace(traces.EVERYTHING, tiny), "update", "adamw")
    assert decaying.startswith("First every weight shrinks by α times 0.1. Every parameter goes ")
    one = traces.trace(traces.CONFIG.replace(hidden=()), tiny)
    assert "The weights of layer 1 change by 10^-" in said(one, "update", "adam")
    zeros = traces.CONFIG.replace(hidden=(), initialization="zeros")
    first = trace_step(traces.trained(zeros, tiny, steps=0))
    assert "layer 1 change by more than all of their size" in said(first, "update", "adam")
