"""The color themes: dark, light, high contrast and color-blind safe.

Charts use two colors: primary for training and correct images, accent for the validation or test
set. Mistakes and faults use error. Textual's own themes are available as well, except those in the
16 colors of the terminal, from which no tints can be made. Pale colors are made stronger.
"""

from dataclasses import replace
from functools import cache
from typing import Any

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tui.contrast import TEXT, strengthened

DARK = Theme(
    name="fashion-dark",
    primary="#5fb3f9",
    secondary="#8aa4c8",
    accent="#ffb454",
    warning="#e6c15c",
    error="#f07178",
    success="#7fd99a",
    foreground="#dfe6ee",
    background="#0f141a",
    surface="#161d26",
    panel="#1d2733",
    dark=True,
)
LIGHT = Theme(
    name="fashion-light",
    primary="#0b66c2",
    secondary="#4a6079",
    accent="#b85c00",
    warning="#8a6500",
    error="#c0262d",
    success="#1d7a3e",
    foreground="#1c232b",
    background="#fbfbf9",
    surface="#f1f2ef",
    panel="#e4e7e6",
    dark=False,
)
CONTRAST = Theme(
    name="fashion-high-contrast",
    primary="#00e5ff",
    secondary="#ffffff",
    accent="#ffea00",
    warning="#ffea00",
    error="#ff6e6e",
    success="#5dff8f",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    dark=True,
)
# A palette that people with any form of color blindness can distinguish (Okabe and Ito 2008,
# https://jfly.uni-koeln.de/color/).
COLOR_BLIND = Theme(
    name="fashion-color-blind",
    primary="#56b4e9",
    secondary="#cc79a7",
    accent="#e69f00",
    warning="#f0e442",
    error="#d55e00",
    success="#009e73",
    foreground="#e8e8e8",
    background="#101214",
    surface="#181b1f",
    panel="#22262b",
    dark=True,
)
THEMES = (DARK, LIGHT, CONTRAST, COLOR_BLIND)
UNSUITED = tuple(name for name, theme in BUILTIN_THEMES.items() if theme.ansi)
"""Textual's themes that are left out."""

_OURS = {theme.name: theme for theme in THEMES}
_ROUNDING = 0.1  # of the numbers of colors
_COLORS = ("primary", "secondary", "accent", "warning", "error", "success")
_CONTRASTS = dict.fromkeys(_COLORS, TEXT + _ROUNDING) | {"foreground": 7.0}  # labels are paler


def names() -> list[str]:
    """Returns the names of all themes to choose from, ours first."""
    textual = [name for name in BUILTIN_THEMES if name not in UNSUITED]
    return [*(theme.name for theme in THEMES), *textual]


def theme(name: str) -> Theme:
    """Returns one of the themes to choose from."""
    return _OURS.get(name) or BUILTIN_THEMES[name]


@cache
def readable(name: str) -> Theme:
    """Returns the theme with colors in which text can be read, a little stronger where needed.

    The key bar has the colors of the status line, whatever a theme has for Textual's footer.
    """
    given = theme(name)
    variables = given.to_color_system().generate()
    backgrounds = [Color.parse(variables[name]) for name in ("background", "surface", "panel")]
    stronger: dict[str, Any] = {}
    for name, least in _CONTRASTS.items():
        color = Color.parse(variables[name])
        if (other := strengthened(color, backgrounds, least)) != color:
            stronger[name] = other.hex
            stronger["panel"] = variables["panel"]  # which Textual may mix from the colors
    others = {k: v for k, v in given.variables.items() if not k.startswith("footer-")}
    return replace(given, **stronger, variables=others)
