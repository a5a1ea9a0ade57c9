"""The figures of a layer as texts, in the table and in words."""

from dataclasses import replace

import numpy as np
import pytest
import traces

from core.inspection.layer_stats import layer_stats
from core.inspection.surveying import survey
from tui.panes.network.columns import COLUMNS, SPARK
from tui.panes.network.layer_texts import explanation, figures


@pytest.fixture
def layers(tiny):
    return layer_stats(traces.trace(traces.CONFIG, tiny)).layers


@pytest.mark.parametrize(
    ("ratio", "gradient", "cell", "words"),
    [
        (-3.0, 0.1, "10^-3.0 ✓", "by 10^-3 of their norm ✓ healthy"),
        (-4.5, 0.1, "10^-4.5 ▼", "10^-4.5 of their norm ▼ small; about 10^-3 is healthy"),
        (-0.78, 0.1, "10^-0.8 ▲", "10^-0.78 of their norm ▲ large; about 10^-3 is healthy"),
        (-12.3, 0.1, "10^-12 ▼", "10^-12.3 of their norm ▼ small"),
        (-np.inf, 0.0, "0 ▼", "no update: the gradient is zero"),
        (-np.inf, 0.1, "0 ▼", "no update: the change rounds to 0"),
        (np.nan, np.nan, "–  ", "–: the step diverges, or all weights are 0"),
    ],
)
def test_an_update_is_a_power_of_ten_of_the_weights_with_a_rating(
    layers, ratio, gradient, cell, words
):
    layer = replace(layers[0], ratio=ratio, gradient=gradient)
    assert figures(layer, 0, None)["update"] == cell
    assert words in explanation(layer, 0, None)["update"]


def test_every_column_but_the_sparklines_has_a_text(layers):
    heads = {column.head for column in COLUMNS if column.width != SPARK}
    assert set(figures(layers[0], 0, None)) == heads


def test_dead_units_are_unknown_until_a_survey_counts_them(layers, tiny):
    assert figures(layers[0], 0, None)["dead"] == "?"
    assert "not measured yet" in explanation(layers[0], 0, None)["dead"]
    trainer = traces.trained(traces.CONFIG, tiny)
    trainer.network.linears[0].b[:3] = -1000
    units = survey(trainer.network, "relu", trainer.training_set, 7, lambda share: True)
    dead = np.count_nonzero(units.layers[0].dead)
    assert dead >= 3
    assert figures(layers[0], 0, units)["dead"] == f"{dead}"
    assert f"{dead} of 8 units output 0 for all" in explanation(layers[0], 0, units)["dead"]


def test_the_last_layer_has_no_dead_and_no_silent_units(layers, tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    units = survey(trainer.network, "relu", trainer.training_set, 7, lambda share: True)
    last = len(layers) - 1
    assert figures(layers[-1], last, units)["dead"] == "–"
    assert explanation(layers[-1], last, units)["dead"] == "–: only relu units can die"
    assert explanation(layers[-1], last, units)["silent"] == "–: only relu units can be silent"
