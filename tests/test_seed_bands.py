"""Runs that differ only in their seed: one curve with a band."""

from dataclasses import replace

import numpy as np
import pytest
from canned import text, until
from test_compare_screen import CONFIG, comparison, made_up_run

from core.data import dataset
from core.experiments.repeat import repeat
from core.experiments.trained_run import Keep
from tui.screens.runs.bands import are_seeds, band, has_bands, read_bands
from tui.screens.runs.compared import read
from tui.screens.runs.overlay import OverlayChart


def test_a_band_goes_from_the_lowest_to_the_highest_as_far_as_all_runs_go():
    runs = [made_up_run(0, last) for last in (0.8, 0.9, 0.85)]
    shorter = {unit: values[:3000] for unit, values in runs[2].across.items()}
    averages = {name: values[:3000] for name, values in runs[2].averages.items()}
    evaluated = {unit: values[1:7] for unit, values in runs[2].evaluated.items()}
    evaluations = {name: values[1:7] for name, values in runs[2].evaluations.items()}
    runs[2] = replace(
        runs[2], across=shorter, averages=averages, evaluated=evaluated, evaluations=evaluations
    )
    found = band(runs, "rate 0.1", 4)
    assert (found.name, found.mean.mark) == ("rate 0.1 (3 seeds)", 4)
    assert len(found.mean.across["steps"]) == len(found.lowest["loss"]) == 3000
    accuracy = np.stack([run.averages["accuracy"][:3000] for run in runs])
    assert np.array_equal(found.mean.averages["accuracy"], accuracy.mean(axis=0))
    assert np.array_equal(found.lowest["accuracy"], accuracy.min(axis=0))
    assert np.array_equal(found.highest["accuracy"], accuracy.max(axis=0))
    # Points are where all runs were evaluated.
    assert found.mean.evaluated["steps"].tolist() == runs[2].evaluated["steps"].tolist()
    at_step_800 = np.mean([run.averages["accuracy"][799] for run in runs])
    assert found.mean.evaluations["accuracy"][0] == pytest.approx(at_step_800)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory, make_dataset, write_directory):
    """The files of the runs of two rates with two seeds each."""
    data = make_dataset(train=300, classes=6, shape=(3, 3))
    directory = write_directory(tmp_path_factory.mktemp("noisy"), data)
    runs = tmp_path_factory.mktemp("runs")
    loaded, keep = dataset.load(directory), Keep(runs, directory)
    return [
        [
            runs / f"{run.run}.run"
            for run in repeat(CONFIG.replace(learning_rate=rate), 2, loaded, keep).runs
        ]
        for rate in (0.02, 0.001)
    ]


def test_kept_runs_that_are_not_marked_belong_to_a_band_too(seeds):
    (one, two), (other, _) = seeds
    compared = read([(one, 0), (other, 1)], None)
    assert has_bands(compared)
    assert not are_seeds(compared)
    first, second = read_bands(compared)
    assert (first.name, second.name) == (
        "learning rate 0.02 (2 seeds)",
        "learning rate 0.001 (2 seeds)",
    )
    assert {run.path for run in first.runs} == {one, two}
    assert are_seeds(read([(one, 0), (two, 1)], None))


async def test_the_comparison_groups_seeds_and_g_shows_each_run(seeds):
    (one, two), (other, _) = seeds
    async with comparison(one, two, other) as pilot:
        chart = pilot.compare.query_one("#overlay-accuracy", OverlayChart)
        await until(pilot, lambda: "● learning rate 0.02 (2 seeds)" in text(pilot))
        assert "▲ " not in text(pilot).splitlines()[0]  # its run is in the band of the first
        assert any("░" in line.text for line in chart._lines)
        await pilot.press("right")
        await until(pilot, lambda: " to " in str(chart.border_subtitle))
        await pilot.press("g")
        await until(pilot, lambda: f"▲ {two.stem}" in text(pilot))
        assert not any("░" in line.text for line in chart._lines)
    async with comparison(one, other) as pilot:
        assert f"● {one.stem}" in text(pilot)
        await pilot.press("g")  # takes in the kept runs that are not marked
        await until(pilot, lambda: "● learning rate 0.02 (2 seeds)" in text(pilot))
