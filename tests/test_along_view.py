"""The loss along the step in the step pane, and how a session measures it."""

import time

import canned
import numpy as np
import pytest
from canned import frame, text
from live import idle_session
from rich.style import Style
from test_step_pane import CONFIG, Run, opened, press

import core.experiments.along_step
from core.config.config import Config
from core.events import AlongStepMeasured, LayersMeasured, Phase, PhaseChanged, Step
from core.experiments.along_step import loss_along_step
from core.inspection.along_step import LossAlongStep
from core.training.trainer import Trainer
from tui.drawing.styles import Styles
from tui.panes.step.along_panel import Along, along_panel
from tui.panes.step.step_pane import StepPane

EVERYTHING = Config(
    hidden=(8,),
    batch_size=20,
    validation=20,
    epochs=3,
    batch_norm=True,
    dropout=0.3,
    flip=0.5,
    optimizer="momentum",
    schedule="cosine",
)


def requested(pilot):
    """The steps along which the loss was requested."""
    return [step for name, *steps in pilot.session.commands if "along" in name for step in steps]


def measured(run):
    return AlongStepMeasured(loss_along_step(run.trainer))


async def test_v_goes_to_the_update_and_shows_the_loss_along_the_step():
    run = Run()
    async with run.screen(size=(150, 50)) as pilot:
        await opened(pilot, run, "v")
        assert "Measuring it." in text(pilot)
        assert requested(pilot) == [4]

        # arrows do not move the parameter that is hidden
        await press(pilot, "right", "down", "full_stop")
        assert pilot.app.screen.query_one(StepPane).parameter is None

        event = measured(run)
        await frame(pilot, event)
        shown = " ".join(text(pilot).split())
        along = event.along_step
        assert along.summary[:30] in shown
        for words in (
            "stage 14 of 14",
            "this step",
            f"this batch, from {along.batch_loss:.3f}",
            f"10 validation images, from {along.subset_loss:.3f}",
            *(" 0.01 ", " 0.1 ", " 1 ", " 10 ", " 100 "),
        ):
            assert words in shown, words
        await press(pilot, "v")
        assert "this batch, from" not in text(pilot)
        assert "W1[" in text(pilot)


async def test_it_costs_nothing_while_it_is_not_open():
    run = Run()
    async with run.screen() as pilot:
        await opened(pilot, run, *["d"] * 13)
        assert "stage 14 of 14" in text(pilot)
        assert requested(pilot) == []
        await press(pilot, "v")
        await press(pilot, "D")
        assert requested(pilot) == [4]
        await frame(pilot, run.trainer.step())
        await frame(pilot, run.trace)
        assert requested(pilot) == [4]  # another stage is shown
        await press(pilot, "v")
        await press(pilot, "x")
        await frame(pilot, run.trainer.step())
        assert requested(pilot) == [4, 5]


async def test_each_step_is_requested_once_and_only_while_training_is_paused():
    run = Run()
    async with run.screen() as pilot:
        await opened(pilot, run, "v")
        await frame(pilot, canned.evaluation(3))
        assert requested(pilot) == [4]
        await frame(pilot, PhaseChanged(Phase.RUNNING), run.trainer.step(), run.trace)
        assert "Pause to measure it." in text(pilot)
        assert requested(pilot) == [4]
        await frame(pilot, PhaseChanged(Phase.PAUSED))
        assert requested(pilot) == [4, 5]

        # the loss along another step is not shown
        await frame(pilot, measured(run))
        assert "Measuring it." not in text(pilot)
        await frame(pilot, run.trainer.step())
        await frame(pilot, run.trace)
        assert "Measuring it." in text(pilot)


@pytest.mark.parametrize(("highest", "is_cut"), [(1.5, False), (9.0, True), (np.nan, True)])
def test_it_says_that_the_chart_ends_below_the_highest_values(highest, is_cut):
    style = Style()
    styles = Styles(**dict.fromkeys(Styles.__annotations__, style) | {"ascii": False})
    change = np.linspace(-0.5, 0.5, 33)
    change[-1] = highest - 1
    multiples = np.geomspace(0.01, 100, 33)
    multiples[16] = 1.0
    rest = CONFIG, 1.0, multiples, 1.0, 1 + change, "validation", 10, 1.0, 1 + 0 * change
    lines = along_panel(Along(LossAlongStep(3, *rest), False), (100, 30), styles)
    shown = " ".join(" ".join(line.text for line in lines).split())
    assert ("over multiples of the step (higher values omitted):" in shown) is is_cut


