"""The arrangement of the panes for the size of the window."""

import pytest
from canned import screen, text, toasts, until

from tui.panes.confusion import Confusion
from tui.panes.curves.charts import Charts
from tui.panes.gallery import Gallery
from tui.panes.settings.form import Form

PANES = {"form": Form, "charts": Charts, "confusion": Confusion, "gallery": Gallery}


def shown(pilot):
    """The names of the panes that have a place in the window."""
    found = {name for name, kind in PANES.items() if pilot.app.screen.query_one(kind).is_on_screen}
    details = pilot.app.screen.query("#step, #network").results()
    return found | {pane.id for pane in details if pane.is_on_screen}


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((120, 40), {"form", "charts", "confusion", "gallery"}),
        ((200, 60), {"form", "charts", "confusion", "gallery"}),
        ((110, 32), {"form", "charts", "gallery"}),
        ((80, 24), {"charts"}),
    ],
)
async def test_each_window_shows_what_it_has_room_for(size, expected):
    async with screen(size=size) as pilot:
        assert shown(pilot) == expected


async def test_a_medium_window_shows_the_matrix_or_the_images():
    async with screen(size=(110, 32)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: shown(pilot) == {"form", "charts", "confusion"})
        await pilot.press("3")
        await until(pilot, lambda: shown(pilot) == {"form", "charts", "gallery"})


async def test_the_step_and_the_network_take_the_place_below_the_curves_until_they_are_left():
    async with screen(size=(120, 40)) as pilot:
        for key, name, leave in (
            ("x", "step", "escape"),
            ("5", "step", "3"),
            ("6", "network", "3"),
            ("x", "step", "3"),
        ):
            await pilot.press(key)
            await until(pilot, lambda name=name: shown(pilot) == {"form", "charts", name})
            await pilot.press(leave)
            await until(pilot, lambda: shown(pilot) == set(PANES))
            await pilot.press("escape")


async def test_a_wide_window_shows_them_beside_the_images_which_fit_the_room_that_is_left():
    async with screen(size=(200, 60)) as pilot:
        gallery = pilot.app.screen.query_one(Gallery)
        await until(pilot, lambda: gallery.virtual_size.width)
        await pilot.press("x")
        await until(pilot, lambda: shown(pilot) == {*PANES, "step"})
        await until(pilot, lambda: gallery.virtual_size.width <= gallery.size.width)
        assert not gallery.show_horizontal_scrollbar


@pytest.mark.parametrize("size", [(80, 24), (110, 32), (120, 40), (200, 60)], ids=str)
async def test_full_screen_is_as_wide_as_the_window_for_every_pane(size):
    async with screen(size=size) as pilot:
        back = ()
        for key in "123456":
            await pilot.press(*back, key, "f")
            await pilot.pause()
            assert pilot.app.screen.maximized.outer_size.width == size[0], key
            back = "f", "escape"


async def test_full_screen_gives_the_window_to_the_pane_and_back():
    async with screen(size=(120, 40)) as pilot:
        for key, name in (("x", "step"), ("2", "confusion"), ("3", "gallery"), ("1", "charts")):
            await pilot.press(key)
            await until(pilot, lambda name=name: name in shown(pilot))
            await pilot.press("f")
            await until(pilot, lambda name=name: shown(pilot) == {name})
            await pilot.press("f")
            await until(pilot, lambda name=name: {"form", "charts", name} <= shown(pilot))


async def test_the_window_may_change_while_a_pane_is_open():
    async with screen(size=(120, 40)) as pilot:
        await pilot.press("x")
        await until(pilot, lambda: "step" in shown(pilot))
        for size, expected in (
            ((80, 24), {"step"}),
            ((110, 32), {"form", "charts", "step"}),
            ((200, 60), {*PANES, "step"}),
            ((120, 40), {"form", "charts", "step"}),
        ):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda expected=expected: shown(pilot) == expected)


async def test_eight_settings_stand_in_each_window_of_several_panes():
    async with screen(size=(120, 40)) as pilot:
        for size in ((110, 32), (120, 40), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            drawn = text(pilot)
            for label in ("preset", "optimizer", "learning rate", "schedule", "batch size"):
                assert label in drawn
            for label in ("hidden", "dropout", "epochs"):
                assert label in drawn


async def test_a_step_by_hand_says_nothing_of_a_step_view_that_was_closed():
    async with screen() as pilot:
        await pilot.press("x", "x", "s")
        assert not toasts(pilot)
        assert ("step",) in pilot.session.commands
        await pilot.press("2", "f", "h")  # the matrix alone
        assert toasts(pilot) == ["This pane is hidden; 1 shows it."]
