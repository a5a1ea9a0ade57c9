"""What a stage means, in words: with figures of the batch that are right."""

import re

import apart
import numpy as np
import pytest
from hypothesis import given

from core.inspection.explanations import words
from core.inspection.tracing import take_apart


def said(anatomy, kind, does):
    stage = next(s for s in anatomy.stages if (s.kind, s.does) == (kind, does))
    return words(anatomy, stage)


@given(config=apart.configs)
def test_every_stage_has_its_words(tiny, config):
    anatomy = apart.anatomy(config, tiny)
    for stage in anatomy.stages:
        text = words(anatomy, stage)
        assert re.fullmatch(r"[A-Zγd].*\.", text)
        assert "nan" not in text
        assert "  " not in text
        assert ".." not in text
        assert 40 < len(text) < 450


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
@pytest.mark.filterwarnings("error")
def test_so_has_every_stage_of_a_step_that_diverges(tiny, activation):
    trainer = apart.begun(apart.EVERYTHING.replace(activation=activation), tiny)
    trainer.network.parameters[:] *= 1e30
    anatomy = take_apart(trainer)
    assert anatomy.diverged
    assert all(words(anatomy, stage).endswith(".") for stage in anatomy.stages)


def test_the_drawn_images_and_what_was_done_to_them(tiny):
    plain = said(apart.anatomy(apart.CONFIG, tiny), "draw", "images")
    assert plain.startswith("The next 32 of the shuffled training images")
    assert "by chance" not in plain
    changed = said(apart.anatomy(apart.CONFIG.replace(flip=1, erase=1), tiny), "draw", "images")
    assert "mirrored or blackened in places, by chance" in changed


def test_the_units_that_answer_to_no_image_are_counted(tiny):
    trainer = apart.begun(apart.CONFIG, tiny)
    trainer.network.linears[0].b[:3] = -1000
    anatomy = take_apart(trainer)
    A = anatomy.array("A1")
    silent = (A == 0).all(axis=1).sum()
    assert silent >= 3
    text = said(anatomy, "forward", "relu")
    share = f"{np.mean(A == 0):.0%} of these numbers are 0"
    assert text.endswith(f": {share}; {silent} of 8 units are so for every image.")


def test_the_loss_is_that_of_the_batch(tiny):
    anatomy = apart.anatomy(apart.CONFIG, tiny)
    right = (anatomy.array("Z3").argmax(axis=0) == anatomy.labels).sum()
    text = said(anatomy, "loss", "softmax")
    assert "1.10 for a guess" in text
    assert f"ahead in {right} of 32 images; the mean loss is {anatomy.loss:.4g} nats." in text
    assert "smoothing" not in text
    smoothed = said(apart.anatomy(apart.EVERYTHING, tiny), "loss", "softmax")
    assert "Label smoothing spreads 0.1" in smoothed


@pytest.mark.parametrize("most", [0.01, 1000.0])
def test_a_gradient_is_said_to_be_shortened_if_it_was(tiny, most):
    config = apart.CONFIG.replace(clip_norm=most, l2=0.1)
    anatomy = apart.anatomy(config, tiny)
    plain = apart.anatomy(config.replace(clip_norm=0), tiny, steps=0)
    text = said(take_apart(apart.begun(config, tiny, steps=0)), "clip", "clip")
    length = np.sqrt(sum((plain.array(f"d{name}") ** 2).sum() for name in plain.before))
    assert f"the length {length:.4g}, " in text
    shortened = f"are shortened to {0.01 / length:.1%}." in text
    assert shortened == (most < 1)
    assert ("they stay as they are" in said(anatomy, "clip", "clip")) == (most > 1)


def test_the_update_says_how_far_the_weights_move(tiny):
    text = said(apart.anatomy(apart.CONFIG.replace(optimizer="sgd"), tiny), "update", "sgd")
    assert re.search(r"layers 1 to 3 change by 10\^-\d\.\d, 10\^-\d\.\d, 10\^-\d\.\d of", text)
    assert text.endswith("about 10^-3.0 is healthy.")
    decaying = said(apart.anatomy(apart.EVERYTHING, tiny), "update", "adamw")
    assert decaying.startswith("First every weight shrinks by α times 0.1. Every parameter goes ")
    one = apart.anatomy(apart.CONFIG.replace(hidden=()), tiny)
    assert "The weights of layer 1 change by 10^-" in said(one, "update", "adam")
    zeros = apart.CONFIG.replace(hidden=(), initialization="zeros")
    first = take_apart(apart.begun(zeros, tiny, steps=0))
    assert "layer 1 change by more than all of their size" in said(first, "update", "adam")
