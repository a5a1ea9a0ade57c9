"""The sweep screen, with a sweep whose events are made up."""

import re
from contextlib import asynccontextmanager

import canned
import pytest
from canned import painted_once, screen, text, toasts, until
from run_files import write_run
from test_sweep_state import begun, done, plan
from textual import events

import tui.run.sweeping
import tui.screens.sweep.screen
from core.config.config import Config
from core.events import Phase, PhaseChanged
from core.experiments.sweep_state import ImportancesFound, SweepEnded, SweepStarted
from tui.panes.settings.entry import OptionSelect
from tui.screens.help import Help
from tui.screens.runs.compare import CompareScreen
from tui.screens.runs.prompt import Confirm
from tui.screens.sweep.draft import SEARCHED
from tui.screens.sweep.entry import EntryRow, OptionRow
from tui.screens.sweep.plots import FieldPlots
from tui.screens.sweep.screen import SweepScreen
from tui.screens.sweep.trials import TrialTable
from tui.screens.training.screen import TrainingScreen

RATES = (0.001, 0.01, 0.1)
PROMPT = "Enter values or a range beside a setting, or the name of a study"


class MadeUpSweep:
    """Stands in for the process of a sweep."""

    started = []

    def __init__(self, request, observe):
        self.request, self.tell = request, observe
        self.is_stopped = False
        MadeUpSweep.started.append(self)

    def stop(self):
        self.is_stopped = True
        self.tell(SweepEnded())

    def close(self, timeout):
        self.stop()


@pytest.fixture(autouse=True)
def started(monkeypatch):
    """The sweeps that were started."""
    pytest.importorskip("optuna")
    monkeypatch.setattr(tui.run.sweeping, "BackgroundSweep", MadeUpSweep)
    MadeUpSweep.started = []
    return MadeUpSweep.started


@asynccontextmanager
async def opened(key="E", **options):
    async with screen(**options, is_covered=True) as pilot:
        await open_it(pilot, key)
        yield pilot


async def open_it(pilot, key="E"):
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
    await pilot.pause()


def row(pilot, name):
    return pilot.app.screen.query_one(f"#sweep-{name}", EntryRow)


async def enter(pilot, name, value):
    row(pilot, name).query_one("Entry").focus()
    await pilot.pause()
    await pilot.press(*value)
    await pilot.pause()


def plan_text(pilot):
    return str(pilot.app.screen.query_one("#sweep-plan").content)


async def tell(pilot, *events):
    for event in events:
        MadeUpSweep.started[-1].tell(event)
    pilot.app.screen._look()
    await pilot.pause()
    for pane in pilot.app.screen.query("FieldPlots"):
        pane.flush_redraw()
    await pilot.pause()


def trials():
    """A sweep over three rates and two seeds, half of it done."""
    yield SweepStarted("calm-crane", plan("learning-rate=0.001,0.01,0.1", "seed=0,1"), True, ())
    for number, rate in enumerate(RATES):
        yield done(number, 0.8 + number / 50, learning_rate=rate, seed=0)
    yield begun(3, 2, 0.81, learning_rate=0.001, seed=1)


