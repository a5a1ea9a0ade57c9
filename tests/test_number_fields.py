"""Number fields: only what a number can contain is text, other keys keep their meaning."""

import string

from canned import field, painted_once, screen, start_over, text, toasts, until, write
from textual import events

NUMBER = set("0123456789.,+-")


async def focus(pilot, name="learning_rate"):
    await pilot.press("4")
    await until(pilot, lambda: pilot.app.focused is field(pilot, "learning_rate"))


async def test_the_settings_begin_at_the_learning_rate_and_enter_applies_what_is_typed():
    async with screen() as pilot:
        await focus(pilot)
        await pilot.press(*"0.01", "enter")
        assert pilot.session.commands == [("change", {"learning_rate": 0.01})]
        await focus(pilot)
        await pilot.press("5", "enter")
        assert pilot.session.commands[1:] == [("change", {"learning_rate": 5.0})]


async def test_the_key_bar_tells_what_the_arrow_keys_and_enter_do():
    async with screen(size=(80, 24)) as pilot:
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            await start_over(pilot)
            await focus(pilot)
            await until(pilot, lambda: "↑↓ next value  Enter apply" in text(pilot))
            assert "u undo" not in text(pilot), size
            assert text(pilot).rstrip().endswith("esc Leave  ? Help  q Quit"), size
            await pilot.press("down", "enter", "4")
            assert pilot.session.commands == [("change", {"learning_rate": 0.0005})], size
            await until(pilot, lambda: "↑↓ next value  Enter apply  u undo" in text(pilot))
            await pilot.press("shift+tab")
            await until(pilot, lambda: "↑↓ or Enter open the list  u undo" in text(pilot))
            assert text(pilot).rstrip().endswith("esc Leave  ? Help  q Quit"), size


async def test_a_key_of_the_screen_says_that_what_is_typed_does_not_apply_yet():
    async with screen() as pilot:
        await focus(pilot)
        await pilot.press("s")
        assert not toasts(pilot)
        await pilot.press(*"0.05", "s", "space")
        assert ("step",) in pilot.session.commands
        assert toasts(pilot)[-1] == "Learning rate is still 0.001: Enter applies 0.05."
        assert pilot.app.focused.value == "0.05"
        pilot.app.clear_notifications()
        await pilot.press("escape", "s")
        assert not toasts(pilot)


async def test_no_other_key_changes_a_field():
    async with screen() as pilot:
        await focus(pilot)
        training, entry = pilot.app.screen, pilot.app.focused
        others = set(string.printable.strip()) - NUMBER - {"q"}
        for key in ("space", *sorted(others)):
            pilot.app.screen.set_focus(entry)
            with painted_once(pilot.app):  # not what the key opens, either
                await pilot.press(key)
                assert entry.value == "0.001", key
                while pilot.app.screen is not training:
                    pilot.app.screen.dismiss()
                    await pilot.pause()
        assert ("toggle",) in pilot.session.commands
        assert not any(command[0] == "change" for command in pilot.session.commands)


async def test_the_first_click_selects_the_value_and_the_second_places_the_cursor():
    async with screen() as pilot:
        entry = field(pilot, "learning_rate")
        await pilot.click(entry, offset=(2, 0))
        await until(pilot, lambda: pilot.app.focused is entry)
        assert entry.selected_text == entry.value == "0.001"
        await pilot.click(entry, offset=(2, 0))
        await pilot.pause()
        assert (entry.selected_text, entry.cursor_position) == ("", 2)

        # also after a key gave the focus
        await pilot.press("escape")
        await focus(pilot)
        assert entry.selected_text == "0.001"
        await pilot.click(entry, offset=(3, 0))
        await pilot.pause()
        assert (entry.selected_text, entry.cursor_position) == ("", 3)


async def test_e_is_an_exponent_after_a_digit_and_a_key_elsewhere():
    async with screen() as pilot:
        await focus(pilot)
        await pilot.press("e")
        assert pilot.session.commands == [("epoch",)]
        await pilot.press("1", "e", "-", "3", "enter")
        assert field(pilot, "learning_rate").value == "0.001"
        assert pilot.session.commands == [("epoch",)]  # it was 0.001 before
        assert toasts(pilot) == []


