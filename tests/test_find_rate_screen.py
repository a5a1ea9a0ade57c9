"""The learning-rate finder on the screen: the run is not changed, and one key takes a rate."""

import time
from dataclasses import replace

import canned
import numpy as np
import pytest
from canned import screen, start_over, text, toasts
from live import Watched
from textual.widgets import ProgressBar, Static

import core.experiments.rate_finder
from core.config.config import Config
from core.data import dataset
from core.events import (
    Evaluation,
    LayersMeasured,
    Phase,
    PhaseChanged,
    Progress,
    RateFound,
    RunMoved,
    Step,
)
from core.experiments.rate_finder import HIGHEST, LOWEST
from core.inspection.rate_curve import nothing_found, read_curve
from core.training.trainer import Trainer
from tui.run.session import Session
from tui.screens.find_rate import FindRate
from tui.screens.training.screen import TrainingScreen

EVERYTHING = Config(
    hidden=(8,),
    batch_size=20,
    validation=20,
    epochs=3,
    batch_norm=True,
    dropout=0.3,
    flip=0.5,
    shift=1,
    optimizer="momentum",
    schedule="cosine",
    patience=2,
)
RATES = np.geomspace(LOWEST, HIGHEST, 200)
FOUND = read_curve(
    RATES, np.interp(np.log10(RATES), [-4, -2, -1, 0], [2.3, 0.5, 0.5, 9]), np.log(10)
)


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Starts a session on a dataset, and waits until it is idle."""
    started = []

    def start(data, config):
        monkeypatch.setattr(dataset, "load", lambda path, *_: data)
        started.append(Watched(Session(config, tmp_path)))
        started[-1].until(lambda event: isinstance(event, LayersMeasured))
        return started[-1]

    yield start
    for watched in started:
        assert watched.session.close(timeout=60)


def finder(watched):
    watched.session.find_rate()
    return watched.until(lambda event: isinstance(event, RateFound)).found


def straight(data, config):
    """The losses and the last parameters of a run that nobody looks into."""
    trainer, losses = Trainer(config, data), []
    while not trainer.finished:
        losses.append(trainer.step().loss)
    return losses, trainer.network.parameters


@pytest.mark.parametrize("images", [200, 74])
def test_the_run_goes_on_bit_for_bit_as_if_nobody_had_searched(start, make_dataset, images):
    data = make_dataset(train=images)
    watched = start(data, EVERYTHING)
    assert finder(watched).reason
    for _ in range(2):
        watched.session.step()
    finder(watched)
    watched.session.toggle()
    finder(watched)  # it runs at full speed, waits, and continues
    watched.until_phase(Phase.FINISHED)
    finder(watched)
    losses, parameters = straight(data, EVERYTHING)
    assert [step.loss for step in watched.of(Step)] == losses
    assert watched.session._runner.trainer.network.parameters.tobytes() == parameters.tobytes()


def test_a_search_neither_pauses_nor_evaluates_the_run(start, tiny):
    watched = start(tiny, EVERYTHING.replace(epochs=200, patience=0))
    watched.session.toggle()
    watched.until_phase(Phase.RUNNING)
    watched.events.clear()
    finder(watched)
    watched.until(lambda event: isinstance(event, Step))
    assert watched.of(PhaseChanged) == []


def test_in_the_past_it_searches_from_the_weights_there(start, tiny):
    watched = start(tiny, EVERYTHING)
    first = finder(watched)
    watched.session.steps(8)
    watched.until(lambda event: isinstance(event, Evaluation) and event.step == 8)
    assert finder(watched).losses[0] != first.losses[0]
    watched.session.go_to_step(0)
    watched.until(lambda event: isinstance(event, RunMoved) and event.current_step == 0)
    assert np.array_equal(finder(watched).losses, first.losses)
    watched.session.change(learning_rate=0.02)
    watched.session.step()
    step = watched.until(lambda event: isinstance(event, Step) and event.step == 1)
    assert step.loss == watched.of(Step)[0].loss
    assert step.learning_rate == 0.02


def test_a_search_that_is_canceled_has_no_result_and_the_run_goes_on(start, tiny, monkeypatch):
    watched = start(tiny, EVERYTHING)
    shares = []

    def endless(trainer, should_continue):
        while should_continue(0.25):
            shares.append(0.25)
            time.sleep(0.001)

    monkeypatch.setattr(core.experiments.rate_finder, "find_rate", endless)
    watched.session.toggle()
    watched.session.find_rate()
    watched.until(lambda event: isinstance(event, Progress))
    watched.session.trace_step()  # as a pane does: such a command waits
    assert not watched.session._stop_finding.wait(0.1)
    watched.session.stop_finding_rate()
    watched.until_phase(Phase.FINISHED)
    assert shares
    assert watched.of(RateFound) == []
    assert [step.loss for step in watched.of(Step)] == straight(tiny, EVERYTHING)[0]
    watched.session.find_rate()  # the end of the program cancels it, too
    assert watched.session.close(timeout=60)


def test_too_little_memory_for_a_copy_is_the_reason_that_nothing_is_found(start, tiny, monkeypatch):
    watched = start(tiny, EVERYTHING)
    monkeypatch.setattr("core.training.limits.usable_memory", lambda: 1)
    found = finder(watched)
    assert found.suggested is None
    assert "memory" in found.reason


def test_a_network_of_zeros_gets_no_suggestion(start, tiny):
    config = EVERYTHING.replace(initialization="zeros", batch_norm=False)
    assert finder(start(tiny, config)).suggested is None


async def tell(pilot, *events):
    """Lets the screen below the dialog fetch events."""
    pilot.session.events += events
    pilot.app.screen_stack[0].fetch()
    await pilot.pause()
    await pilot.pause()


def taken(pilot):
    return [command for command in pilot.session.commands if command[0] == "change"]


async def test_f_searches_and_shows_the_curve_with_its_reason_and_both_rates():
    async with screen(is_covered=True) as pilot:
        await pilot.press("F")
        assert ("find_rate",) in pilot.session.commands
        assert "copy of the network" in text(pilot)
        await tell(pilot, Progress("finding a learning rate", 0.4))
        assert pilot.app.screen.query_one(ProgressBar).progress == 0.4
        await tell(pilot, RateFound(FOUND))
        shown = text(pilot)
        for words in (
            "The training loss falls from 2.30 to 0.5",
            f"suggested {FOUND.suggested:g}",
            f"cautious {FOUND.cautious:g}",
            f"Enter: take {FOUND.suggested:g}",
            f"c: take {FOUND.cautious:g}",
            "Escape: keep 0.001",
            "average of its neighbors",
            *("1e-6", "0.0001", "0.01", "0.1"),
        ):
            assert words in shown, words


async def test_what_is_said_about_a_run_that_starts_meanwhile_does_not_cover_the_curve():
    async with screen(is_covered=True) as pilot:
        await pilot.press("F")
        pilot.app.screen.notify("Same initial weights.", title="New run")
        await pilot.pause()
        assert toasts(pilot) != []
        await tell(pilot, RateFound(FOUND))
        assert toasts(pilot) == []


async def test_it_says_that_the_chart_ends_below_the_highest_losses():
    async with screen() as pilot:
        for highest in (99.0, 2.4):
            await pilot.press("F")
            await tell(pilot, RateFound(replace(FOUND, losses=np.minimum(FOUND.losses, highest))))
            assert "suggested" in text(pilot)
            assert ("(higher omitted)" in text(pilot)) is (highest == 99)
            await pilot.press("escape")


async def test_one_key_takes_a_rate_as_the_form_does_and_undo_takes_it_back():
    config = Config(learning_rate=0.001)
    async with screen(config=config) as pilot:
        for key, rate in (("enter", FOUND.suggested), ("c", FOUND.cautious)):
            await start_over(pilot, config)
            await pilot.press("F", key)  # nothing is found yet
            assert isinstance(pilot.app.screen, FindRate), key
            await tell(pilot, RateFound(replace(FOUND)))  # not the one of the last search
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(pilot.app.screen, TrainingScreen), key
            assert taken(pilot) == [("change", {"learning_rate": rate})]
            assert pilot.app.screen.draft["learning_rate"] == rate
            assert any("from the next batch on" in toast for toast in toasts(pilot)), key
            await pilot.press("ctrl+z")
            assert pilot.app.screen.draft["learning_rate"] == 0.001


async def test_escape_stops_the_search_or_keeps_the_rate():
    async with screen() as pilot:
        for key in ("escape", "q", "F"):
            await pilot.press("F", key)
            assert pilot.session.commands[-1] == ("stop_finding_rate",), key
            assert isinstance(pilot.app.screen, TrainingScreen), key
            await pilot.press("F")
            await tell(pilot, RateFound(replace(FOUND)))  # not the one of the last search
            pilot.session.commands.clear()
            await pilot.press(key)
            assert isinstance(pilot.app.screen, TrainingScreen), key
            assert pilot.session.commands == [], key


async def test_each_search_waits_for_its_own_result():
    async with screen(is_covered=True) as pilot:
        await pilot.press("F")
        await tell(pilot, RateFound(FOUND))
        await pilot.press("escape", "F")
        assert "copy of the network" in text(pilot)
        await tell(pilot, RateFound(nothing_found("It cannot learn.")))
        assert "It cannot learn." in text(pilot)
        await pilot.press("enter", "c")
        assert isinstance(pilot.app.screen, FindRate)
        assert taken(pilot) == []


async def test_an_error_of_the_thread_ends_the_wait():
    async with screen(is_covered=True) as pilot:
        await pilot.press("F")
        await tell(pilot, PhaseChanged(Phase.FAILED, "There is not enough memory."))
        assert "There is not enough memory." in text(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TrainingScreen)


async def test_the_suggestion_is_for_the_setting_of_which_a_schedule_uses_a_part():
    config = Config(learning_rate=0.01, schedule="one-cycle", epochs=4)
    events = [canned.run_started(config), PhaseChanged(Phase.PAUSED)]
    async with screen(*events, config=config, is_covered=True) as pilot:
        await pilot.press("F")
        await tell(pilot, RateFound(FOUND))
        reason = str(pilot.app.screen.query_one("#rate-reason", Static).content)
        assert "At the next batch, the one-cycle schedule uses 4% of the setting, later" in reason
        await pilot.press("escape", "F")
        later = FOUND.for_schedule(0.5, "one-cycle")
        await tell(pilot, RateFound(later))
        words = " ".join(text(pilot).split())
        assert f"suggested setting {later.suggested:g}" in words
        assert f"Enter: take {later.suggested:g}" in words
        reason = str(pilot.app.screen.query_one("#rate-reason", Static).content)
        assert "uses at most 50% of the setting" in reason


async def test_before_the_images_are_loaded_a_toast_says_so():
    async with screen(PhaseChanged(Phase.LOADING), is_covered=True) as pilot:
        await pilot.press("F")
        assert isinstance(pilot.app.screen, TrainingScreen)
        assert any("still loading" in toast for toast in toasts(pilot))


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_dialog_fits_any_window(ascii_only):
    sizes = ((50, 16), (80, 24), (200, 60))
    async with screen(size=sizes[0], ascii=ascii_only, is_covered=True) as pilot:
        await pilot.press("F")
        await tell(pilot, RateFound(FOUND))
        for size in sizes:
            await pilot.resize_terminal(*size)
            shown = text(pilot)
            assert "suggested" in shown, size
            [ticks] = [line for line in shown.splitlines() if "1e-6" in line]
            assert len([label for label in ticks.split() if label[0].isdigit()]) >= 4, size
            if ascii_only:
                assert shown.isascii(), size


async def test_the_palette_offers_it():
    async with screen() as pilot:
        await pilot.press("colon", *"find a learning")
        await canned.until(pilot, lambda: "Find a learning rate" in text(pilot))
        await pilot.press("enter")
        await canned.until(pilot, lambda: isinstance(pilot.app.screen, FindRate))
