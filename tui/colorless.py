"""Attributes in place of colors, for users who set NO_COLOR (https://no-color.org).

Textual would send grays, which are colors, too.
"""

from collections.abc import Callable
from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.contrast import TEXT, contrast

_REVERSED = 2.5  # contrast between a background and that of the theme, from which it is reversed


class ColorlessFilter(LineFilter):
    """Draws in the terminal's own two colors: prominent text is reversed, pale text is dim.

    background: returns the background of the theme in force.
    """

    def __init__(self, background: Callable[[], Color]) -> None:
        super().__init__()
        self._background = background

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Returns the segments without colors. `background` is that of the widget."""
        base = self._background()
        return [
            Segment(text, colorless(style, base), control) if style else Segment(text, style)
            for text, style, control in segments
        ]


@lru_cache(maxsize=4096)
def colorless(style: Style, base: Color) -> Style:
    """Returns attributes with the same meaning as the colors of a style on the background
    `base`."""
    front, back = _color(style.color), _color(style.bgcolor) or base
    if style.reverse:
        front, back = back, front or base.get_contrast_text()
    stands_out = contrast(back, base) >= _REVERSED
    pale = front is not None and contrast(front, back) < TEXT
    return Style(
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        reverse=stands_out or None,
        dim=(pale and not style.bold) or None,
    )


def _color(color: RichColor | None) -> Color | None:
    """The color; None for the terminal's own."""
    if color is None or color.is_default:
        return None
    return Color.from_rich_color(color)
