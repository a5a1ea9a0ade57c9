"""Colors for terminals that have 256 of them, as most do over ssh.

Rich, which would convert them otherwise, makes dark grays blue or black.
"""

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_CUBE = (0, 95, 135, 175, 215, 255)  # the levels of red, green and blue of colors 16 to 231
_GRAYS = range(8, 239, 10)  # of colors 232 to 255
_STEPS = 33  # of the tints between two colors


class XtermFilter(LineFilter):
    """Replaces each color with the nearest of the 256 of xterm."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Returns the segments in these colors."""
        return [
            Segment(text, _converted(style), control) if style else Segment(text, style, control)
            for text, style, control in segments
        ]


def nearest(red: int, green: int, blue: int) -> int:
    """Returns the number of the color nearest to these values, 16 to 255."""
    rgb = red, green, blue
    levels = [min(range(6), key=lambda level: abs(_CUBE[level] - value)) for value in rgb]
    gray = min(range(len(_GRAYS)), key=lambda gray: abs(_GRAYS[gray] - sum(rgb) / 3))
    off_cube = sum((_CUBE[level] - value) ** 2 for level, value in zip(levels, rgb, strict=True))
    off_gray = sum((_GRAYS[gray] - value) ** 2 for value in rgb)
    if off_gray < off_cube:
        return 232 + gray
    return 16 + 36 * levels[0] + 6 * levels[1] + levels[2]


def tint(background: Color, color: Color, share: float) -> Color:
    """Returns the color of the 256 that is near the background blended with a share of `color`.

    A larger share, 0..1, is never nearer to the background in brightness.
    """
    return _ramp(background, color)[round(share * (_STEPS - 1))]


@lru_cache(maxsize=32)
def _ramp(background: Color, color: Color) -> list[Color]:
    """The tints of _STEPS shares from 0 to 1."""
    ramp = [background]
    for step in range(1, _STEPS):
        blend = background.blend(color, step / (_STEPS - 1))
        shade = Color(*_value(nearest(blend.r, blend.g, blend.b)))
        before, after = (abs(c.brightness - background.brightness) for c in (ramp[-1], shade))
        ramp.append(shade if after >= before else ramp[-1])
    return ramp


def _value(number: int) -> tuple[int, int, int]:
    """Red, green and blue of a color from 16 to 255."""
    if number >= 232:
        return (_GRAYS[number - 232],) * 3
    red, rest = divmod(number - 16, 36)
    return _CUBE[red], _CUBE[rest // 6], _CUBE[rest % 6]


@lru_cache(maxsize=4096)
def _converted(style: Style) -> Style:
    return style + Style.from_color(_color(style.color), _color(style.bgcolor))


def _color(color: RichColor | None) -> RichColor | None:
    if color is None or color.type is not ColorType.TRUECOLOR or color.triplet is None:
        return color
    return RichColor.from_ansi(nearest(*color.triplet))
