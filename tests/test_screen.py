"""The training screen, controlled by keys, with a session of prepared events."""

import re
from dataclasses import replace

import canned
import pytest
from canned import choose, field, frame, screen, start_over, text, toasts, until, write
from textual.screen import Screen

from core.config.config import Config
from core.config.presets import presets
from core.events import Phase, PhaseChanged, Progress, Refused, Scored, Step
from core.goals import Goal
from tui.panes.confusion import Confusion
from tui.panes.gallery import Gallery
from tui.panes.status_bar import StatusBar
from tui.screens.go_to import GoTo


async def test_all_panes_show_the_run_and_keys_send_commands_from_the_start():
    async with screen() as pilot:
        # the panes and the status bar
        shown = text(pilot)
        for words in (
            "paused",
            "epoch 4/10",
            "step 35",
            "500 images/s",
            "validation loss 0.250 acc 85.3%",
            "Loss ⠐batch ⠒avg ◆epoch ●validation",
            "Accuracy ⠐batch ⠒avg ◆epoch ●val",
            "Confusion  validation, step 30",
            "Ring → Square: 2 of 4, 50%",
            "Mistakes: 7 of 20 on validation",
            "1–6, most confident first, step 30",
            "▶Ring ",
            "→ Square 79%",
            " Bar ",
            "→ Dot 74%",
            "network 784-128-64-5",
            "109,386 parameters",
        ):
            assert words in shown

        # the tooltip
        tooltip = pilot.app.screen.query_one(StatusBar).tooltip
        assert tooltip == "109,386 parameters, trained by 1 thread"

        # the keys
        keys = {"space": "toggle", "f5": "toggle", "s": "step", "f10": "step"}
        keys |= {"e": "epoch", "t": "score"}
        assert pilot.app.focused is None
        for key, command in keys.items():
            await pilot.press(key)
            assert pilot.session.commands.pop() == (command,), key
            assert pilot.session.commands == []

        # in a field, only what a number can contain is text
        await write(pilot, "hidden", "12", "space", "s", "f5", "f10", "e", "3")
        assert pilot.session.commands == [("toggle",), ("step",), ("toggle",), ("step",)]
        assert field(pilot, "hidden").value == "12e3"


async def test_a_valid_value_is_applied_by_enter():
    async with screen() as pilot:
        # enter
        await write(pilot, "learning_rate", "0.05")
        assert pilot.session.commands == []
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.session.commands == [("change", {"learning_rate": 0.05})]
        assert pilot.app.focused is None

        # tab only moves to the next field
        await start_over(pilot)
        await write(pilot, "hidden", "64", "tab", *"0.5", "enter")
        assert pilot.app.screen.draft.wanted == Config(dropout=0.5)
        assert pilot.session.commands == [("change", {"dropout": 0.5})]

        # letters right after tab go to the next field
        await start_over(pilot)
        field(pilot, "batch_size").focus()
        await pilot.pause()
        for key in ("tab", "7"):  # without the pilot's pause between them
            pilot.app.simulate_key(key)
        await pilot.pause()
        assert field(pilot, "batch_size").value == "128"
        assert field(pilot, "hidden").value == "7"

        # enter in a list
        await start_over(pilot)
        await choose(pilot, "optimizer", "sgd")
        assert pilot.session.commands == [("change", {"optimizer": "sgd"})]

        # yes and no are a choice
        await start_over(pilot)
        await choose(pilot, "batch_norm", "yes")
        await pilot.press("r")
        assert pilot.session.commands == [("restart", Config(batch_norm=True))]

        # a preset fills the form and is pending until the restart
        await start_over(pilot)
        await choose(pilot, "preset", "notebook")
        assert field(pilot, "hidden").value == "30,10"
        assert pilot.session.commands == []
        await pilot.press("r")
        assert pilot.session.commands == [("restart", presets()["notebook"].config)]


async def test_a_value_that_clashes_with_others_is_marked_with_the_reason():
    async with screen() as pilot:
        await write(pilot, "weight_decay", "0.1", "enter")
        assert pilot.session.commands == []
        assert field(pilot, "weight_decay").has_class("-invalid")
        assert "weight decay works only" in text(pilot)
        assert pilot.app.screen.draft.wanted == Config()


