"""Which columns of a table fit in a window."""

from collections.abc import Mapping


def fitting(widths: Mapping[str, int], room: int, gap: int) -> list[str]:
    """Returns the names of the columns that fit in `room` cells, the first one in any case.

    widths: of the columns in cells, the most important ones first; one that is too wide leaves its
    room to the next ones. gap: cells between two.
    """
    shown: list[str] = []
    used = -gap
    for name, width in widths.items():
        if not shown or used + gap + width <= room:
            used += gap + width
            shown.append(name)
    return shown
