"""The settings pane, controlled by keys and mouse, with a session of prepared events."""

import canned
import pytest
from canned import (
    choose,
    field,
    frame,
    painted_once,
    screen,
    start_over,
    text,
    toasts,
    until,
    write,
)
from textual.dom import DOMNode
from textual.events import MouseScrollDown, MouseScrollUp
from textual.widgets import OptionList, Select

from core.config.config import SETTINGS, Config
from core.config.presets import presets
from core.events import Branch, Change, Phase, PhaseChanged, Refused, RunMoved
from tui.panes.settings.draft import Draft
from tui.panes.settings.entry import OptionSelect, SettingValidator
from tui.panes.settings.field import Field
from tui.panes.settings.form import Form
from tui.panes.settings.section import Section
from tui.panes.settings.setting_help import SettingHelp, explanation, fitted, pending_notice
from tui.screens.help import Help

MOUSE = {"scroll_up": MouseScrollUp, "scroll_down": MouseScrollDown}


def run(config):
    """A run of this config that has not yet done a step."""
    return [canned.run_started(config), PhaseChanged(Phase.PAUSED), canned.evaluation(0, 0.2)]


def form(pilot):
    return pilot.app.screen.query_one(Form)


def wanted(pilot):
    """The config that a restart would use."""
    return pilot.app.screen.draft.wanted


def changes(pilot):
    """The changes sent to the run, in order."""
    sent = [command[1] for command in pilot.session.commands if command[0] == "change"]
    return [item for values in sent for item in values.items()]


async def focus(pilot, name):
    """Focuses a setting, after unfolding its group."""
    if name != "preset":
        await form(pilot).reveal(name)
    pilot.app.screen.query_one(f"#field-{name}").query_one("ValueInput, OptionSelect").focus()
    await pilot.pause()


def unfold_all(pilot):
    for section in pilot.app.screen.query(Section):
        section.collapsed = False


async def explained(pilot):
    """Waits for the explanation, which appears a moment after the focus moves."""
    await pilot.pause(0.1)
    await pilot.pause()


def heading(pilot, group):
    titles = pilot.app.screen.query("CollapsibleTitle")
    return next(title for title in titles if title.label.plain.startswith(group))


def title(pilot, group):
    return heading(pilot, group).label.plain


def shown(pilot, name):
    """What the field of a setting shows."""
    control = pilot.app.screen.query_one(f"#field-{name}").query_one("ValueInput, OptionSelect")
    return control.value