async def test_an_invalid_value_is_marked_with_the_reason_and_changes_nothing():
    async with screen() as pilot:
        # not a number
        await write(pilot, "learning_rate", "1.2.3", "enter")
        assert pilot.session.commands == []
        assert field(pilot, "learning_rate").has_class("-invalid")
        assert "learning rate: enter a" in text(pilot)
        assert "number above 0" in text(pilot)
        assert "1.2.3" in text(pilot)
        assert pilot.app.screen.draft.wanted == Config()

        # escape discards it
        await start_over(pilot)
        await write(pilot, "learning_rate", "1.2.3", "escape")
        assert field(pilot, "learning_rate").value == "0.001"
        assert not field(pilot, "learning_rate").has_class("-invalid")
        assert pilot.app.focused is None
        assert "learning rate: enter" not in text(pilot)

        # a value that the run refuses
        await start_over(pilot)
        await write(pilot, "batch_size", "60000", "enter")
        pilot.session.events += [Refused("batch_size", "batch size: enter at most 50")]
        await frame(pilot)
        assert "batch size: enter at most" in text(pilot)
        assert field(pilot, "batch_size").has_class("-invalid")
        assert pilot.app.screen.draft.wanted == Config()
        await write(pilot, "batch_size", "", "escape")
        assert field(pilot, "batch_size").value == "128"
        assert "at most" not in text(pilot)

        # the next run may accept it
        await start_over(pilot)
        await write(pilot, "epochs", "2", "enter")
        pilot.session.events += [Refused("epochs", "epochs: enter 4 or more")]
        await frame(pilot)
        pilot.session.events += [canned.run_started()]
        await frame(pilot)
        await write(pilot, "epochs", "2", "enter")
        assert pilot.session.commands[-1] == ("change", {"epochs": 2})


async def test_a_setting_that_needs_a_new_network_is_pending_until_the_restart():
    async with screen() as pilot:
        await write(pilot, "hidden", "30,10", "enter")
        assert pilot.session.commands == []
        assert "hidden *" in text(pilot)
        assert "r restarts" in text(pilot)
        await pilot.press("r")
        assert pilot.session.commands == [("restart", Config(hidden=(30, 10)))]
        pilot.session.events += [canned.run_started(Config(hidden=(30, 10)))]
        await frame(pilot)
        assert "hidden *" not in text(pilot)
        assert "r restarts" not in text(pilot)


async def test_a_change_is_marked_in_the_chart_and_values_that_are_not_finite_do_not_break_it():
    without = [event for event in canned.run() if not isinstance(event, canned.Change)]
    async with screen(*without) as pilot:
        before = text(pilot)
        await frame(pilot, *canned.run())
        after = text(pilot)
        assert after.count("┴") > before.count("┴")

        bad = [
            Step(n, 4, n, 50, 5, value, 0.1, 1.0, n * 0.01, None)
            for n, value in enumerate([float("nan"), float("inf"), -float("inf"), 1e38, 1e-45], 36)
        ]
        await frame(pilot, *bad)
        assert "step 40" in text(pilot)


async def test_the_status_bar_shows_how_far_the_data_are_read_a_test_score_and_divergence():
    async with screen(Progress("reading the images", 0.4)) as pilot:
        assert "loading  reading the images 40%" in text(pilot)
        await frame(pilot, *canned.run(), Scored(canned.evaluation(35, 0.875, "test")))
        assert "step 35  test accuracy 87.5% at step 35" in text(pilot)
        pilot.app.clear_notifications()
        message = "diverged after step 36 with learning rate 3"
        await frame(pilot, PhaseChanged(Phase.DIVERGED, message))
        assert "! diverged" in text(pilot)
        assert toasts(pilot) == ["Diverged after step 36 with learning rate 3"]


