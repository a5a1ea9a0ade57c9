"""Keys that come faster than the screen handles them, as after a pause of the connection."""

import asyncio
import time

from canned import field, screen, start_over, until
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input

from tui import key_queue
from tui.key_queue import KeyDone
from tui.panes.settings.form import Form
from tui.panes.settings.search import SearchInput
from tui.screens.go_to import GoTo

NAMED = {"↑": "up", "↓": "down", "\r": "enter", "\x1b": "escape", "\x10": "ctrl+p"}


async def burst(pilot, keys):
    """Sends the keys all at once, without waiting for what one does."""
    for key in keys:
        character = None if key in NAMED else key
        pilot.app.post_message(events.Key(NAMED.get(key) or _character_to_key(key), character))
    await pilot.pause()


async def test_what_is_typed_behind_a_key_that_opens_a_dialog_goes_to_the_dialog():
    async with screen() as pilot:
        await burst(pilot, "gepoch 2")
        assert isinstance(pilot.app.screen, GoTo)
        assert pilot.app.screen.query_one(Input).value == "epoch 2"


async def test_a_key_behind_enter_goes_to_the_screen_below_the_dialog():
    async with screen() as pilot:
        await burst(pilot, "gepoch 9\rs")
        assert [name for name, *_ in pilot.session.commands] == ["go_to_goal", "step"]


async def test_a_digit_does_not_overtake_a_key_that_moves_the_value():
    async with screen() as pilot:
        for keys, value in (("5↑", "10"), ("↑5", "5"), ("↑5↑", "10")):
            await start_over(pilot)
            await pilot.press("4")
            await burst(pilot, f"{keys}\r")
            await until(pilot, lambda: pilot.session.commands)
            assert pilot.session.commands == [("change", {"learning_rate": float(value)})], keys


async def test_what_is_typed_behind_a_key_that_opens_a_list_chooses_in_it():
    async with screen() as pilot:
        for keys, optimizer in (("↓↑↑\r", "adagrad"), ("↑sg\r", "sgd"), ("\r↓\r", "adamw")):
            await start_over(pilot)
            await pilot.app.screen.query_one(Form).focus_field("optimizer")
            await pilot.pause()
            await burst(pilot, keys)
            await until(pilot, lambda: pilot.session.commands)
            assert pilot.session.commands == [("change", {"optimizer": optimizer})], keys


async def test_what_is_typed_behind_the_search_key_is_searched():
    async with screen() as pilot:
        await burst(pilot, "/dropout")
        assert pilot.app.screen.query_one(SearchInput).value == "dropout"


async def test_a_value_typed_behind_a_search_is_entered():
    async with screen(size=(80, 24)) as pilot:
        for words, name in (("dr", "dropout"), ("mom", "momentum")):
            await start_over(pilot)
            await burst(pilot, f"/{words}\r.2\r")
            await until(pilot, lambda: len(pilot.session.commands) == 1)
            assert pilot.session.commands == [("change", {name: 0.2})]
            assert not pilot.app.screen.query_one(SearchInput).display, words


async def test_text_typed_while_the_form_is_busy_does_not_overtake_enter(monkeypatch):
    monkeypatch.setattr(key_queue, "_PATIENCE", 0.05)
    async with screen() as pilot:
        await burst(pilot, "/")
        pilot.app.screen.query_one(Form).call_later(asyncio.sleep, 0.5)
        await burst(pilot, "dr\r.2")
        await until(pilot, lambda: pilot.app.focused is field(pilot, "dropout"))
        assert not pilot.app.screen.query_one(SearchInput).display


async def test_what_is_typed_while_the_screen_is_busy_for_long_is_not_lost(monkeypatch):
    monkeypatch.setattr(key_queue, "_PATIENCE", 0.02)
    async with screen() as pilot:
        for widget in (pilot.app, pilot.app.screen, pilot.app.screen.query_one(Form)):
            widget.call_later(lambda: time.sleep(0.1))  # nothing else goes on meanwhile
            widget.call_later(asyncio.sleep, 0.2)
        await burst(pilot, "/d.2\r")
        await until(pilot, lambda: pilot.session.commands)
        assert pilot.session.commands == [("change", {"dropout": 0.2})]


async def test_a_value_typed_behind_the_key_of_the_settings_is_entered():
    async with screen() as pilot:
        await burst(pilot, "40.5\r")
        assert ("change", {"learning_rate": 0.5}) in pilot.session.commands


async def test_what_is_typed_behind_the_key_of_the_palette_is_found():
    async with screen() as pilot:
        await burst(pilot, "\x10drop")
        assert pilot.app.screen.query_one(Input).value == "drop"


async def test_a_dialog_that_is_closed_at_once_swallows_no_key():
    async with screen() as pilot:
        for keys in ("g\x1bs", "g\x1bg\x1bs", "/\x1bs", "?\x1bs"):
            pilot.session.commands.clear()
            await burst(pilot, keys)
            assert [name for name, *_ in pilot.session.commands] == ["step"], keys


async def test_a_key_does_not_wait_for_ever_for_one_whose_widget_is_gone(monkeypatch):
    async with screen() as pilot:
        monkeypatch.setattr(KeyDone, "_bubble_to", lambda *args: None)  # it never arrives
        await burst(pilot, "sss")
        await pilot.pause(2)
        assert len(pilot.session.commands) == 3


async def test_enter_typed_at_once_in_the_palette_runs_what_was_typed():
    async with screen() as pilot:
        await burst(pilot, ":epoch 5\r")
        await until(pilot, lambda: pilot.session.commands)
        [(name, goal)] = pilot.session.commands
        assert (name, str(goal)) == ("go_to_goal", "epoch 5")


async def test_enter_typed_at_once_behind_nonsense_runs_nothing():
    async with screen() as pilot:
        await burst(pilot, ":zzzzzz\r")
        await pilot.pause(1)
        assert pilot.session.commands == []
