"""Where a step lies on an axis of steps, epochs, images or seconds."""

import dataclasses

import numpy as np
import pytest
from canned import run_started, step

from core.config.config import Config
from core.events import Branch, RunMoved
from core.history.history import History
from tui.panes.curves.step_axis import ACROSS, StepAxis, place_text, scale_after, scale_of
from tui.panes.curves.step_chart import step_axis


def snapshot(*events):
    history = History()
    for event in (run_started(), *events):
        history.add(event)
    return history.snapshot()


@pytest.mark.parametrize(
    ("across", "place"), [("steps", 24), ("epochs", 2.4), ("images", 120), ("seconds", 0.24)]
)
def test_a_step_has_its_place_on_every_axis(across, place):
    """Ten batches of five images are an epoch and take a tenth of a second."""
    scale = scale_of(snapshot(*map(step, range(1, 36))), across)
    assert scale.place(24) == pytest.approx(place)
    assert scale.step(place) == pytest.approx(24)
    assert scale.place(0) == 0


def test_another_branch_has_places_of_its_own():
    """Its batches are twice as large, so it has seen more images at the same step."""
    branches = Branch(0, None, 0, 20), Branch(1, 0, 10, 10)
    wide = [step(n, of=5, batch=10) for n in range(11, 16)]
    wide = [dataclasses.replace(s, epoch=2, position=10 * (s.step - 10)) for s in wide]
    events = [*map(step, range(1, 21)), RunMoved(10, step(10), Config(), 1, branches), *wide]
    on_wide = snapshot(*events)
    [part] = on_wide.other_branches
    scale = scale_of(on_wide, "images")
    assert scale.place(15) == 100
    assert scale_after(scale, on_wide, "images", part).place(15) == 75


def test_seconds_never_go_back_on_an_axis():
    late = dataclasses.replace(step(11), seconds=0.05)
    scale = scale_of(snapshot(*map(step, range(1, 11)), late), "seconds")
    assert (np.diff(scale.places) >= 0).all()


@pytest.mark.parametrize("across", ACROSS)
@pytest.mark.parametrize("count", [0, 1, 5, 300])
def test_each_cell_of_an_axis_is_a_step_of_the_run(across, count):
    run = snapshot(*map(step, range(1, count + 1)))
    x = step_axis(run, False, across, 30, 2)
    assert isinstance(x, StepAxis)
    end = max(count, 10) if across == "steps" else count
    assert x.value(0) == pytest.approx(0, abs=max(end, 1) / 50)
    assert x.value(29) == pytest.approx(end, rel=0.02, abs=1)
    assert x.cell(0) == 0
    assert x.steps_per_cell >= 1


def test_places_are_written_in_their_unit():
    assert place_text("images", 120_000) == "120,000"
    assert place_text("epochs", 2.4) == "2.40"
