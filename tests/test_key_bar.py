"""The line of keys at the bottom."""

import pytest
from canned import frame, run, screen, text, until

from core.events import Phase, PhaseChanged


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


@pytest.mark.parametrize("size", [(120, 40), (200, 60)])
async def test_after_the_end_it_has_no_keys_that_train(size):
    async with screen(*run(), size=size) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "s One batch" in last_line(pilot))
        await frame(pilot, PhaseChanged(Phase.FINISHED))
        keys = "t Score test set  b Step back  g Go to"
        await until(pilot, lambda: keys in last_line(pilot))
        await pilot.press("3", "enter")
        await until(pilot, lambda: "y Why" in last_line(pilot))
        for gone in ("Run/Pause", "One batch", "Finish epoch", "Slower"):
            assert gone not in last_line(pilot)