async def test_a_form_of_the_settings_makes_the_sweep(started):
    async with opened() as pilot:
        shown = text(pilot)
        for part in ("learning rate", "0.001", "sampler", "a new name"):
            assert part in shown
        await pilot.press("enter", "enter")
        assert plan_text(pilot) == PROMPT
        assert not started
        # Space proposes values, again takes them back, and marks the field.
        await enter(pilot, "optimizer", "")
        await pilot.press("down", "space")
        await until(pilot, lambda: "3 combinations" in plan_text(pilot))
        assert "● learning rate" in text(pilot)
        await pilot.press("space")
        await until(pilot, lambda: "values or a range beside" in plan_text(pilot))
        # What is wrong is said at once, in the words of the command.
        await enter(pilot, "dropout", "0.5..0")
        await until(pilot, lambda: "is reversed" in plan_text(pilot))
        about = str(pilot.app.screen.query_one("#sweep-about").content)
        assert about.startswith("Fraction of the hidden outputs")
        assert "! dropout" in text(pilot)
        await pilot.press("enter", "enter")
        assert not started
        row(pilot, "dropout").propose("0,0.2")
        await enter(pilot, "batch-size", "32,64")
        await enter(pilot, "epochs-", "3")
        await enter(pilot, "jobs-", "2")
        await enter(pilot, "study-", "calm-crane")
        pilot.app.screen.query_one("#sweep-prune", OptionRow).action_choose(1)
        await until(pilot, lambda: "4 combinations once: 4 runs of 3" in plan_text(pilot))
        await pilot.press("enter", "enter")  # at once, whether the plan was checked or not
        await until(pilot, lambda: started)
        request = started[0].request
        assert str(request.space) == "batch size 32, 64; dropout 0, 0.2"
        assert (request.config.epochs, request.jobs, request.prune) == (3, 2, True)
        assert (request.study, request.data, request.runs) == (
            "calm-crane",
            canned.Path("data"),
            None,
        )
        # The sweep continues when the screen is closed, and the form keeps its texts.
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        assert toasts(pilot)[-1] == "The sweep continues; E shows it."
        started[0].tell(SweepEnded("the disk is full"))
        await until(pilot, lambda: toasts(pilot)[-1] == "The disk is full.")
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
        await pilot.press("n")
        await pilot.pause()
        assert row(pilot, "dropout").query_one("Entry").value == "0,0.2"


async def test_keys_are_text_where_they_can_be_part_of_it_and_a_question_mark_is_help_elsewhere():
    async with opened() as pilot:
        setting = row(pilot, "learning-rate").query_one("Entry")
        setting.focus()
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, Help))
        assert setting.value == ""
        await pilot.press("escape")
        study = row(pilot, "study-").query_one("Entry")
        study.focus()
        await pilot.press("question_mark")
        assert study.value.endswith("?")
        await enter(pilot, "study-", ["q", "E"])
        assert study.value.endswith("qE")
        await enter(pilot, "learning-rate", "1E-3")
        assert setting.value == "1E-3"
        assert not row(pilot, "learning-rate").fault


async def test_the_keys_that_close_it_do_so_in_a_field_whose_values_do_not_have_them():
    async with screen() as pilot:
        for key in ("q", "E"):
            for name in ("optimizer", "learning-rate", "batch-norm", "trials-"):
                with painted_once(pilot.app):
                    await open_it(pilot)
                    field = row(pilot, name).query_one("Entry")
                    field.focus()
                    await pilot.press(key)
                    await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
                assert field.value == "", (key, name)
    options = [getattr(setting.kind, "options", ()) for setting in SEARCHED]
    assert "q" not in "".join(map("".join, options))


async def test_escape_in_an_open_list_of_the_form_changes_nothing():
    async with opened() as pilot:
        options = pilot.app.screen.query_one("#sweep-sampler OptionSelect", OptionSelect)
        options.focus()
        await pilot.pause()
        await pilot.press("enter", "right", "down", "escape")
        await pilot.pause()
        assert options.value == "automatic"
        assert toasts(pilot) == ["Up, down or first letters choose, Enter applies, Escape closes."]
        await pilot.press("right")
        assert options.value == "grid"


async def test_epochs_beside_only_the_name_of_a_study_are_asked_for(started):
    async with opened() as pilot:
        await enter(pilot, "study-", "calm-crane")
        await enter(pilot, "epochs-", "7")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: started)
        request = started[0].request
        assert (request.space, request.given, request.config.epochs) == (None, {"epochs"}, 7)
        fault = "the study calm-crane is for another sweep: its epochs is 5, now 7. Give it the "
        fault += "same options, or choose another name with --study"
        await tell(pilot, SweepEnded(fault))
        await until(pilot, lambda: "its epochs is 5, now 7" in text(pilot))


