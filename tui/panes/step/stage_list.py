"""The list of the stages of a step, with the current one marked."""

from collections.abc import Sequence

from textual.strip import Strip

from core.inspection.stages import Stage
from tui.drawing.styles import Styles
from tui.drawing.text import styled

_DONE, _CURRENT, _AHEAD, _MISSING = "✓", "▶", " ", "–"


def list_width(plan: Sequence[Stage]) -> int:
    """Returns the width of the list in cells."""
    return max(len(stage.title) for stage in plan) + 6


def first_visible(count: int, current: int, rows: int) -> int:
    """Returns the first stage to show, so that the current one is near the middle."""
    return max(0, min(current - rows // 2, count - rows))


def stage_list(
    plan: Sequence[Stage], computed: int, current: int, rows: int, styles: Styles
) -> list[Strip]:
    """Draw the part of the list around the current stage, in at most `rows` lines.

    computed: the number of stages that were computed; fewer than planned if the step diverges.
    If stages above or below do not fit, the first or last line says how many.
    """
    start = first_visible(len(plan), current, rows)
    lines = []
    below = len(plan) - start - rows
    more = {start: f"  ↑ {start} more"} if start else {}
    if below > 0:
        more[start + rows - 1] = f"  ↓ {below} more"
    for index in range(start, min(start + rows, len(plan))):
        mark = _CURRENT if index == current else _DONE if index < current else _AHEAD
        if index >= computed and index != current:
            mark = _MISSING
        style = styles.plain if index < current else styles.muted
        if index == current:
            style = styles.strong
        title = f"{mark}{index + 1:>3} {plan[index].title}"
        lines.append(styled((title, style), (more.get(index, ""), styles.muted)))
    return lines
