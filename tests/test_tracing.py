"""A step trace equals the next step, bit for bit, and tracing changes nothing of the run."""

import dataclasses

import numpy as np
import pytest
import traces
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config.config import Config
from core.errors import ConfigError
from core.inspection.step_trace import StepTrace
from core.training.timeline import Timeline
from core.training.tracing import trace_step
from core.training.trainer import Trainer

ACTS = st.lists(st.sampled_from(["trace", "evaluate", "step", "epoch", "change"]), max_size=12)


def act(trainer, what, trace):
    match what:
        case "trace" if trace:
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
@settings(max_examples=8)
@given(data=st.data())
def test_a_run_is_the_same_run_with_and_without_traces(tiny, optimizer, data):
    config, acts = data.draw(traces.some(optimizer=optimizer)), data.draw(ACTS)
    plain, traced = Trainer(config, tiny), Trainer(config, tiny)
    for what in ["trace", *acts, "trace", "step"]:
        act(plain, what, trace=False)
        act(traced, what, trace=True)
        assert traces.everything(traced) == traces.everything(plain)


@pytest.mark.parametrize("optimizer", traces.OPTIMIZERS)
@settings(max_examples=15)
@given(data=st.data())
def test_the_trace_is_the_next_step(tiny, optimizer, data):
    """At steps 32 and 64 optimizers set tiny moments to 0."""
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


def test_two_traces_of_a_step_are_equal(tiny):
    """With the same augmentation and the same dropout."""
    trainer = traces.trained(traces.EVERYTHING, tiny)
    first, second = trace_step(trainer), trace_step(trainer)
    assert traces.bits(first) == traces.bits(second)


def test_tracing_does_not_count_as_training_time(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    seconds = trainer.seconds
    trace_step(trainer)
    assert trainer.seconds == seconds


def test_a_timeline_is_the_same_with_and_without_traces(tiny):
    plain, traced = (Timeline(Trainer(traces.EVERYTHING, tiny)) for _ in range(2))
    for timeline in (plain, traced):
        for _ in range(20):
            timeline.step()
            if timeline is traced:
                trace_step(timeline.trainer)
        timeline.go_to(11)
    trace_step(traced.trainer)
    assert traced.branches == plain.branches
    for _ in range(9):
        plain.step()
        traced.step()
        assert traces.everything(traced.trainer) == traces.everything(plain.trainer)


def test_a_changed_setting_is_in_the_next_trace(tiny):
    trainer = traces.trained(traces.CONFIG.replace(optimizer="sgd"), tiny)
    before = trace_step(trainer)
    trainer.change(learning_rate=0.02)
    after = trace_step(trainer)
    assert (before.learning_rate, after.learning_rate) == (0.01, 0.02)
    once, twice = (a.array("W1") - a.parameters_before["W1"] for a in (before, after))
    np.testing.assert_allclose(twice, 2 * once, atol=1e-6)


def test_a_rejected_change_leaves_the_trace_unchanged(tiny):
    trainer = traces.trained(traces.EVERYTHING, tiny)
    before = trace_step(trainer)
    with pytest.raises(ConfigError):
        trainer.change(learning_rate=-1)
    assert traces.bits(trace_step(trainer)) == traces.bits(before)


def test_a_trace_holds_read_only_copies(tiny):
    trainer = traces.trained(traces.EVERYTHING, tiny)
    trace = trace_step(trainer)
    bits = traces.bits(trace)
    for _ in range(3):
        trainer.step()
    assert traces.bits(trace) == bits
    arrays = [array for arrays in trace.outputs for array in arrays.values()]
    arrays += [trace.images, trace.labels, trace.indices, *trace.parameters_before.values()]
    arrays += [*trace.optimizer_before.moments.values(), *trace.optimizer_after.moments.values()]
    assert len(arrays) > 30
    assert not any(array.flags.writeable for array in arrays)
    with pytest.raises(dataclasses.FrozenInstanceError):
        trace.step = 0


def test_the_batch_is_that_of_the_step_after_augmentation(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    trace = trace_step(trainer)
    assert np.array_equal(trace.indices, trainer.order[trainer.position :][:32])
    assert np.array_equal(trace.images, tiny.train_images[trace.indices])
    assert np.array_equal(trace.labels, tiny.train_labels[trace.indices])
    trainer.change(flip=1)
    flipped = trace_step(trainer)
    assert np.array_equal(flipped.images, trace.images[:, :, ::-1])


@given(config=traces.configs)
def test_the_outputs_of_every_stage_have_the_stated_shapes(tiny, config):
    trace = traces.trace(config, tiny, steps=1)
    for stage in trace.stages:
        for name in stage.outputs:
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
    """A run whose weights are so large that the next step diverges."""
    trainer = traces.trained(traces.CONFIG.replace(**values), data)
    trainer.network.parameters[:] *= 1e30
    return trainer


@pytest.mark.parametrize(
    "values", [{}, {"l2": 0.1, "clip_norm": 1.0}, {"batch_norm": True}], ids=str
)
def test_a_step_that_diverges_is_traced_up_to_there(tiny, values):
    trainer = diverging(tiny, **values)
    before = traces.everything(trainer)
    trace = trace_step(trainer)
    assert trace.diverged.startswith("diverged after step 7 with learning rate 0.01: ")
    assert trace.stages[-1].kind == ("penalty" if "l2" in values else "backward")
    assert not np.isfinite(trace.array("ℓ")).all() or not np.isfinite(trace.array("dW1")).all()
    assert traces.everything(trainer) == before


def test_a_step_that_does_not_diverge_has_no_such_message(tiny):
    trace = traces.trace(traces.CONFIG, tiny)
    assert isinstance(trace, StepTrace)
    assert trace.diverged is None
