"""Keys of the main screen before there is a run, and before its first step."""

import pytest
from canned import run, screen

LEAVING = {"q", "ctrl+c", "ctrl+q", "ctrl+z"}


@pytest.mark.parametrize("is_loading", [True, False])
async def test_all_keys_are_harmless(is_loading):
    async with screen(*(() if is_loading else run(0)), is_loading=is_loading) as pilot:
        training, pressed = pilot.app.screen, set(LEAVING)
        for pane in ("", *"123456"):
            await pilot.press(*pane)
            while keys := sorted(set(training.active_bindings) - pressed):
                pressed.add(keys[0])
                await pilot.press(keys[0])
                if pilot.app.screen is not training:
                    await pilot.press("enter")  # chooses what is offered there first
                while pilot.app.screen is not training:
                    await pilot.press("escape")
            await pilot.press("escape")
        assert {"y", "h", "X", "down"} < pressed
