"""A step taken apart: it is the step that comes, bit for bit, and nothing of the run changes."""

import dataclasses

import numpy as np
import pytest
import traces
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config.config import Config
from core.errors import ConfigError
from core.inspection.step_trace import StepTrace
from core.inspection.tracing import trace_step
from core.training.timeline import Timeline
from core.training.trainer import Trainer

ACTS = st.lists(st.sampled_from(["look", "evaluate", "step", "epoch", "change"]), max_size=12)


def act(trainer, what, look):
    match what:
        case "look" if look:
            trace_step(trainer)
        case "evaluate":
            trainer.evaluate(trainer.evaluation_set)
        case "change":
            trainer.change(learning_rate=trainer.config.learning_rate / 2, batch_size=20)
        case "epoch":
            while trainer.step().evaluation is None:
                pass
        case "step":
            trainer.step()


@pytest.mark.parametrize("optimizer", traces.OPTIMIZERS)
@settings(max_examples=15)
@given(data=st.data())
def test_a_run_that_is_taken_apart_here_and_there_is_the_same_run(tiny, optimizer, data):
    config, acts = data.draw(traces.some(optimizer=optimizer)), data.draw(ACTS)
    plain, watched = Trainer(config, tiny), Trainer(config, tiny)
    for what in ["look", *acts, "look", "step"]:
        act(plain, what, look=False)
        act(watched, what, look=True)
        assert traces.everything(watched) == traces.everything(plain)


@pytest.mark.parametrize("optimizer", traces.OPTIMIZERS)
@settings(max_examples=15)
@given(data=st.data())
def test_what_is_seen_is_the_step_that_comes(tiny, optimizer, data):
    """Steps 32 and 64 are those at which optimisers put tiny moments to 0."""
    config = data.draw(traces.some(optimizer=optimizer))
    steps = data.draw(st.sampled_from([0, 1, 31, 32]))
    trainer = traces.trained(config, tiny, steps)
    trace = trace_step(trainer)
    step = trainer.step()
    after = trainer.checkpoint()
    assert (trace.step, trace.learning_rate) == (step.step, step.learning_rate)
    assert traces.bits(trace.optimizer_after) == traces.bits(after.optimizer_state)
    for name, array in trace.split(after.parameters).items():
        assert np.array_equal(trace.array(name), array)
    if not config.label_smoothing:
        assert trace.loss == pytest.approx(step.loss, rel=1e-5)


def test_looking_twice_shows_the_same(tiny):
    """The images changed in the same way, the same outputs dropped."""
    trainer = traces.trained(traces.EVERYTHING, tiny)
    first, second = trace_step(trainer), trace_step(trainer)
    assert traces.bits(first) == traces.bits(second)


def test_looking_takes_no_time_in_training(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    seconds = trainer.seconds
    trace_step(trainer)
    assert trainer.seconds == seconds


def test_a_timeline_does_not_notice_either(tiny):
    plain, watched = (Timeline(Trainer(traces.EVERYTHING, tiny)) for _ in range(2))
    for timeline in (plain, watched):
        for _ in range(20):
            timeline.step()
            if timeline is watched:
                trace_step(timeline.trainer)
        timeline.go_to(11)
    trace_step(watched.trainer)
    assert watched.branches == plain.branches
    for _ in range(9):
        plain.step()
        watched.step()
        assert traces.everything(watched.trainer) == traces.everything(plain.trainer)


def test_a_change_of_a_setting_is_seen_in_the_next_look(tiny):
    trainer = traces.trained(traces.CONFIG.replace(optimizer="sgd"), tiny)
    before = trace_step(trainer)
    trainer.change(learning_rate=0.02)
    after = trace_step(trainer)
    assert (before.learning_rate, after.learning_rate) == (0.01, 0.02)
    once, twice = (a.array("W1") - a.parameters_before["W1"] for a in (before, after))
    np.testing.assert_allclose(twice, 2 * once, atol=1e-6)


def test_a_change_that_is_refused_leaves_it_as_it_was(tiny):
    trainer = traces.trained(traces.EVERYTHING, tiny)
    before = trace_step(trainer)
    with pytest.raises(ConfigError):
        trainer.change(learning_rate=-1)
    assert traces.bits(trace_step(trainer)) == traces.bits(before)


def test_it_holds_copies_that_nobody_can_write(tiny):
    trainer = traces.trained(traces.EVERYTHING, tiny)
    trace = trace_step(trainer)
    bits = traces.bits(trace)
    for _ in range(3):
        trainer.step()
    assert traces.bits(trace) == bits
    arrays = [array for found in trace.found for array in found.values()]
    arrays += [trace.images, trace.labels, trace.indices, *trace.parameters_before.values()]
    arrays += [*trace.optimizer_before.moments.values(), *trace.optimizer_after.moments.values()]
    assert len(arrays) > 30
    assert not any(array.flags.writeable for array in arrays)
    with pytest.raises(dataclasses.FrozenInstanceError):
        trace.step = 0


def test_the_batch_is_that_of_the_step_with_its_images_as_they_are_learnt_from(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    trace = trace_step(trainer)
    assert np.array_equal(trace.indices, trainer.order[trainer.position :][:32])
    assert np.array_equal(trace.images, tiny.train_images[trace.indices])
    assert np.array_equal(trace.labels, tiny.train_labels[trace.indices])
    trainer.change(flip=1)
    mirrored = trace_step(trainer)
    assert np.array_equal(mirrored.images, trace.images[:, :, ::-1])


@given(config=traces.configs)
def test_every_stage_gives_arrays_of_the_shapes_that_are_told(tiny, config):
    trace = traces.trace(config, tiny, steps=1)
    for stage in trace.stages:
        for name in stage.gives:
            array = trace.array(name, stage)
            assert array.shape == trace.shapes[name]
            assert array.dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "classes", "hidden", "batch"), [((1, 1), 2, (), 1), ((12, 3), 64, (1,), 64)]
)
def test_images_of_any_size_and_any_number_of_classes(make_dataset, shape, classes, hidden, batch):
    data = make_dataset(train=2 * classes, test=classes, classes=classes, shape=shape)
    config = Config(hidden=hidden, batch_size=batch, validation=0)
    trace = trace_step(Trainer(config, data))
    assert trace.images.shape == (batch, *shape)
    assert trace.array("X").shape == (shape[0] * shape[1], batch)
    assert trace.array(f"A{len(hidden) + 1}").shape == (classes, batch)


def diverging(data, **values):
    """A run whose weights are so large that the next step has no numbers."""
    trainer = traces.trained(traces.CONFIG.replace(**values), data)
    trainer.network.parameters[:] *= 1e30
    return trainer


@pytest.mark.parametrize(
    "values", [{}, {"l2": 0.1, "clip_norm": 1.0}, {"batch_norm": True}], ids=str
)
def test_a_step_that_diverges_is_shown_as_far_as_it_goes(tiny, values):
    trainer = diverging(tiny, **values)
    before = traces.everything(trainer)
    trace = trace_step(trainer)
    assert trace.diverged.startswith("diverged at step 8 with learning rate 0.01: ")
    assert trace.stages[-1].kind == ("penalty" if "l2" in values else "backward")
    assert not np.isfinite(trace.array("ℓ")).all() or not np.isfinite(trace.array("dW1")).all()
    assert traces.everything(trainer) == before


def test_a_step_that_can_be_made_says_nothing_of_diverging(tiny):
    trace = traces.trace(traces.CONFIG, tiny)
    assert isinstance(trace, StepTrace)
    assert trace.diverged is None
