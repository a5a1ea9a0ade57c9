"""The command palette: it offers the action of every key, and fast keys do not break it."""

import random

import pytest
from canned import run, run_started, screen, start_over, toasts, until
from textual.command import CommandList

from core.config.config import Config
from core.data.reading import Reading
from core.errors import ConfigError
from core.events import Phase, PhaseChanged
from tui.data_arguments import path_and_reading
from tui.palette import Palette
from tui.panes.network.histograms_view import HistogramsView
from tui.panes.network.layers_view import LayersView
from tui.panes.network.units_view import UnitsView
from tui.screens.bindings import RUN_COMMANDS, VIEWS, WHAT_IF
from tui.screens.training.screen import TrainingScreen


def offered(pilot):
    """The commands that the palette offers."""
    listed = pilot.app.screen.query_one(CommandList)
    return [option.hit.text for option in listed.options]


async def test_it_lists_the_actions_of_keys_and_of_visible_panes_with_their_keys():
    async with screen() as pilot:

        def commands():
            return {c.title: c.help for c in pilot.app.get_system_commands(pilot.app.screen)}

        listed = commands()
        assert listed["One batch"] == "key s or F10"
        assert listed["Undo the last change of a setting"] == "key u or ctrl+z"
        assert listed["Step: next stage"] == "key d or F11"
        named = [b.description for b in TrainingScreen.BINDINGS if b.description]
        assert set(named) <= listed.keys()

        assert commands()["Curves: cursor left"] == "key ←"
        assert commands()["Timeline: back"] == "key ←"
        assert commands()["Timeline: one step back"] == "key , or shift+← or ctrl+←"
        assert commands()["Images: next page"] == "key PgDn"
        assert "Network: units of the next layer" not in commands()
        await pilot.press("6")
        await until(pilot, lambda: "Network: units of the next layer" in commands())
        assert commands()["Network: half-blocks or ASCII"] == "key i"
        assert "Curves: cursor left" in commands()
        assert "Images: next page" not in commands()


async def test_it_opens_each_view_of_the_network():
    async with screen() as pilot:
        for title, drawn in (
            ("Network: histograms", HistogramsView),
            ("Network: units", UnitsView),
            ("Network: layers", LayersView),
        ):
            commands = {c.title: c for c in pilot.app.get_system_commands(pilot.app.screen)}
            commands[title].callback()
            await until(pilot, lambda drawn=drawn: pilot.app.screen.query_one(drawn).display)
            await pilot.press("escape", "escape")


async def test_each_entry_of_a_pane_begins_with_the_name_of_the_pane():
    own = {b.description for b in TrainingScreen.BINDINGS} | {"Theme"}
    own |= {title for _, title, _ in RUN_COMMANDS} | {title for title, _ in WHAT_IF}
    own |= {title for _, title, _ in VIEWS}
    panes = {"Curves", "Timeline", "Confusion matrix", "Images", "Step", "Network"}
    shown = set()
    async with screen() as pilot:
        for keys in ("", "6", "v", "x"):  # as it starts, the network, its next view, a step
            await pilot.press(*keys)
            await pilot.pause(0.1)
            for command in pilot.app.get_system_commands(pilot.app.screen):
                pane = command.title.partition(": ")[0]
                shown.add(pane)
                assert command.title in own or pane in panes, (keys, command.title)
    assert shown >= panes


async def test_choosing_a_command_runs_it():
    async with screen() as pilot:
        await pilot.press("ctrl+p", *"slower")
        await until(pilot, lambda: offered(pilot) == ["Slower"])
        await pilot.press("enter")
        await until(pilot, lambda: pilot.session.commands == [("change_pace", -1)])