async def press(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()


async def test_the_main_settings_come_first_and_each_group_counts_what_differs_from_the_preset():
    config = presets()["default"].config.replace(warmup=0.1, l2=0.2, flip=0.5)
    async with screen(*run(config), size=(200, 45), config=config) as pilot:
        shown = text(pilot)
        shown = shown[shown.index("preset") :]  # without the line of the status
        labels = "preset", "optimizer", "learning rate", "schedule", "batch size", "hidden"
        places = [shown.index(f"{label} ") for label in (*labels, "dropout", "epochs")]
        assert places == sorted(places)
        for words in (
            "▸ optimizer ",
            "▸ network ",
            "▸ run ",
            "▸ schedule · 1 differs ",
            "▸ regularization · 2 differ ",
            "▸ data ",
        ):
            assert words in shown
        assert "beta2" not in shown


async def test_a_group_opens_and_closes_by_keys_and_by_a_click_on_its_heading():
    async with screen(size=(120, 70)) as pilot:
        # enter and the arrows
        heading(pilot, "schedule").focus()
        for key, visible in (
            ("right", True),
            ("right", True),
            ("left", False),
            ("enter", True),
            ("enter", False),
        ):
            await press(pilot, key)
            assert ("warmup" in text(pilot)) == visible, key

        # a click on the heading
        assert "▸ schedule" in text(pilot)
        await pilot.click(heading(pilot, "schedule"))
        await pilot.pause()
        assert "▾ schedule" in text(pilot)
        assert "warmup" in text(pilot)


async def test_headings_and_names_take_keys_and_clicks():
    async with screen() as pilot:
        # tab reaches a heading
        await focus(pilot, "beta2")
        await press(pilot, "tab")
        assert pilot.app.focused is heading(pilot, "network")

        # space and s steer the run from a heading and from a list
        heading(pilot, "network").focus()
        await press(pilot, "space", "s")
        await focus(pilot, "optimizer")
        await press(pilot, "space", "s")
        assert pilot.session.commands == [("toggle",), ("step",)] * 2
        assert "▸ network" in text(pilot)

        # a click on the name of a setting focuses its field
        await pilot.click("#field-batch_size", offset=(2, 0))
        assert pilot.app.focused is field(pilot, "batch_size")
        await pilot.click("#field-optimizer", offset=(2, 0))
        assert pilot.app.focused.value == "adam"


async def turn_wheel(pilot, turn, target):
    await pilot._post_mouse_events([MOUSE[turn]], target, button=0)
    await pilot.pause()


async def test_arrow_keys_and_the_wheel_put_the_next_value_in_a_field_which_enter_applies():
    steps = [("up", "0.002"), ("up", "0.005"), ("up", "0.01"), ("down", "0.005"), ("down", "0.002")]
    async with screen() as pilot:
        # as if it was typed, and selected, so that typing replaces it
        await focus(pilot, "learning_rate")
        entry = field(pilot, "learning_rate")
        for key, value in steps:
            await press(pilot, key)
            assert entry.value == entry.selected_text == value
        assert changes(pilot) == []
        assert pilot.app.focused is entry
        await press(pilot, "enter")
        assert changes(pilot) == [("learning_rate", 0.002)]
        assert pilot.app.focused is None
        await focus(pilot, "learning_rate")
        await press(pilot, "up", *"0.3", "enter")
        assert changes(pilot)[1:] == [("learning_rate", 0.3)]

        # a minus within a number is typed
        await start_over(pilot)
        await write(pilot, "learning_rate", "1e-4", "enter")
        assert changes(pilot) == [("learning_rate", 0.0001)]

        # it starts from what is typed, or else from the value of the setting
        await start_over(pilot)
        await write(pilot, "learning_rate", "0.3", "up", "enter")
        assert changes(pilot) == [("learning_rate", 0.5)]
        await write(pilot, "learning_rate", "1.2.3", "down", "enter")
        assert changes(pilot)[1:] == [("learning_rate", 0.3)]  # which stood there before
        assert "learning rate: enter" not in text(pilot)

        # it stays within the range
        await start_over(pilot)
        await write(pilot, "dropout", "0.95", "up", "up")
        assert field(pilot, "dropout").value == "0.95"
        await press(pilot, "enter")
        assert changes(pilot) == [("dropout", 0.95)]

        # the wheel turns only the focused field
        await start_over(pilot)
        await focus(pilot, "learning_rate")
        for turn, value in (("scroll_up", "0.002"), ("scroll_down", "0.001")):
            await turn_wheel(pilot, turn, "#field-learning_rate ValueInput")
            assert entry.value == entry.selected_text == value
        await turn_wheel(pilot, "scroll_up", "#field-batch_size ValueInput")
        assert field(pilot, "batch_size").value == "128"
        assert changes(pilot) == []


async def test_a_next_value_that_was_not_entered_changes_nothing():
    said = ['Learning rate is still 0.001: "0.002" was not applied. Enter applies a value.']
    async with screen() as pilot:
        for leave in ("escape", "tab", "shift+tab", "click", "u", "ctrl+z", "x"):
            await start_over(pilot)
            await focus(pilot, "learning_rate")
            await press(pilot, "up")
            assert field(pilot, "learning_rate").value == "0.002", leave
            if leave == "click":
                await pilot.click("#field-batch_size")
                await pilot.pause()
            else:
                await press(pilot, leave)
            assert field(pilot, "learning_rate").value == "0.001", leave
            assert changes(pilot) == [], leave
            assert toasts(pilot) == ([] if leave in ("escape", "u", "ctrl+z") else said), leave


async def test_the_layer_under_the_cursor_gets_the_next_value_or_else_the_last():
    async with screen() as pilot:
        await focus(pilot, "hidden")
        await press(pilot, "up", "down")
        assert field(pilot, "hidden").value == "128,64"
        await press(pilot, "up", "home", "up", "up", "down")
        assert field(pilot, "hidden").value == "256,128"
        assert wanted(pilot).hidden == (128, 64)
        await press(pilot, "enter")
        assert wanted(pilot).hidden == (256, 128)
        await write(pilot, "hidden", "0", "enter")
        await focus(pilot, "hidden")
        await press(pilot, "up", "down")
        assert field(pilot, "hidden").value == "none"
        assert pilot.session.commands == []


async def test_a_list_opens_by_up_down_and_enter_and_enter_applies_what_is_chosen_in_it():
    async with screen() as pilot:
        options = pilot.app.screen.query_one("#field-optimizer Select", Select)
        for key, leave in (("up", "tab"), ("down", "shift+tab"), ("enter", "escape")):
            await focus(pilot, "optimizer")
            await press(pilot, key)
            assert options.expanded
            assert highlighted(pilot, "optimizer") == "adam"
            await press(pilot, "down", leave)  # which changes nothing
            assert not options.expanded
            assert shown(pilot, "optimizer") == "adam"
        assert changes(pilot) == []
        assert pilot.app.focused is options

        await press(pilot, "down", "up", "up", "enter")
        assert changes(pilot) == [("optimizer", "adagrad")]
        assert pilot.app.focused is options

        # yes or no is a list of two
        await start_over(pilot)
        await focus(pilot, "batch_norm")
        await press(pilot, "down", "down", "enter", "r")
        assert pilot.session.commands == [("restart", Config(batch_norm=True))]


async def test_left_right_and_the_wheel_neither_change_a_closed_list_nor_fold_its_group():
    async with screen() as pilot:
        for name in ("optimizer", "batch_norm"):
            await focus(pilot, name)
            before = shown(pilot, name)
            for key in ("left", "right"):
                pilot.app.clear_notifications()
                await press(pilot, key)
                assert toasts(pilot) == ["Enter opens the list."]
            for turn in ("scroll_up", "scroll_down"):
                await turn_wheel(pilot, turn, f"#field-{name} OptionSelect")
            assert shown(pilot, name) == before
            assert wanted(pilot) == Config()
            assert pilot.app.focused is pilot.app.screen.query_one(f"#field-{name} OptionSelect")
            assert pilot.app.focused.region.height  # its group is unfolded


async def test_the_signs_are_text_in_a_number_field_and_the_equals_sign_is_none():
    async with screen() as pilot:
        await write(pilot, "learning_rate", "4-1")
        assert field(pilot, "learning_rate").value == "4-1"
        await press(pilot, "escape")
        for typed in ("-1", "+1"):
            await write(pilot, "learning_rate", typed)
            assert field(pilot, "learning_rate").value == typed
            await press(pilot, "escape")
        assert changes(pilot) == []

        await write(pilot, "learning_rate", "-1", "enter")
        await explained(pilot)
        shown = str(form(pilot).query_one(SettingHelp).render())
        assert shown.startswith("! learning rate: enter a number above 0")
        assert changes(pilot) == []
        assert pilot.app.focused is field(pilot, "learning_rate")
        await press(pilot, "escape")
        assert field(pilot, "learning_rate").value == "0.001"

        await write(pilot, "learning_rate", "=")
        assert field(pilot, "learning_rate").value == "0.001"
        assert toasts(pilot) == ["= does nothing here; ? lists the keys."]


def highlighted(pilot, name):
    """The option that the open list of a setting would take."""
    options = pilot.app.screen.query_one(f"#field-{name} OptionList", OptionList)
    return str(options.highlighted_option.prompt).split()[0]


async def test_in_an_open_list_a_key_selects_an_option_or_says_what_does():
    async with screen() as pilot:
        await focus(pilot, "optimizer")
        await press(pilot, "enter")
        for key, optimizer in (("up", "rmsprop"), ("down", "adam"), ("m", "momentum")):
            await press(pilot, key)
            assert highlighted(pilot, "optimizer") == optimizer
            assert toasts(pilot) == []
        for key in ("left", "right", *"gxe.4+/ "):
            pilot.app.clear_notifications()
            await press(pilot, key)
            assert highlighted(pilot, "optimizer") == "momentum"
            assert toasts(pilot) == [
                "Up, down or first letters choose, Enter applies, Escape closes."
            ]
        await press(pilot, *"adamw")
        assert highlighted(pilot, "optimizer") == "adamw"
        assert pilot.session.commands == []

        # notes beside the options are not searched
        await press(pilot, "escape")
        await focus(pilot, "preset")
        await press(pilot, "down", *"best")
        assert highlighted(pilot, "preset") == "best"
        await pilot.pause(0.8)  # then letters begin anew
        pilot.app.clear_notifications()
        await press(pilot, "c")  # as in "changes"
        assert highlighted(pilot, "preset") == "best"
        assert len(toasts(pilot)) == 1


async def test_the_keys_of_help_and_of_the_end_work_in_an_open_list_and_stand_in_its_key_bar():
    async with screen() as pilot:
        await focus(pilot, "optimizer")
        await press(pilot, "enter")
        end = "esc Close the list  ? Help  q Quit"
        await until(pilot, lambda: text(pilot).rstrip().endswith(end))
        await press(pilot, "?")
        assert isinstance(pilot.app.screen, Help)
        await press(pilot, "escape", "escape")
        await focus(pilot, "optimizer")
        await press(pilot, "enter")  # alone: the pilot waits minutes for an app that ends meanwhile
        await press(pilot, "q")
        assert pilot.app._exit


async def test_entering_the_preset_of_a_form_that_differs_from_it_takes_its_settings():
    async with screen() as pilot:
        await canned.write(pilot, "dropout", "0.3", "enter")
        assert form(pilot).enter("preset", "default")
        assert wanted(pilot) == presets()["default"].config


async def test_settings_that_take_effect_at_a_restart_have_a_sign_from_the_start():
    async with screen(size=(120, 70)) as pilot:
        unfold_all(pilot)
        await pilot.pause()
        assert "↻ takes effect at a restart" in text(pilot)
        for setting in SETTINGS.values():
            field = pilot.app.screen.query_one(f"#field-{setting.name}")
            assert ("↻" in str(field.render())) == (setting.applies == "restart")


async def test_the_focused_setting_is_explained():
    async with screen() as pilot:
        for size in ((120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await press(pilot, "escape", "4")
            await explained(pilot)
            assert "Step size of each update" in text(pilot)
            assert "If it is too small" in text(pilot)
            await press(pilot, "escape")
            await explained(pilot)
            assert "Step size of each update" not in text(pilot)
            assert "109,386 parameters" in text(pilot)


async def test_pending_changes_are_counted_until_the_restart():
    async with screen() as pilot:
        # a change that the run takes at once is not pending
        await write(pilot, "learning_rate", "0.5", "enter")
        assert "r restarts" not in text(pilot)
        pilot.session.events += [Change(35, "learning_rate", 0.001, 0.5)]
        await frame(pilot)
        assert "r restarts" not in text(pilot)

        # others are counted until the restart
        await write(pilot, "seed", "1", "enter")
        assert "* 1 pending: r restarts" in text(pilot)
        await write(pilot, "hidden", "10", "enter")
        assert "* 2 pending: r restarts" in text(pilot)
        pilot.session.events += run(wanted(pilot))
        await frame(pilot)
        assert "r restarts" not in text(pilot)


async def test_the_heading_of_a_folded_group_marks_pending_and_invalid_values():
    async with screen(size=(120, 70)) as pilot:
        # something is pending
        await write(pilot, "seed", "7", "enter")
        await press(pilot, "4")
        heading(pilot, "run").focus()
        await press(pilot, "left")
        assert title(pilot, "run") == "run · 1 differs *"
        await press(pilot, "right")
        assert title(pilot, "run") == "run"

        # something is invalid
        await start_over(pilot)
        await write(pilot, "seed", "7.5", "enter")
        assert "seed !" in text(pilot)
        heading(pilot, "run").focus()
        await press(pilot, "left")
        assert title(pilot, "run") == "run !"
        assert "seed: enter a" in text(pilot)


async def test_a_refused_setting_is_unfolded():
    async with screen() as pilot:
        await choose(pilot, "preset", "sprint")
        pilot.session.events += [Refused("validation", "validation: enter less than 50")]
        await frame(pilot)
        assert field(pilot, "validation").has_class("-invalid")
        assert "validation: enter less" in text(pilot)
        assert title(pilot, "data") == "data"


async def test_a_preset_fills_the_folded_groups_too():
    best = presets()["best"].config
    async with screen(size=(200, 45)) as pilot:
        await choose(pilot, "preset", "best")
        assert wanted(pilot) == best
        assert title(pilot, "regularization") == "regularization *"
        await form(pilot).reveal("flip")
        await pilot.pause()
        assert field(pilot, "flip").value == "0.5"
        assert "flip *" in text(pilot)


async def test_a_preset_is_chosen_with_enter_in_its_list_which_counts_what_it_changes():
    async with screen() as pilot:
        await press(pilot, "4")
        await focus(pilot, "preset")
        await press(pilot, "down")  # opens the list
        best = presets()["best"].config
        count = sum(getattr(best, name) != getattr(Config(), name) for name in SETTINGS)
        await until(pilot, lambda: f"best  changes {count} settings" in text(pilot))
        await press(pilot, "down", "down", "escape", "tab")
        assert wanted(pilot) == Config()
        await choose(pilot, "preset", "best")
        assert wanted(pilot) == presets()["best"].config


async def test_a_preset_applies_at_once_before_the_first_step_and_waits_for_a_restart_after_it():
    best, paused = presets()["best"].config, PhaseChanged(Phase.PAUSED)
    async with screen(canned.run_started(Config()), paused) as pilot:
        await choose(pilot, "preset", "best")
        assert pilot.session.commands == [("restart", best)]
        await frame(pilot, canned.run_started(best), paused)
        await press(pilot, "ctrl+z")
        assert pilot.session.commands.pop() == ("restart", Config())
        await frame(pilot, canned.run_started(Config()), paused, canned.step(1))
        pilot.session.commands.clear()
        await choose(pilot, "preset", "best")
        assert pilot.session.commands == []


async def test_the_description_of_a_preset_is_shown():
    default = presets()["default"].config
    async with screen(*run(default), size=(200, 70), config=default) as pilot:
        for size in ((200, 70), (120, 40), (110, 32)):
            await pilot.resize_terminal(*size)
            await explained(pilot)
            assert "784-128-64-10 with Adam" in text(pilot)
        await choose(pilot, "preset", "best")
        assert "784-512-256-10, tuned for" in text(pilot)


async def test_a_preset_is_marked_as_changed_and_can_be_picked_again():
    default = presets()["default"].config
    async with screen(*run(default), config=default) as pilot:
        # marked as changed while the fields differ from it
        assert "preset ↻" in text(pilot)
        await write(pilot, "learning_rate", "0.5", "enter")
        assert "preset (differs)" in text(pilot)
        assert "1 setting differs from the" in text(pilot)
        assert "with Adam" not in text(pilot)
        await press(pilot, "ctrl+z")
        assert "preset ↻" in text(pilot)

        # picked again, it restores the fields
        default = presets()["default"].config
        await write(pilot, "hidden", "7", "enter")
        await focus(pilot, "preset")
        await press(pilot, "enter", "enter")
        assert field(pilot, "hidden").value == "128,64"
        assert wanted(pilot) == default
        await press(pilot, "ctrl+z")
        assert field(pilot, "hidden").value == "7"


async def test_undo_restores_one_change_after_the_other():
    async with screen() as pilot:
        # several settings
        await write(pilot, "learning_rate", "0.5", "enter")
        await write(pilot, "batch_size", "10", "enter")
        await write(pilot, "hidden", "7", "enter")
        await press(pilot, "ctrl+z", "ctrl+z", "ctrl+z")
        assert changes(pilot)[2:] == [("batch_size", 128), ("learning_rate", 0.001)]
        assert toasts(pilot) == [
            "Undone: hidden back to 128,64",
            "Undone: batch size back to 128",
            "Undone: learning rate back to 0.001",
        ]
        assert [field(pilot, n).value for n in ("hidden", "batch_size", "learning_rate")] == [
            *("128,64", "128", "0.001")
        ]
        assert wanted(pilot) == Config()
        await press(pilot, "ctrl+z")
        assert toasts(pilot)[-1] == "Nothing to undo."

        # each entered value is a change, however many next values led to it
        await start_over(pilot)
        for keys in (("up", "up", "enter"), ("up", "enter")):
            await focus(pilot, "learning_rate")
            await press(pilot, *keys)
        assert changes(pilot) == [("learning_rate", 0.005), ("learning_rate", 0.01)]
        await press(pilot, "ctrl+z")
        assert changes(pilot)[-1] == ("learning_rate", 0.005)
        await press(pilot, "ctrl+z")
        assert changes(pilot)[-1] == ("learning_rate", 0.001)

        # in a field, what is typed is undone first
        await start_over(pilot)
        await write(pilot, "learning_rate", "0.5", "enter")
        await write(pilot, "learning_rate", "1.2.3", "ctrl+z")
        assert field(pilot, "learning_rate").value == "0.5"
        assert "learning rate: enter" not in text(pilot)
        assert toasts(pilot) == []
        await press(pilot, "ctrl+z")
        assert field(pilot, "learning_rate").value == "0.001"

        # a choice from a list
        await start_over(pilot)
        await choose(pilot, "optimizer", "rms")
        await press(pilot, "escape", "ctrl+z")
        assert changes(pilot) == [("optimizer", "rmsprop"), ("optimizer", "adam")]
        assert shown(pilot, "optimizer") == "adam"

        # a preset, without a command to the run
        await start_over(pilot)
        await write(pilot, "hidden", "7", "enter")
        await choose(pilot, "preset", "best")
        await press(pilot, "ctrl+z")
        assert toasts(pilot) == ["Undone: preset back to default"]
        assert shown(pilot, "preset") == "default"
        assert wanted(pilot) == Config(hidden=(7,))
        assert pilot.session.commands == []

        # a refused value is not part of the history
        await start_over(pilot)
        await write(pilot, "learning_rate", "0.5", "enter")
        await write(pilot, "batch_size", "60000", "enter")
        pilot.session.events += [
            Change(35, "learning_rate", 0.001, 0.5),
            Refused("batch_size", "batch size: enter at most 50"),
        ]
        await frame(pilot)
        await press(pilot, "ctrl+z")
        assert toasts(pilot) == ["Undone: learning rate back to 0.001"]
        assert changes(pilot)[-1] == ("learning_rate", 0.001)
        assert not field(pilot, "batch_size").has_class("-invalid")


async def test_a_value_that_clashes_after_a_move_is_dropped_with_a_message():
    async with screen() as pilot:
        await write(pilot, "validation", "0", "enter")
        assert "validation *" in text(pilot)
        moved = RunMoved(0, None, Config(patience=3), 0, (Branch(0, None, 0, 35),))
        await frame(pilot, moved)
        followed, message = toasts(pilot)
        assert followed == "Settings at step 0: patience 3."
        assert message.startswith("Validation 0 was dropped: patience needs validation images")
        assert shown(pilot, "validation") == "5000"
        assert wanted(pilot) == Config(patience=3)


async def test_a_value_that_clashes_after_a_refusal_is_dropped_with_a_message():
    async with screen(*run(Config(validation=0)), config=Config(validation=0)) as pilot:
        await write(pilot, "validation", "60000", "enter")
        await write(pilot, "patience", "3", "enter")
        await frame(pilot, Refused("validation", "validation: enter a number below 60,000"))
        [message] = toasts(pilot)
        assert message.startswith("Patience 3 was dropped: patience needs validation images")
        assert shown(pilot, "patience") == "0"
        assert wanted(pilot) == Config(validation=0)


async def test_an_undo_that_the_run_refuses_leaves_its_value_and_says_why():
    async with screen() as pilot:
        await write(pilot, "epochs", "12", "enter")
        change = Change(35, "epochs", 10, 12)
        moved = RunMoved(35, None, Config(epochs=12), 0, (Branch(0, None, 0, 35, ((change,),)),))
        await frame(pilot, change, moved)
        await press(pilot, "u")
        assert toasts(pilot)[-1] == "Undone: epochs back to 10"
        await frame(pilot, Refused("epochs", "epochs: enter at least 11; epoch 11 has started"))
        said = "Cannot undo. Epochs: enter at least 11; epoch 11 has started."
        assert toasts(pilot)[-1] == said
        assert not any(message.startswith("Undone") for message in toasts(pilot))
        assert field(pilot, "epochs").value == "12"
        assert not field(pilot, "epochs").has_class("-invalid")
        assert wanted(pilot) == Config(epochs=12)


async def test_a_move_to_another_step_says_which_settings_it_has_and_drops_refused_values():
    async with screen() as pilot:
        await write(pilot, "batch_size", "100", "enter")
        await frame(pilot, Refused("batch_size", "batch size: enter at most 50"))
        assert field(pilot, "batch_size").has_class("-invalid")
        moved = RunMoved(0, None, Config(patience=3), 0, (Branch(0, None, 0, 35),))
        await frame(pilot, moved)
        assert toasts(pilot) == ["Settings at step 0: patience 3."]
        assert not field(pilot, "batch_size").has_class("-invalid")
        assert field(pilot, "batch_size").value == "128"
        await frame(pilot, moved)  # nothing differs there
        assert len(toasts(pilot)) == 1


async def test_quick_changes_and_undo_reach_the_run_in_order():
    async with screen() as pilot:
        await focus(pilot, "learning_rate")
        for key in ("up", "up", "ctrl+z", "down", "enter", "4", "up", "up", "enter", "ctrl+z"):
            pilot.app.simulate_key(key)
        await pilot.pause()
        await pilot.pause()
        sent = [("learning_rate", value) for value in (0.0005, 0.002, 0.0005)]
        await until(pilot, lambda: changes(pilot) == sent)
        assert field(pilot, "learning_rate").value == "0.0005"
        assert wanted(pilot) == Config(learning_rate=0.0005)


async def test_everything_can_be_done_before_the_data_is_there():
    async with screen(PhaseChanged(Phase.LOADING)) as pilot:
        await press(pilot, "ctrl+z", "4", "right", "ctrl+z")
        await focus(pilot, "l2")
        await press(pilot, "up", "up", "enter", "ctrl+z", "escape")
        assert [name for name, _ in changes(pilot)] == ["l2", "l2"]
        assert changes(pilot)[-1] == ("l2", 0.0)
        assert "loading" in text(pilot)


async def test_keys_reach_their_field_in_any_window_size():
    async with screen(size=(1, 1)) as pilot:
        for size in ((1, 1), (50, 16), (80, 24)):
            await pilot.resize_terminal(*size)
            for name in ("preset", "optimizer", "learning_rate", "hidden", "erase"):
                await focus(pilot, name)
                await press(pilot, "up", "down", "enter", "ctrl+z")
        await pilot.resize_terminal(120, 40)
        assert "learning rate" in text(pilot)


async def test_typing_redraws_no_other_field():
    async with screen() as pilot:
        await focus(pilot, "learning_rate")
        drawn = []
        pilot.app.screen.query_one("#field-batch_size").refresh = lambda: drawn.append(1)
        await press(pilot, *"0.5x", "backspace", "enter")
        assert drawn == []


async def test_moving_the_focus_restyles_nothing():
    async with screen() as pilot:
        await press(pilot, "4")
        assert pilot.app.focused is field(pilot, "learning_rate")
        styled, apply = [], pilot.app.stylesheet.apply

        def noted(node, **options):
            if type(node) is DOMNode:  # a part of a widget, which the tests style when it is used
                apply(node, **options)
            else:
                styled.append(node)

        pilot.app.stylesheet.apply = noted
        await press(pilot, "shift+tab", "tab", "tab", "tab")
        assert pilot.app.focused is field(pilot, "batch_size")
        assert styled == []


async def test_a_list_shows_its_choice_and_opens_by_a_click():
    async with screen() as pilot:
        # its choice is bold while it has the focus
        options = pilot.app.screen.query_one("#field-optimizer OptionSelect")
        assert "adam" in options.render().plain
        assert not any("bold" in str(span.style) for span in options.render().spans)
        await choose(pilot, "optimizer", "adamw")
        assert "adamw" in options.render().plain
        assert any("bold" in str(span.style) for span in options.render().spans)
        assert "▲" not in options.render().plain
        await press(pilot, "enter")
        assert "▲" in options.render().plain

        # a click opens it, another one picks
        await start_over(pilot)
        options = pilot.app.screen.query_one("#field-optimizer OptionSelect")
        await pilot.click(options)
        await pilot.pause()
        assert options.expanded
        await pilot.click("#field-optimizer SelectOverlay", offset=(2, 0))
        await pilot.pause()
        assert not options.expanded
        assert changes(pilot) == [("optimizer", "sgd")]


@pytest.mark.parametrize("ascii", [False, True])
async def test_no_name_option_or_usual_number_is_cut(ascii):
    async with screen(size=(80, 24), ascii=ascii) as pilot:
        await press(pilot, "4")
        for size in ((80, 24), (110, 32), (120, 40), (200, 60)):
            await pilot.resize_terminal(*size)
            with painted_once(pilot.app):  # the layout tells how much room there is
                unfold_all(pilot)
                for place in range(9):  # of the options of a list
                    for setting in SETTINGS.values():
                        if options := getattr(setting.kind, "options", ())[place : place + 1]:
                            pilot.app.screen.enter(setting.name, setting.kind.parse(options[0]))
                    await pilot.pause()
                    for field in pilot.app.screen.query(Field):
                        name, entry, shown = field.setting.label, field.entry, "0.00012"
                        if entry.region.y == field.region.y:  # otherwise they stand on two lines
                            assert entry.region.x - field.region.x > len(f"{name} ↻"), (size, name)
                        if isinstance(entry, OptionSelect):
                            shown = f"{field.text} v" if ascii else f"{field.text}▼"
                        assert len(shown) <= entry.size.width, (size, name, shown)


async def test_no_option_of_an_open_list_is_broken_over_two_lines():
    async with screen(size=(110, 32)) as pilot:
        unfold_all(pilot)
        await pilot.pause()
        for options in pilot.app.screen.query(OptionSelect):
            options.expanded = True
            await pilot.pause()
            opened = options.query_one(OptionList)
            assert opened.virtual_size.height == opened.option_count, options.parent
            options.expanded = False


@pytest.mark.parametrize(
    ("labels", "width", "words"),
    [
        (["hidden"], 76, "* hidden pending: r restarts with it"),
        (["hidden", "seed"], 76, "* hidden, seed pending: r restarts with them"),
        (["initialization"] * 9, 76, "* 9 changes pending: r restarts with them"),
        (["hidden"], 28, "* 1 pending: r restarts"),
        (["hidden"] * 25, 28, "* 25 pending: r restarts"),
    ],
)
def test_pending_settings_are_named_if_there_is_room(labels, width, words):
    assert pending_notice(labels, width) == words


def test_a_text_that_is_too_long_ends_in_an_ellipsis():
    assert fitted("one two three", 5, 3) == "one\ntwo\nthree"
    assert fitted("one two three four", 9, 1) == "one two…"
    assert fitted("one\ntwo\nthree", 9, 2) == "one\ntwo…"
    assert fitted("one", 1, 0) == ""


@pytest.mark.parametrize("name", SETTINGS)
def test_every_explanation_fits_a_narrow_form(name):
    setting = SETTINGS[name]
    short = explanation(Field(setting, Draft(Config(), "default"), lambda *_: None), 28, 5)
    assert short.endswith(".")
    assert "…" not in fitted(short, 28, 5)


def test_a_refused_text_is_invalid():
    validator = SettingValidator(SETTINGS["batch_size"])
    assert validator.validate("60").is_valid
    validator.refused["60"] = "batch size: enter at most 50"
    assert validator.validate("60").failure_descriptions == ["batch size: enter at most 50"]


async def test_the_heading_of_a_folded_group_stays_one_line_in_a_narrow_form():
    config = presets()["default"].config.replace(l2=0.2, flip=0.5)
    async with screen(*run(config), config=config) as pilot:
        assert title(pilot, "regularization") == "regularization · 2 differ"
        assert heading(pilot, "regularization").size.height == 1
        await pilot.resize_terminal(200, 45)
        await pilot.pause()
        assert title(pilot, "regularization") == "regularization · 2 differ"


@pytest.mark.parametrize("ascii", [False, True])
async def test_without_colors_an_open_list_has_an_edge(monkeypatch, ascii):
    monkeypatch.setenv("NO_COLOR", "1")
    corner, side = ("+", "|") if ascii else ("╭", "│")
    async with screen(size=(80, 24), ascii=ascii) as pilot:
        await press(pilot, "4")
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            for name in ("preset", "optimizer", "schedule"):
                await focus(pilot, name)
                await press(pilot, "enter")
                opened = pilot.app.screen.query_one(f"#field-{name} OptionList", OptionList)
                region = opened.region
                rows = pilot.app.screen._compositor.render_strips()[region.y : region.bottom]
                first, *options, last = (row.crop(region.x, region.right).text for row in rows)
                assert first[0] == corner, (size, name)
                assert set(last[1:-1]) <= set("-─"), (size, name)
                assert all(option[0] == option[-1] == side for option in options), (size, name)
                assert len(options) == opened.option_count, (size, name)
                await press(pilot, "escape")
