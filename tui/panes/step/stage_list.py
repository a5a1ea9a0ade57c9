"""The list of the stages of a step, and where in it someone stands."""

from collections.abc import Sequence

from textual.strip import Strip

from core.inspection.stages import Stage
from tui.drawing.styles import Styles
from tui.drawing.text import styled

_DONE, _HERE, _AHEAD, _MISSING = "✓", "▶", " ", "–"


def breadth(plan: Sequence[Stage]) -> int:
    """Cells that the list needs."""
    return max(len(stage.title) for stage in plan) + 6


def first(count: int, at: int, rows: int) -> int:
    """The first stage to be seen of so many, so that the current one is about in the middle."""
    return max(0, min(at - rows // 2, count - rows))


def stage_list(plan: Sequence[Stage], made: int, at: int, rows: int, styles: Styles) -> list[Strip]:
    """As many lines of the list as there are rows, the current one among them.

    made: how many stages there are numbers of, fewer than planned if the step diverges.
    """
    start = first(len(plan), at, rows)
    drawn = []
    for place in range(start, min(start + rows, len(plan))):
        sign = _HERE if place == at else _DONE if place < at else _AHEAD
        if place >= made and place != at:
            sign = _MISSING
        style = styles.strong if place == at else styles.plain if place < at else styles.muted
        drawn.append(styled((f"{sign}{place + 1:>3} {plan[place].title}", style)))
    return drawn