@pytest.mark.parametrize(
    ("phase", "cases"),
    [
        (
            Phase.PAUSED,
            [
                ("dropout 0.3", "Set dropout to 0.3", "from the next batch on. Press u"),
                ("hidden 64", "Set hidden to 64", "Hidden set to 64. Press r to restart"),
                ("preset best", "Preset: best", "Preset set to best. Press r to restart"),
                ("epochs 10", "Set epochs to 10", "Epochs is already 10."),
            ],
        ),
        (
            Phase.FINISHED,
            [
                ("epochs 12", "Set epochs to 12", "Epochs set to 12 from the next batch"),
                ("l2 0.1", "Set l2 to 0.1", "L2 0.1 is pending: add epochs"),
            ],
        ),
    ],
)
async def test_a_setting_that_it_changes_is_said_because_its_field_may_be_hidden(phase, cases):
    async with screen(*run(), PhaseChanged(phase), size=(80, 24)) as pilot:
        for typed, offer, said in cases:
            await start_over(pilot)
            await pilot.press("colon", *typed)
            await until(pilot, lambda offer=offer: offered(pilot)[:1] == [offer])
            await pilot.press("enter")
            await until(
                pilot, lambda: isinstance(pilot.app.screen, TrainingScreen) and toasts(pilot)
            )
            [toast] = toasts(pilot)
            assert said in toast
            await pilot.press("u")
            await until(pilot, lambda toast=toast: toasts(pilot) != [toast])


async def test_a_preset_that_starts_a_new_run_at_once_is_said_by_the_new_run_alone():
    started = (run_started(Config()), PhaseChanged(Phase.PAUSED))
    async with screen(*started, size=(80, 24)) as pilot:
        pilot.app.screen.enter("preset", "best")
        await pilot.pause()
        assert [name for name, _ in pilot.session.commands] == ["restart"]
        assert toasts(pilot) == []


@pytest.mark.parametrize("seed", [0, 1])
async def test_random_fast_keys_do_not_break_it(seed):
    rng = random.Random(seed)
    keys = ["ctrl+p", "pageup", "pagedown", "up", "down", "escape", *"zxy#", "ctrl+home"]
    async with screen() as pilot:
        for _ in range(20):
            await pilot.press(*rng.choices(keys, k=3))
        await pilot.press(*["escape"] * 6)
        await until(pilot, lambda: not isinstance(pilot.app.screen, Palette))
        await pilot.pause(0.1)
        assert not isinstance(pilot.app.screen, Palette)
        assert pilot.app.is_running


async def test_it_opens_again_while_the_last_one_is_being_removed():
    async with screen() as pilot:
        pilot.app.action_command_palette()
        await pilot.pause()
        pilot.app.screen.dismiss()
        pilot.app.action_command_palette()
        await pilot.pause()
        assert isinstance(pilot.app.screen, Palette)
        assert pilot.app.screen.is_current


async def test_a_search_without_results_ends_with_the_palette():
    """Its timer would look for a list that is gone."""
    async with screen() as pilot:
        pilot.app.action_command_palette()
        await pilot.pause()
        palette = pilot.app.screen
        palette._start_no_matches_countdown("zzz")
        assert palette._no_matches_timer is not None
        palette.dismiss()
        assert palette._no_matches_timer is None
        palette._start_no_matches_countdown("zzz")
        assert palette._no_matches_timer is None


async def test_it_opens_other_data(tmp_path):
    async with screen() as pilot:
        await pilot.press("ctrl+p")
        pilot.app.focused.value = f"data {tmp_path}"
        await until(pilot, lambda: f"Open the data in {tmp_path}" in offered(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: pilot.session.commands)
        name, path, config, reading = pilot.session.commands[-1]
        assert (name, path, reading) == ("open_data", tmp_path, Reading())
        assert config == pilot.app.screen.draft.wanted


@pytest.mark.parametrize(
    ("text", "path", "reading"),
    [
        ("~/my pictures", "~/my pictures", Reading()),
        ("gzip/ --subset letters --transpose", "gzip/", Reading("letters", transpose=True)),
        ("a --size=32 --no-transpose", "a", Reading(size=32, transpose=False)),
    ],
)
def test_how_to_read_data_stands_after_the_path(text, path, reading):
    assert path_and_reading(text) == (path, reading)


@pytest.mark.parametrize("options", ["--size 0", "--size", "--subset", "--wrong", "--transpose 1"])
def test_options_that_cannot_be_used_are_refused(options):
    with pytest.raises(ConfigError, match=r"^(after the path, enter|--size: enter)"):
        path_and_reading(f"pictures {options}")