async def test_what_is_typed_is_not_applied_by_a_key_that_leaves_the_field():
    """A digit may have been meant as the key of a pane."""
    async with screen() as pilot:
        for key in ("escape", "tab", "shift+tab", "x"):
            await start_over(pilot)
            await focus(pilot)
            await pilot.press("5", key)
            await pilot.press("1")
            assert field(pilot, "learning_rate").value == "0.001", key
            changes = [name for name, *_ in pilot.session.commands if name == "change"]
            assert changes == [], key


async def test_a_paste_that_is_no_number_changes_nothing():
    async with screen() as pilot:
        await focus(pilot)
        for pasted in ("lr = 0.01", "x" * 10_000, "0.1\n0.2", "[/]", "\x00"):
            pilot.app.clear_notifications()
            pilot.app.focused.action_select_all()
            pilot.app.focused.post_message(events.Paste(pasted))
            await until(pilot, lambda: toasts(pilot))
            assert toasts(pilot)[0].endswith(" is not a number.")
            assert ("�" in toasts(pilot)[0]) == (pasted == "\x00")  # a line break is a space
            assert pilot.app.focused.value == "0.001", pasted


async def test_digits_that_do_not_fit_are_not_taken_and_that_is_said():
    async with screen() as pilot:
        await focus(pilot)
        for pasted in ("9" * 10_000, "9" * 80):
            pilot.app.clear_notifications()
            await pilot.press("end")
            pilot.app.focused.post_message(events.Paste(pasted))
            await until(pilot, lambda: toasts(pilot))
            assert toasts(pilot) == ["A field takes at most 80 characters."]
            assert pilot.app.focused.value == "0.001", len(pasted)


async def test_a_pasted_number_replaces_the_value():
    async with screen() as pilot:
        await focus(pilot)
        pilot.app.focused.post_message(events.Paste(" 2e-3\n"))
        await until(pilot, lambda: "2e-3" in pilot.app.focused.value)
        await pilot.press("enter")
        assert pilot.session.commands == [("change", {"learning_rate": 0.002})]


async def test_nonsense_is_marked_and_escape_restores_what_stood_there():
    async with screen() as pilot:
        for value in ("", "1e999", "-1", "1e", ".", "1,5", "--"):
            await focus(pilot)
            await pilot.pause()
            assert "learning rate: enter " not in text(pilot), value
            pilot.app.focused.value = value
            await pilot.press("enter")
            await pilot.pause(0.1)
            assert "learning rate: enter " in text(pilot), value
            await pilot.press("escape")
            assert field(pilot, "learning_rate").value == "0.001", value
            assert pilot.session.commands == [], value


async def test_the_arrow_keys_find_the_way_back_to_what_stood_there():
    keys = ("down", "down", "up", "up", "up", "down")
    async with screen() as pilot:
        for name, value, values in (
            ("learning_rate", "0.003", ["0.002", "0.001", "0.002", "0.003", "0.005", "0.003"]),
            ("hidden", "64,100", ["64,64", "64,32", "64,64", "64,100", "64,128", "64,100"]),
            ("dropout", "0.97", ["0.95", "0.9", "0.95", "0.97", "0.97", "0.95"]),
        ):
            await write(pilot, name, value)
            for key, expected in zip(keys, values, strict=True):
                await pilot.press(key)
                assert field(pilot, name).value == expected, name


async def test_a_field_without_the_focus_shows_the_start_of_a_long_number():
    async with screen() as pilot:
        await focus(pilot)
        await pilot.press(*"0.0030001234567", "enter")
        for key in ("enter", "tab"):
            await focus(pilot)
            await pilot.press("end")
            assert "learning rate    0.003000" not in text(pilot), key
            await pilot.press(key)
            await until(pilot, lambda: "learning rate    0.003000" in text(pilot))
