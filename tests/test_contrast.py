"""Colors have enough contrast with their background, in every theme, and are not sent under "
"NO_COLOR."""

import pytest
from canned import screen, until
from rich.style import Style
from textual.color import Color
from textual.widgets import OptionList

from tui import themes
from tui.colorless import colorless
from tui.contrast import GRAPHICS, TEXT, contrast, legible, strengthened

BLACK, WHITE = Color(0, 0, 0), Color(255, 255, 255)


def test_the_contrast_of_black_and_white_is_21_and_of_equal_colors_1():
    assert contrast(BLACK, WHITE) == contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == 1
    assert contrast(Color.parse("#777777"), WHITE) == pytest.approx(4.48, abs=0.01)  # WCAG's


@pytest.mark.parametrize(
    "theme", map(themes.readable, themes.names()), ids=lambda theme: theme.name
)
def test_text_and_curves_can_be_read_in_every_theme(theme):
    variables = theme.to_color_system().generate()
    assert variables["footer-background"] == variables["panel"]  # of the key bar
    for name in ("background", "surface", "panel"):
        background, foreground = Color.parse(variables[name]), Color.parse(variables["foreground"])
        for curve in ("primary", "secondary", "accent", "warning", "error", "success"):
            color = Color.parse(variables[curve])
            assert contrast(color, background) >= TEXT
            assert contrast(legible(color, background, 0.5, GRAPHICS), background) >= GRAPHICS
        for share, least in ((0.6, TEXT), (0.4, GRAPHICS)):  # labels, and faint dots
            assert contrast(legible(foreground, background, share, least), background) >= least


def test_a_color_with_enough_contrast_stays_as_it_is():
    orange = Color.parse("#ffb454")
    assert strengthened(orange, [BLACK], TEXT) == orange
    assert legible(orange, BLACK, 0.7, GRAPHICS) == BLACK.blend(orange, 0.7)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("bold #5fb3f9 on #0f141a", "bold"),
        ("#444c55 on #0f141a", "dim"),
        ("#0f141a on #5fb3f9", "reverse"),
        ("reverse #dfe6ee on #0f141a", "reverse"),
        ("underline", "underline"),
        ("on #1d2733", ""),
    ],
)
def test_without_colors_what_stands_out_is_reversed_and_what_is_pale_is_dim(style, expected):
    found = colorless(Style.parse(style), Color.parse("#0f141a"))
    assert found == Style.parse(expected)
    assert (found.color, found.bgcolor) == (None, None)


async def test_without_colors_the_selected_line_of_a_list_is_reversed(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with screen() as pilot:
        await pilot.press("colon")
        await until(pilot, lambda: pilot.app.screen.query_one(OptionList).option_count > 1)
        await pilot.press("down")
        lines = pilot.app.screen.query_one(OptionList)
        base = pilot.app.get_line_filters()[-1]._background()
        found = [colorless(next(iter(lines.render_line(y))).style, base).reverse for y in range(4)]
        assert found.count(True) == 2  # the command and its help