async def test_the_trials_are_shown_best_first_and_their_settings_taken(started, tmp_path):
    async with opened("N") as pilot:
        assert row(pilot, "seed").query_one("Entry").value == "0,1,2,3,4"
        assert "same settings with 5 seeds" in plan_text(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: started)
        await tell(pilot, *trials(), ImportancesFound({"learning_rate": 0.9, "seed": 0.1}))
        table = pilot.app.screen.query_one(TrialTable)
        assert [trial.number for trial in table.trials] == [2, 1, 3, 0]
        shown = text(pilot)
        for part in (
            *("3 of 6 trials done   1 training   about", "84.00%", "epoch 2 of 4"),
            *("learning rate  importance 90%", "run-2", "Learning rate 0.1: 84.00% (1 seed)"),
        ):
            assert part in shown, part
        # The cursor stays on its trial when a better one is done.
        await pilot.press("down")
        await tell(pilot, done(3, 0.9, learning_rate=0.001, seed=1))
        assert [trial.number for trial in table.trials] == [3, 2, 1, 0]
        assert table.selected.number == 1
        # A key that works at other times says so.
        await pilot.press("g")
        assert toasts(pilot)[-1] == "g (Continue) does nothing now."
        # Marks, and what cannot be compared.
        await pilot.press("space", "space")
        assert table.border_subtitle.startswith("2 marked")
        await pilot.press("c")
        assert "not kept, so they cannot be compared" in toasts(pilot)[-1]
        # Stopping asks; finished trials are kept.
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: started[0].is_stopped)
        await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
        pilot.app.screen._look()
        await until(pilot, lambda: "2 trials are left. Press g to continue" in text(pilot))
        await pilot.press("g")
        await until(pilot, lambda: len(started) == 2)
        assert started[1].request.study == "calm-crane"
        assert pilot.app._training._experiments._sweep._sweeping.is_active
        await tell(pilot, *trials())
        line = pilot.app.stop_sweep()
        command = "fashion-tui sweep --study calm-crane --data data --no-keep"
        assert line.endswith(f"To continue: {command}")
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        training = pilot.app.screen
        assert (training.draft["learning_rate"], training.draft["epochs"]) == (0.1, 4)
        assert not [name for name, *_ in pilot.session.commands if name == "change"]
        assert "r starts a run with them" in toasts(pilot)[-1]
        await pilot.press("u")
        assert training.draft["epochs"] == Config().epochs


async def test_the_next_sweep_is_estimated_by_the_speed_of_the_last_one(started, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(tui.run.sweeping, "monotonic", lambda: now[0])
    async with screen(canned.run_started(Config()), PhaseChanged(Phase.PAUSED)) as pilot:
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
        await enter(pilot, "learning-rate", "0.001,0.01")
        await until(pilot, lambda: "A time estimate appears after the first" in plan_text(pilot))
        pilot.app.screen.query_one("#sweep-start").focus()
        await pilot.press("enter")
        await until(pilot, lambda: len(started) == 1)
        await tell(pilot, SweepStarted("crane", plan("learning-rate=0.001,0.01"), True, ()))
        for epoch in range(1, 5):
            now[0] += 7
            await tell(pilot, begun(0, epoch, 0.5, learning_rate=0.001))
        await tell(pilot, done(0, 0.5, learning_rate=0.001), SweepEnded())
        now[0] += 1000
        await pilot.press("n")
        await pilot.pause()
        epochs = 2 * pilot.app._training.draft["epochs"]
        about = f"About {epochs * 7 / 60:.0f} min at the last sweep's speed"
        assert about in plan_text(pilot)


async def test_a_sweep_that_is_just_starting_is_reported_when_the_program_ends(started):
    async with opened("N") as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: started)
        study = started[0].request.study
        assert pilot.app.stop_sweep() == (
            f"The sweep {study} was stopped. To continue: "
            f"fashion-tui sweep --study {study} --data data --no-keep"
        )
        assert not pilot.app.stop_sweep()  # once


async def test_a_sweep_that_cannot_start_says_why_when_the_program_ends(started, monkeypatch):
    monkeypatch.setattr(MadeUpSweep, "stop", lambda self: self.tell(SweepEnded("the disk is full")))
    async with opened("N") as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: started)
        assert pilot.app.stop_sweep().endswith("did not start: the disk is full")


