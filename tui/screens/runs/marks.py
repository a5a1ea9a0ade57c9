"""The marks of runs that are compared: a color and a character for each, the same in all views."""

from collections.abc import Mapping
from pathlib import Path

MAX_MARKS = 6
GLYPHS = "●▲◆▼×+"
COLORS = ("primary", "accent", "success", "error", "secondary", "foreground")
"""Names of theme colors."""

MarkedRuns = Mapping[Path, int]
"""The number of the mark of each marked run, from 0."""


def toggled(marks: MarkedRuns, path: Path) -> dict[Path, int] | None:
    """Returns the marks with one more or one less; None if there are no more left."""
    if path in marks:
        return {other: mark for other, mark in marks.items() if other != path}
    free = [mark for mark in range(MAX_MARKS) if mark not in marks.values()]
    return {**marks, path: free[0]} if free else None
