"""The line of keys at the bottom."""

import pytest
from canned import screen, text, until


def last_line(pilot):
    return text(pilot).splitlines()[-1]


@pytest.mark.parametrize("key", ["question_mark", "g", "n", "y", "ctrl+p"])
async def test_it_is_empty_under_a_dialog_because_its_keys_do_not_work_there(key):
    async with screen(size=(120, 40)) as pilot:
        await until(pilot, lambda: "q Quit" in last_line(pilot))
        await pilot.press(key)
        await until(pilot, lambda: "Quit" not in last_line(pilot))
        assert "One batch" not in text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "q Quit" in last_line(pilot))