async def test_the_curves_of_marked_trials_are_compared(started, tmp_path, monkeypatch):
    monkeypatch.setattr(canned.CannedSession, "runs", tmp_path)
    for number in range(3):
        write_run(tmp_path, f"run-{number}")
    async with opened("N") as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: started)
        await tell(pilot, *trials())
        await pilot.press("space", "space", "c")  # the first two
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        await until(pilot, lambda: pilot.app.screen.compared)
        compared = pilot.app.screen.compared.runs
        assert [(run.name, run.mark) for run in compared] == [("run-2", 0), ("run-1", 1)]


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_it_fits_any_window(ascii_only, started):
    sizes = ((50, 16), (80, 24), (200, 60))
    async with opened("N", size=sizes[0], ascii=ascii_only) as pilot:
        for size in sizes:
            await pilot.resize_terminal(*size)
            assert pilot.app.screen.query_one("#sweep-what").size.height >= 4, size
            await until(pilot, lambda: "same settings with 5 seeds" in plan_text(pilot))
            await until(pilot, lambda: "Start" in text(pilot))
            assert text(pilot).isascii() or not ascii_only, size
        await pilot.press("enter")
        await until(pilot, lambda: started)
        await tell(pilot, *trials())
        for size in reversed(sizes):
            await pilot.resize_terminal(*size)
            await tell(pilot)
            shown = text(pilot)
            assert "84.00%" in shown, size
            assert "3 of 6 trials done" in shown, size
            assert shown.isascii() or not ascii_only, size
            small = size[0] < 110
            assert ("importance" in shown or "Validation accuracy of" in shown) is not small, size
            if small:
                await pilot.press("v")
                await pilot.pause()
                assert "Validation accuracy of" in text(pilot), size
                assert text(pilot).isascii() or not ascii_only, size
                await pilot.press("v")


async def test_at_80_columns_the_key_bar_has_all_keys_of_the_trials(started):
    async with opened("N", size=(80, 24)) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: started)
        assert "Starting 1 process   " in text(pilot)
        await tell(pilot, *trials())
        keys = ("Enter use", "b Best", "x Stop", "v Charts", "c Compare", "space Mark", "esc Close")
        await until(pilot, lambda: all(key in text(pilot) for key in keys))
        await tell(pilot, SweepEnded())
        await until(pilot, lambda: "g Continue" in text(pilot))
        assert "n New" in text(pilot)


async def test_the_best_trial_is_in_the_charts_even_if_most_others_failed(started):
    async with opened("N") as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: started)
        rates = (0.1, 1, 2, 3, 4, 5, 6, 7)
        listed = ",".join(map(str, rates))
        await tell(pilot, SweepStarted("calm-crane", plan(f"learning-rate={listed}"), True, ()))
        accuracies = (0.1,) * 7 + (0.85,)
        for number, (rate, accuracy) in enumerate(zip(rates, accuracies, strict=True)):
            await tell(pilot, done(number, accuracy, learning_rate=rate))
        assert re.search("(75|80)%┤", text(pilot)), text(pilot)


async def test_a_border_that_was_drawn_ahead_and_dropped_is_made_later(started):
    async with opened("N") as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: started)
        await tell(pilot, *trials())
        plots = pilot.app.screen.query_one(FieldPlots)
        plots._border_texts, plots._drawn_ahead = ("", ""), True
        plots.border_title = ""
        plots.draw(*plots.size)
        plots.redraw()  # by another event, before what was drawn ahead is painted
        await pilot.pause()
        assert "Validation accuracy of each trial" in str(plots.border_title)


async def test_a_key_that_moves_the_focus_is_waited_for():
    """Keys that come faster than the screen answers go to the field that they are meant for."""
    async with opened() as pilot:
        for key, character in (("down", None), ("0", "0"), ("down", None), ("x", "x")):
            pilot.app.post_message(events.Key(key, character))
        await until(pilot, lambda: row(pilot, "schedule").query_one("Entry").value == "x")
        assert row(pilot, "learning-rate").query_one("Entry").value == "0"


async def test_without_optuna_one_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(tui.screens.sweep.screen, "find_spec", lambda name: None)
    async with screen() as pilot:
        await pilot.press("E")
        await until(pilot, lambda: "pip install 'fashion-tui[sweep]'" in text(pilot))
        await pilot.press("space", "c", "b", "x", "n", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))


async def test_before_the_images_are_loaded_a_toast_says_so():
    async with screen(PhaseChanged(Phase.LOADING)) as pilot:
        await pilot.press("E")
        assert "The images are still loading." in toasts(pilot)
