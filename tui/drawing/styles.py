"""The styles that a pane draws with, so that what makes its lines need not know the pane."""

from typing import NamedTuple

from rich.style import Style


class Styles(NamedTuple):
    """plain: ordinary text; muted: what explains; strong: what matters; bars: of charts; wrong:
    a mistake; ascii: whether there are no characters but those of ASCII."""

    plain: Style
    muted: Style
    strong: Style
    bars: Style
    wrong: Style
    ascii: bool = False
