"""Statistics of the layers, compared with plain NumPy, and their history."""

import canned
import numpy as np
import pytest
import traces
from hypothesis import given
from hypothesis import strategies as st
from traces import CONFIG, EVERYTHING, trace

from core.config.config import Config
from core.events import Branch, RunMoved, UnitsSurveyed
from core.history.history import History
from core.history.layer_stats_history import MAX_KEPT, LayerStatsHistory
from core.inspection.layer_stats import NetworkStats, layer_stats
from core.inspection.surveying import survey
from core.inspection.updates import update_ratios
from core.training.trainer import Trainer


def at(step):
    return NetworkStats(step, 1, ())


def kept(past):
    return [each.step for each in past.stats]


def after(*steps):
    past = LayerStatsHistory()
    for step in steps:
        past = past.with_stats(at(step))
    return past


@pytest.mark.parametrize("config", [CONFIG, EVERYTHING], ids=["plain", "everything"])
def test_the_statistics_of_each_layer_are_those_of_its_arrays(config, tiny):
    found = trace(config, tiny)
    stats = layer_stats(found)
    assert (stats.step, stats.images) == (7, 32)
    assert [layer.shape for layer in stats.layers] == [(8, 30), (5, 8), (3, 5)]
    assert [layer.activation for layer in stats.layers] == ["relu", "relu", "logits"]
    assert tuple(layer.ratio for layer in stats.layers) == update_ratios(found)
    trained = Trainer(config, tiny).network.parameters.size
    assert sum(layer.parameters for layer in stats.layers) == trained
    for number, (layer, name) in enumerate(zip(stats.layers, ("A1", "A2", "Z3"), strict=True), 1):
        A, dW = found.array(name), found.array(f"dW{number}")
        assert layer.activity.mean == pytest.approx(A.mean(), rel=1e-4)
        assert layer.activity.deviation == pytest.approx(A.std(), rel=1e-4)
        assert layer.gradient == pytest.approx(np.sqrt((dW**2).mean()), rel=1e-4)
        assert layer.weights.counts.sum() == np.count_nonzero(found.parameters_before[f"W{number}"])
        assert layer.gradients.counts.sum() == np.count_nonzero(dW)
        assert layer.activations.counts.sum() == np.count_nonzero(A)


def test_a_unit_that_is_0_for_every_image_of_the_batch_is_silent(tiny):
    trainer = traces.trained(CONFIG, tiny)
    trainer.network.linears[0].b[[2, 5]] = -1000
    stats = layer_stats(traces.trace_step(trainer))
    A = traces.trace_step(trainer).array("A1")
    assert stats.layers[0].silent == np.count_nonzero(~A.any(axis=1)) >= 2


@pytest.mark.parametrize("activation", ["gelu", "tanh", "sigmoid", "leaky-relu", "elu"])
def test_only_units_of_relu_can_be_silent_or_die(activation, tiny):
    stats = layer_stats(trace(CONFIG.replace(activation=activation), tiny))
    assert [layer.silent for layer in stats.layers] == [None, None, None]


@given(traces.configs)
def test_every_kind_of_step_has_layer_stats(tiny, config):
    stats = layer_stats(trace(config, tiny, steps=1))
    assert len(stats.layers) == len(config.hidden) + 1
    for layer in stats.layers:
        assert np.isfinite(layer.gradient)
        assert layer.silent is None or 0 <= layer.silent <= layer.shape[0]


def test_a_step_that_diverges_has_layer_stats_as_far_as_it_goes(tiny):
    trainer = traces.trained(CONFIG, tiny)
    trainer.network.parameters[3] = np.inf
    stats = layer_stats(traces.trace_step(trainer))
    assert stats.layers[0].weights.nonfinite == 1 / 240
    assert all(np.isnan(layer.ratio) for layer in stats.layers)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=400, unique=True).map(sorted))
def test_the_first_and_the_newest_body_are_kept_and_never_more_than_the_most(steps):
    past = LayerStatsHistory()
    for count, step in enumerate(steps, 1):
        past = past.with_stats(at(step))
        assert (kept(past)[0], kept(past)[-1]) == (steps[0], step)
        assert len(past.stats) == min(count, MAX_KEPT)
    assert kept(past) == sorted(kept(past))


@given(st.integers(2 * MAX_KEPT, 1000))
def test_what_is_kept_lies_evenly_over_the_steps(count):
    gaps = np.diff(kept(after(*range(count))))
    assert gaps.max() <= 4 * count / MAX_KEPT


@given(
    st.lists(st.integers(1, 10**4), min_size=1, max_size=150, unique=True).map(sorted),
    st.integers(0, 10**4),
)
def test_a_run_that_went_back_has_a_past_up_to_there_and_comes_to_the_rest_again(steps, back):
    past = after(*steps)
    assert kept(past.until(back)) == [step for step in kept(past) if step <= back]
    again = kept(past.with_stats(at(back)))
    assert again == sorted(set(again))
    assert back in again
    assert kept(past)[-1] == steps[-1]


def test_the_history_keeps_the_bodies_and_a_new_run_begins_anew(tiny):
    trainer, history = traces.trained(CONFIG, tiny), History()
    history.add(canned.run_started(Config()))
    history.add(canned.step(7))
    for _ in range(3):
        history.add(traces.event(traces.trace_step(trainer)))
        history.add(trainer.step())
    history.add(traces.event(traces.trace_step(trainer)))
    assert kept(history.snapshot().layer_stats_history) == [7, 8, 9, 10]
    history.add(canned.run_started(Config()))
    assert kept(history.snapshot().layer_stats_history) == []


def test_back_in_the_past_later_bodies_and_the_survey_are_not_shown_until_it_comes_there(tiny):
    trainer, history = traces.trained(CONFIG, tiny, steps=0), History()
    history.add(canned.run_started(CONFIG))
    steps = []
    for _ in range(3):
        history.add(traces.event(traces.trace_step(trainer)))
        steps.append(trainer.step())
        history.add(steps[-1])
    third = traces.event(traces.trace_step(trainer))
    history.add(third)
    look = survey(trainer.network, "relu", trainer.training_set, 3, lambda share: True)
    history.add(UnitsSurveyed(look))
    branches = (Branch(0, None, 0, 3),)
    history.add(RunMoved(1, steps[0], CONFIG, 0, branches))
    assert kept(history.snapshot().layer_stats_history) == [0, 1]
    assert history.snapshot().survey is None
    history.add(RunMoved(3, steps[2], CONFIG, 0, branches))
    assert kept(history.snapshot().layer_stats_history) == [0, 1, 2, 3]
    history.add(RunMoved(1, steps[0], CONFIG, 1, (*branches, Branch(1, 0, 1, 1))))
    assert kept(history.snapshot().layer_stats_history) == [0, 1]
    history.add(RunMoved(3, steps[2], CONFIG, 0, (*branches, Branch(1, 0, 1, 1))))
    assert kept(history.snapshot().layer_stats_history) == [0, 1, 2, 3]