async def test_what_was_decided_about_the_data_is_a_toast_once_and_a_tooltip():
    notes = tuple(f"{word} things were changed." for word in ("Some", "Other", "More", "Most"))
    started = replace(canned.run_started(), notes=notes)
    async with screen(started, PhaseChanged(Phase.PAUSED)) as pilot:
        shown = (*notes[:2], "2 more: press I.")
        assert toasts(pilot) == ["\n".join(shown)]
        tooltip = pilot.app.screen.query_one(StatusBar).tooltip
        assert tooltip.splitlines()[1:] == list(notes)
        pilot.app.clear_notifications()
        await frame(pilot, replace(started))
        assert toasts(pilot) == []


async def test_after_the_end_toasts_and_the_key_bar_say_what_still_works():
    async with screen(*canned.run()) as pilot:
        await until(pilot, lambda: bar(pilot).startswith("space Run/Pause"))
        await frame(pilot, PhaseChanged(Phase.FINISHED))
        keys = "t Score test set  b Step back  g Go to  r Restart"
        await until(pilot, lambda: bar(pilot).startswith(keys))

        # space and s
        await pilot.press("space", "s")  # the session knows best whether it is at the end
        assert pilot.session.commands == [("toggle",), ("step",)]
        await frame(pilot, *2 * [Refused("end", "the run is finished")])
        keys = "t: test set · b, g: go back · r: new run · more epochs (4) continue the run"
        assert toasts(pilot) == [keys]  # it takes the place of the toast about the end

        # a setting that is changed now, until the run is not at its end
        await canned.write(pilot, "dropout", "0.3", "enter")
        keys = "add epochs to continue with it, press r to restart with it, or u to undo."
        pending = f"Dropout 0.3 is pending: {keys}"
        assert toasts(pilot)[-1:] == [pending]
        await frame(pilot, PhaseChanged(Phase.PAUSED))
        assert pending not in toasts(pilot)
        await canned.write(pilot, "dropout", "0.4", "enter")
        assert not any("is pending" in toast for toast in toasts(pilot))
        await until(pilot, lambda: bar(pilot).startswith("space Run/Pause"))


def bar(pilot):
    """The line of keys at the bottom."""
    return text(pilot).rstrip().splitlines()[-1].strip()


async def test_escape_closes_the_toasts_if_there_is_nothing_else_to_leave():
    async with screen() as pilot:
        await pilot.press("1")
        pilot.app.notify("A toast")
        await pilot.press("escape")
        assert toasts(pilot) == ["A toast"]
        await pilot.press("escape")
        assert toasts(pilot) == []
        pilot.app.notify("First", title="About a thing")
        pilot.app.notify("Second", title="About a thing")
        await pilot.pause()
        assert toasts(pilot) == ["Second"]


async def test_a_restart_that_is_refused_says_so():
    async with screen() as pilot:
        message = "validation: enter at most 40"
        await frame(pilot, Refused("validation", message))
        assert toasts(pilot) == []  # the field tells it
        await pilot.press("r")
        await frame(pilot, Refused("validation", message))
        assert toasts(pilot) == ["Validation: enter at most 40"]


async def test_go_to_says_that_the_run_ends_before_a_goal():
    async with screen(config=Config(epochs=9)) as pilot:
        epochs, steps = pilot.app.screen.snapshot.run_end
        for goal in (f"{steps + 1}", f"epoch {epochs + 1}"):
            await pilot.press("g")
            await until(pilot, lambda: isinstance(pilot.app.screen, GoTo))
            pilot.app.focused.value = goal
            await pilot.press("enter")
            said = f"at epoch {epochs}, step {steps}"
            await until(pilot, lambda said=said: said in " ".join(text(pilot).split()))
            await pilot.press("escape")
        assert pilot.session.commands == []
        pilot.app.screen.go_to(Goal("step", steps))
        pilot.app.screen.go_to(Goal("step", steps + 1))
        assert pilot.session.commands == [("go_to_goal", Goal("step", steps))]


async def test_all_keys_work_while_the_data_is_loading():
    async with screen(PhaseChanged(Phase.LOADING)) as pilot:
        assert "loading  reading the images" in text(pilot)
        await pilot.press("space", "4", "1", "question_mark", "escape", "t", "r")
        assert pilot.session.commands == [("toggle",), ("score",), ("restart", Config())]


