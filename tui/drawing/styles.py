"""The styles of a pane, for functions that draw its lines without knowing the pane."""

from typing import NamedTuple

from rich.style import Style


class Styles(NamedTuple):
    """The styles of a pane's text.

    plain: body text; muted: labels; strong: emphasis; bars: bar charts; wrong: mistakes and errors.
    ascii: whether to draw with ASCII characters only.
    """

    plain: Style
    muted: Style
    strong: Style
    bars: Style
    wrong: Style
    ascii: bool = False
