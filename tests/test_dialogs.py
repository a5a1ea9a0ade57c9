"""Lists, dialogs and toasts, in any window, under keys and clicks faster than they open."""

import asyncio
import random

import pytest
from canned import screen, text, until
from rich.style import Style
from test_monkey import caught_up, click, press
from textual import events
from textual.command import CommandList
from textual.widgets import Select
from textual.widgets._toast import Toast

from tui.palette import Palette
from tui.screens.help import Help
from tui.screens.training.screen import TrainingScreen

OPENERS = ("ctrl+p", "themes", "drop-down", "y", "g", "question_mark", "n", "F")
KEYS = ("pageup", "pagedown", "up", "down", "home", "end", "ctrl+home", "enter", "escape")


def open_list(app, opener):
    match opener:
        case "themes":
            app.action_change_theme()
        case "drop-down":
            app.screen.query(Select).first().action_show_overlay()
        case key:
            press(app, key)


async def close(pilot):
    await pilot.press(*["escape"] * 4)
    await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))


async def test_lists_open_and_close_in_a_window_of_a_few_columns():
    async with screen() as pilot:
        for width in (5, 4, 1):
            await pilot.resize_terminal(width, 24)
            for opener in OPENERS:
                open_list(pilot.app, opener)
                await pilot.pause(0.1)
                await pilot.press("down", "pagedown", "pageup", "a")
                await close(pilot)


@pytest.mark.parametrize("seed", range(2))
async def test_no_burst_of_keys_and_clicks_breaks_a_list(seed):
    rng = random.Random(seed)
    async with screen() as pilot:
        app = pilot.app
        for opener in OPENERS:
            open_list(app, opener)
            for _ in range(rng.randrange(12)):
                await asyncio.sleep(rng.choice((0, 0, 0, 0.01, 0.1)))
                if rng.random() < 0.6:
                    press(app, rng.choice([*KEYS, *"abz#"]))
                else:
                    place = rng.randrange(120), rng.randrange(39)
                    for _ in range(rng.choice((1, 2, 3))):
                        click(app, *place)
            await caught_up(app)
            await close(pilot)


async def test_page_down_right_after_the_palette_opens():
    async with screen() as pilot:
        for pause in (0, 0.02, 0.05, 0.1, 0.15):
            press(pilot.app, "ctrl+p")
            await asyncio.sleep(pause)
            for key in ("pagedown", "pageup", "end", "home"):
                press(pilot.app, key)
            await caught_up(pilot.app)
            await close(pilot)


async def test_clicks_at_once_beside_the_theme_list():
    async with screen() as pilot:
        pilot.app.action_change_theme()
        await pilot.pause(0.1)
        for _ in range(3):
            click(pilot.app, 2, 35)
        await caught_up(pilot.app)
        await pilot.pause(0.1)
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))


async def test_a_click_at_a_toast_that_was_just_removed():
    async with screen(notifications=True) as pilot:
        pilot.app.notify("A message.")
        await until(pilot, lambda: pilot.app.screen.query(Toast))
        await pilot.pause(0.05)
        toast = pilot.app.screen.query(Toast).first()
        x, y = map(int, toast.region.center)
        with pilot.app.batch_update():  # it is still on the screen
            await toast.remove()
            click(pilot.app, x, y)
            await caught_up(pilot.app)
        assert not pilot.app.screen.query(Toast)


async def test_a_click_at_an_option_that_was_just_removed():
    async with screen() as pilot:
        press(pilot.app, "ctrl+p")
        await until(pilot, lambda: pilot.app.screen.query(CommandList))
        commands = pilot.app.screen.query_one(CommandList)
        await until(pilot, lambda: commands.option_count > 3)
        await pilot.pause(0.1)
        painted = Style(meta={"option": commands.option_count})  # of a longer list
        commands.post_message(
            events.Click(commands, 5, 6, 0, 0, 1, False, False, False, 5, 6, painted)
        )
        await caught_up(pilot.app)
        await close(pilot)


async def test_a_click_beside_a_screen_that_has_become_smaller():
    async with screen() as pilot:
        press(pilot.app, "ctrl+p")
        await until(pilot, lambda: pilot.app.screen.query(CommandList))
        await pilot.pause(0.1)
        place = pilot.app.size.width + 5, pilot.app.size.height + 5
        pilot.app.screen.post_message(
            events.Click(None, *place, 0, 0, 1, False, False, False, *place)
        )
        await caught_up(pilot.app)
        await close(pilot)


async def test_a_dialog_under_another_one_stays_until_it_is_on_top():
    async with screen() as pilot:
        app = pilot.app
        palette = Palette()
        app.push_screen(palette)
        app.push_screen(Help())
        await pilot.pause()
        palette.dismiss()
        await pilot.pause()
        assert [type(each) for each in app.screen_stack[1:]] == [Palette, Help]
        app.screen.dismiss()
        await pilot.pause()
        palette.dismiss()
        palette.dismiss()
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_a_toast_is_not_cut_by_a_longer_one_before_it():
    async with screen(size=(80, 24), notifications=True) as pilot:
        for length in (60, 64, 65, 66, 67, 68, 75):
            pilot.app.notify(f"{'some words ' * 9}"[: length - 4] + " end")
            await until(pilot, lambda: "some words" in text(pilot))
            await pilot.pause(0.2)
            pilot.app.notify("The second one")
            await until(pilot, lambda: "The second one" in text(pilot))
            assert " end" in text(pilot), length
            pilot.app.clear_notifications()
            await until(pilot, lambda: not pilot.app.screen.query(Toast))
            await pilot.pause()
            assert "The second one" not in text(pilot), length


async def test_a_toast_is_drawn_once_while_a_dialog_is_open():
    async with screen(size=(80, 24), notifications=True) as pilot:

        def count():
            return text(pilot).count("The toast of the test.")

        pilot.app.notify("The toast of the test.", timeout=60)
        await until(pilot, lambda: count() == 1)
        await pilot.press("g")
        await until(pilot, lambda: pilot.app.screen.query(Toast))
        await until(pilot, count)
        assert count() == 1
        await pilot.press("escape")
        await until(pilot, count)
        assert count() == 1
