"""Colors on terminals that have 256 of them."""

import pytest
from canned import screen
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui import themes
from tui.panes.confusion import Confusion
from tui.xterm_colors import XtermFilter, _value, nearest, tint

values = st.integers(0, 255)
colors = st.builds(Color, values, values, values)


def distance(one, other):
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


@given(values, values, values)
def test_no_other_color_is_nearer(red, green, blue):
    rgb = red, green, blue
    best = min(distance(rgb, _value(number)) for number in range(16, 256))
    assert distance(rgb, _value(nearest(*rgb))) == best


@given(colors, colors)
def test_a_larger_share_of_a_color_is_never_nearer_to_the_background(background, color):
    shades = [tint(background, color, share / 20) for share in range(21)]
    steps = [abs(shade.brightness - background.brightness) for shade in shades]
    assert steps == sorted(steps)
    assert shades[0] == background


def test_the_filter_converts_colors_and_keeps_everything_else():
    plain = Style(bold=True, meta={"a": 1})
    styled = plain + Style(color="#1d2733", bgcolor="#ff0000")
    segments = [Segment("a", styled), Segment("b", plain), Segment("c", None)]
    one, two, three = XtermFilter().apply(segments, Color(0, 0, 0))
    assert (one.style.color.number, one.style.bgcolor.number) == (235, 196)
    assert one.style.bold
    assert one.style.meta == {"a": 1}
    assert (two, three) == (segments[1], segments[2])


@pytest.fixture
def few_colors(monkeypatch):
    monkeypatch.setenv("COLORTERM", "")


async def leave_alone(pane):
    """Removes all other panes, so that a theme is applied soon."""
    for node in pane.ancestors_with_self[: pane.ancestors_with_self.index(pane.screen)]:
        await pane.screen.remove_children([each for each in node.siblings if each.is_mounted])


async def test_the_matrix_is_shaded_in_order_in_every_theme_and_ours_tell_panels_apart(few_colors):
    async with screen() as pilot:
        pane = pilot.app.screen.query_one(Confusion)
        await leave_alone(pane)
        for theme in themes.names():
            pilot.app.theme = theme
            await pilot.pause()
            pane.invalidate()
            shades = [pane.tinted("error", 0.75 * level / 7).bgcolor for level in range(8)]
            [drawn] = [XtermFilter().apply([Segment(" ", Style(bgcolor=s)) for s in shades], None)]
            numbers = [segment.style.bgcolor.number for segment in drawn]
            light = [Color(*_value(number)).brightness for number in numbers]
            steps = [abs(value - light[0]) for value in light]
            assert steps == sorted(steps), theme
            assert len(set(numbers)) >= 4, theme
            background, panel, border = (
                nearest(*color.rgb)
                for color in (
                    pane.color("background"),
                    pane.color("panel"),
                    pane.color("background").blend(pane.color("foreground"), 0.25),
                )
            )
            ours = theme in [each.name for each in themes.THEMES]
            assert len({background, panel, border}) == 3 or not ours, theme


async def test_with_16_million_colors_nothing_is_converted():
    async with screen() as pilot:
        filters = pilot.app.get_line_filters()
        assert not [each for each in filters if isinstance(each, XtermFilter)]


async def test_with_256_colors_everything_is_converted(few_colors):
    async with screen() as pilot:
        assert isinstance(pilot.app.get_line_filters()[-1], XtermFilter)