async def test_an_empty_curve_says_why():
    run = Run(CONFIG.replace(initialization="normal", optimizer="sgd", learning_rate=1e-30))
    async with run.screen() as pilot:
        await opened(pilot, run, "v")
        await frame(pilot, measured(run))
        assert "changes no parameter" in text(pilot)
        assert "from 0" not in text(pilot)


async def test_a_step_that_diverges_has_no_update_to_look_along():
    run = Run()
    run.trainer.network.parameters[:] *= 1e30
    async with run.screen() as pilot:
        await opened(pilot, run, "v")
        assert requested(pilot) == []
        assert any("diverges" in toast for toast in canned.toasts(pilot))


async def test_it_says_that_dropout_and_augmentation_are_the_same_at_every_size():
    run = Run(CONFIG.replace(dropout=0.2, flip=0.5))
    async with run.screen(size=(150, 50)) as pilot:
        await opened(pilot, run, "v")
        await frame(pilot, measured(run))
        shown = " ".join(text(pilot).split())
        assert "(the same dropout and augmentation at every size)" in shown
        assert "(no dropout)" in shown


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_it_fits_any_window(ascii_only):
    run = Run()
    async with canned.screen(*run.events, size=(50, 16), ascii=ascii_only) as pilot:
        for size in ((50, 16), (80, 24), (200, 60)):
            await pilot.resize_terminal(*size)
            pane = await opened(pilot, run, "home", "v")
            await frame(pilot, measured(run))
            assert "This step " in text(pilot), size
            pane.scroll_end(animate=False)
            await pilot.pause()
            shown = text(pilot)
            assert "0.01 " in shown, size
            if ascii_only:
                assert shown.isascii(), size
            await press(pilot, "x")
            assert not pane.is_on_screen


@pytest.fixture
def watched(monkeypatch, tiny, tmp_path):
    with idle_session(monkeypatch, tiny, tmp_path, EVERYTHING) as watched:
        yield watched


def until_measured(watched):
    return watched.until(lambda event: isinstance(event, AlongStepMeasured)).along_step


def test_the_run_goes_on_bit_for_bit_as_if_nobody_had_looked(watched, tiny):
    for step in (1, 2, 3):
        watched.session.measure_along_step(step)
        assert until_measured(watched).step == step
        watched.session.step()
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    watched.session.measure_along_step(27)  # the last step, once more
    along = until_measured(watched)
    straight, losses = Trainer(EVERYTHING, tiny), []
    while not straight.finished:
        losses.append(straight.step().loss)
    assert [step.loss for step in watched.of(Step)] == losses
    assert along.batch_loss == losses[-1]
    parameters = watched.session._runner.trainer.network.parameters
    assert np.array_equal(parameters, straight.network.parameters)


def test_a_request_for_a_step_that_is_not_next_is_dropped(watched):
    watched.session.measure_along_step(2)
    watched.session.measure_along_step(0)
    watched.session.measure_along_step(1)
    until_measured(watched)
    assert [event.along_step.step for event in watched.of(AlongStepMeasured)] == [1]


def test_a_command_cancels_it_and_it_is_repeated_unless_the_run_went_on(watched, monkeypatch):
    calls = []

    def slow(trainer, should_continue):
        calls.append(trainer.steps)
        if len(calls) == 2:
            return loss_along_step(trainer, should_continue)
        while should_continue(0.5):
            time.sleep(0.001)
        return None

    monkeypatch.setattr(core.experiments.along_step, "loss_along_step", slow)
    watched.session.measure_along_step(1)
    watched.session.change_pace(-1)
    assert until_measured(watched).step == 1
    watched.session.measure_along_step(1)
    watched.session.step()
    watched.until(lambda event: isinstance(event, LayersMeasured) and event.stats.step == 1)
    watched.session.change_pace(1)
    assert watched.session.close(timeout=60)
    assert calls == [0, 0, 0]


def test_a_step_that_diverges_is_no_error(watched):
    watched.session._runner.trainer.network.parameters[:] *= 1e30
    watched.session.measure_along_step(1)
    watched.session.close(timeout=60)
    watched.events += watched.session.drain()
    assert watched.of(AlongStepMeasured) == []
    assert all(event.phase is not Phase.FAILED for event in watched.of(PhaseChanged))
