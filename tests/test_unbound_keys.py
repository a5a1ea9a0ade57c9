"""A key that does nothing says why in one line, also on the screens over the main one."""

import pytest
from canned import frame, run, screen, toasts, until
from textual import events

from tui.panes.step.step_pane import StepPane
from tui.screens.board.board import BoardScreen
from tui.screens.coach import CoachScreen
from tui.screens.examine.screen import ExamineScreen
from tui.screens.find_rate import FindRate
from tui.screens.help import Help
from tui.screens.image import ImageScreen
from tui.screens.log import Log
from tui.unbound_keys import explanation


async def said(pilot, *keys):
    """What the last toast says after these keys; None if there is none."""
    pilot.app.clear_notifications()
    await pilot.press(*keys)
    await pilot.pause()
    return toasts(pilot)[-1] if toasts(pilot) else None


MAIN = " works on the main screen; press Escape first."
PREVIOUS = " works on the previous screen; press Escape first."
NOTHING = " does nothing here; ? lists the keys."


async def test_on_every_screen_a_key_works_or_says_why_not():
    async with screen() as pilot:
        assert await said(pilot, "j") == f"j{NOTHING}"
        assert await said(pilot, "f7") == f"F7{NOTHING}"
        assert await said(pilot, "j", "J") == f"J{NOTHING}"
        assert len(toasts(pilot)) == 1  # it takes the place of the one before
        await pilot.press("3", "enter")
        assert isinstance(pilot.app.screen, ImageScreen)
        for key in "x4k:RF":
            assert await said(pilot, key) == f"{key}{MAIN}"
        assert await said(pilot, "v") == f"v{NOTHING}"
        assert await said(pilot, "right", "i", "i", "tab") is None
        assert await said(pilot, "home") == f"Home{NOTHING}"
        assert await said(pilot, "left", "left") == "This is the first image of the list."
        await pilot.press("?")
        assert isinstance(pilot.app.screen, Help)
        assert "Enlarged" in str(pilot.app.screen.query_one("Markdown").source)
        assert await said(pilot, "x") == f"x{MAIN}"
        assert await said(pilot, "enter") == f"Enter{NOTHING}"
        await pilot.press("escape", "escape", "n")
        assert isinstance(pilot.app.screen, Log)
        assert await said(pilot, "?") == f"?{MAIN}"
        assert await said(pilot, "v") == "v does nothing here."
        await pilot.press("escape", "p")
        assert isinstance(pilot.app.screen, BoardScreen)
        assert await said(pilot, "b") == f"b{MAIN}"
        await pilot.press("y")
        assert isinstance(pilot.app.screen, ExamineScreen)
        assert await said(pilot, "a") == f"a{PREVIOUS}"
        assert await said(pilot, "b") == f"b{MAIN}"
        await pilot.press("escape", "?")
        assert "to open a board" in pilot.app.screen.query_one("Markdown").source
        await pilot.press("escape", "escape", "F")
        assert isinstance(pilot.app.screen, FindRate)
        assert await said(pilot, "enter") == "The search is not done yet."
        assert await said(pilot, "c") == "The search is not done yet."
        assert await said(pilot, "4") == f"4{MAIN}"
        await pilot.press("escape", "k")
        assert isinstance(pilot.app.screen, CoachScreen)
        assert await said(pilot, "b") == f"b{MAIN}"
        await pilot.press("escape", "g")
        assert await said(pilot, "x", "?") is None  # text
        assert pilot.app.focused.value == "x?"
        commands = {name for name, *_ in pilot.session.commands}
        assert commands == {"classify", "examine", "find_rate", "stop_finding_rate"}


async def test_before_training_the_keys_of_the_curves_say_that_there_is_nothing_to_read():
    async with screen(*run(0)) as pilot:
        await pilot.press("1")
        for key in ("left", "right", "home", "end"):
            assert await said(pilot, key) == "There is no step to read yet: space trains."
        assert await said(pilot, "h") == "All values are shown until the second epoch."
        assert (await said(pilot, "w")).startswith("All steps up to here are shown")


async def test_a_key_that_scrolls_says_that_there_is_nothing_to_scroll():
    async with screen() as pilot:
        for pane, names in (("1", ("Arrow up", "Arrow down")), ("2", ("Home", "End"))):
            await pilot.press(pane)
            for name in (*names, "Page Up", "Page Down"):
                key = name.removeprefix("Arrow ").replace(" ", "").lower()
                assert await said(pilot, key) == f"{name}{NOTHING}"
            assert await said(pilot, "h") is None


async def test_at_an_end_a_key_says_that_it_is_one():
    async with screen() as pilot:
        await pilot.press("3")
        for keys, what in (
            (("(", "home", "left"), "image"),
            (("up",), "row"),
            (("pageup",), "page"),
        ):
            for key in keys:
                assert await said(pilot, key) == f"This is the first {what}."
        await pilot.press(")")
        for keys, what in (
            ((")", "end", "right"), "image"),
            (("down",), "row"),
            (("pagedown",), "page"),
        ):
            for key in keys:
                assert await said(pilot, key) == f"This is the last {what}."
        await pilot.press("2", *["left"] * 5)
        assert await said(pilot, "left", "left") == "The cursor is at the edge of the matrix."
        assert not any("matrix" in line for line in pilot.app.journal.lines)


@pytest.mark.parametrize("key", ["tab", "ctrl+tab", "escape"])
def test_a_key_that_leads_to_other_widgets_is_not_explained(key):
    assert explanation(events.Key(key, None), (), (), is_main=True) is None


async def test_a_letter_with_ctrl_that_does_nothing_says_so():
    async with screen() as pilot:
        assert await said(pilot, "ctrl+o") == f"ctrl+o{NOTHING}"
        await pilot.press("4")
        assert await said(pilot, "ctrl+s") == f"ctrl+s{NOTHING}"
        assert await said(pilot, "ctrl+a") is None  # goes to the start of the number
        await pilot.press("escape", "?")
        assert await said(pilot, "ctrl+z") == f"ctrl+z{MAIN}"
        assert await said(pilot, "ctrl+o") == "ctrl+o does nothing here; ? lists the keys."


def test_a_key_with_alt_is_named_with_it():
    text = explanation(events.Key("alt+x", "x"), (), (), is_main=True)
    assert text == "alt+x does nothing here."


def test_letters_of_other_scripts_are_explained_elsewhere():
    assert explanation(events.Key("ש", "ש"), (), (), is_main=True) is None


async def test_enter_on_the_curves_says_that_there_is_no_cursor_yet():
    async with screen(*run(0)) as pilot:
        await pilot.press("1")
        assert await said(pilot, "enter") == "There is no step to read yet: space trains."
        await frame(pilot, *run()[3:])
        assert await said(pilot, "enter") == ("Press an arrow key to place a cursor.")
        pilot.session.commands.clear()
        assert await said(pilot, "left", "enter") is None
        assert pilot.session.commands == [("go_to_step", 35)]
        assert await said(pilot, "w") == (
            "All steps up to here are shown: there are at most 1,000."
        )


async def test_keys_of_a_pane_that_has_nothing_yet_say_so():
    async with screen() as pilot:
        await pilot.press("5")
        await until(pilot, lambda: isinstance(pilot.app.focused, StepPane))
        for key in ("d", "D", "right", "v", ")", "home", "]"):
            assert await said(pilot, key) == "No step is traced yet: wait a moment."
        await pilot.press("6", "v")
        assert await said(pilot, "enter") == "The units are being measured."
    async with screen(*run()[:2]) as pilot:
        await pilot.press("2")
        assert await said(pilot, "enter") == "There is no evaluation yet."