async def test_in_80_columns_one_pane_is_shown_at_a_time():
    async with screen(size=(80, 24)) as pilot:
        # a key for each pane
        for key, words in {
            "2": "Confusion  validation",
            "3": "Mistakes: 7 of 20 on validation",
            "4": "learning rate",
            "1": "Loss  ⠐ batch  ⠒ average  ◆ epoch",
        }.items():
            await pilot.press(key)
            await pilot.pause()
            assert words in text(pilot)
            await pilot.press("escape")
        assert "Confusion  validation" not in text(pilot)

        # the last of many quick keys wins
        for key in "12123213231":
            pilot.app.simulate_key(key)
        await pilot.pause()
        for key in "32":
            pilot.app.simulate_key(key)
        for _ in range(10):
            await pilot.pause()
        assert "Confusion  validation" in text(pilot)

        # the status bar keeps its figures
        first = text(pilot).splitlines()[0]
        for words in ("paused", "epoch 4/10", "step 35", "images/s"):
            assert words in first
        assert "validation" in text(pilot).splitlines()[1]

        # the key of the loss axis shows the loss
        await pilot.press("1", "a")
        loss = pilot.app.screen.query_one("#loss")
        assert not loss.display
        await pilot.press("l")
        await until(pilot, lambda: loss.display)
        assert "Loss (log)" in text(pilot)

        # hidden panes draw nothing
        await pilot.press("1")
        await pilot.pause()
        drawn = []
        for pane in (Confusion, Gallery):
            widget = pilot.app.screen.query_one(pane)
            widget.draw = lambda width, height, w=widget: drawn.append(w) or []
        pilot.session.events += [canned.evaluation(35)]
        await frame(pilot)
        assert drawn == []


@pytest.mark.parametrize("start", [(1, 1), (300, 100)], ids=str)
async def test_no_size_breaks_it(start):
    async with screen(size=start) as pilot:
        for size in dict.fromkeys((start, (1, 1), (20, 5), (49, 15), (50, 16), (300, 100))):
            await pilot.resize_terminal(*size)
            for key in "1234":
                await pilot.press(key, "escape")
            assert pilot.app.return_code is None
            if size < (50, 16) and size > (20, 5):
                assert "too small" in text(pilot)
                assert "Curves" not in text(pilot)


async def test_the_size_may_change_at_any_moment():
    async with screen() as pilot:
        for width, height in [(80, 24), (200, 60), (10, 3), (120, 40)]:
            await pilot.resize_terminal(width, height)
            pilot.session.events += [canned.step(pilot.app.screen.snapshot.steps + 1)]
            await frame(pilot)
        assert "step 39" in text(pilot)
        assert "Confusion  validation" in text(pilot)


async def test_help_opens_and_closes_and_q_ends_the_app():
    async with screen() as pilot:
        # help
        await pilot.press("question_mark")
        await pilot.pause()
        assert "train on one batch" in text(pilot)
        await pilot.press("s", "escape")
        assert pilot.session.commands == []
        await pilot.press("s")
        assert pilot.session.commands == [("step",)]

        # q
        await pilot.press("q")
        await pilot.pause()
        assert not pilot.app.is_running


async def test_the_help_page_scrolls_by_keys():
    async with screen(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: "run or pause" in text(pilot))
        await pilot.press("pagedown")
        await until(pilot, lambda: "fashion-tui" not in text(pilot))
        await pilot.press("end")
        await until(pilot, lambda: "no setting is tuned on it" in text(pilot))


async def test_a_key_that_no_widget_handles_counts_once():
    """Otherwise the number of keys that may wait would grow without bound."""
    async with screen() as pilot:
        before = pilot.app.handled_keys
        await pilot.press(*"ZZZZ")
        assert pilot.app.handled_keys - before == 4


async def test_what_changes_behind_an_opaque_screen_is_shown_when_it_closes():
    async with screen(*canned.run(steps=20)) as pilot:
        await pilot.app.push_screen(Screen())
        pilot.app.session.events += canned.run(steps=60)[24:]
        pilot.app.screen_stack[0].fetch()
        await pilot.pause(0.5)
        await pilot.app.pop_screen()
        await until(pilot, lambda: set(re.findall(r"\bstep (\d+)", text(pilot))) == {"60"})
