"""A step that was taken apart, laid out in the room there is: pure, tested without an app."""

from typing import NamedTuple

from textual.strip import Strip

from tui.drawing.pictures import Pictures
from tui.drawing.styles import Inks
from tui.drawing.text import beside, paragraph, styled
from tui.panes.step.image_panel import specimen
from tui.panes.step.stage_list import breadth, first, walk
from tui.panes.step.stage_panel import bins, figures, head, said
from tui.panes.step.trace_details import Findings, Place
from tui.panes.step.weight_panel import gradient, ratios, weight

_GAP = 2
_TWO_COLUMNS = 70  # from this width on the list of stages stands beside the rest
_THREE_COLUMNS = 150  # and so does the image
_ROOMY = 17  # rows for a stage, from which on there are empty lines in it
_TALLEST = 6  # rows of a histogram
_WIDEST_LIST = 32
_LISTED = 14  # stages that are listed, if there is room
_IMAGE, _LEAST_IMAGE = 16, 13  # rows that it should have, and has even if one must scroll

Size = tuple[int, int]
"""Width and height, in cells."""


class View(NamedTuple):
    """What is looked at: the stage, the image by its column of the batch, and, at the update, a
    parameter; names: of the classes."""

    at: int
    image: int
    place: Place | None
    names: tuple[str, ...]
    pictures: Pictures


class Spread(NamedTuple):
    """The lines; wide, rows, start: the width of the list, its rows, and the stage in the first of
    all lines; side: the first line of the image or the parameter."""

    lines: list[Strip]
    wide: int
    rows: int
    start: int
    side: int


def spread(found: Findings, view: View, size: Size, top: int, inks: Inks) -> Spread:
    """The list of stages, the current one, and the image or parameter it does something to.

    top: the first line that is to be seen, at which the list shall begin if it stands beside.
    """
    width, height = size
    plan, made = found.plan, len(found.anatomy.stages)
    if width < _TWO_COLUMNS:
        told, side = _over(found, view, (width, height - min(len(plan), _LISTED) - 1), inks)
        rows = max(3, min(len(plan), height - len(told) - 1))
        listed = walk(plan, made, view.at, rows, inks)
        start = first(len(plan), view.at, rows)
        return Spread([*listed, styled(), *told], width, rows, start, len(listed) + 1 + side)
    left = min(breadth(plan), _WIDEST_LIST)
    room = width - left - _GAP, height
    if width < _THREE_COLUMNS:
        told, side = _over(found, view, room, inks)
    else:
        half = (room[0] - _GAP) // 2, height
        stage, other = _stage(found, view, half, inks), _side(found, view, half, inks)
        told, side = beside(stage, other, half[0] + _GAP, inks.plain), 0
    listed = [styled()] * top + walk(plan, made, view.at, height, inks)
    lines = beside(listed, told, left + _GAP, inks.plain)
    return Spread(lines, left, len(listed), first(len(plan), view.at, height) - top, side)


def _over(found: Findings, view: View, size: Size, inks: Inks) -> tuple[list[Strip], int]:
    """What the stage does over what it does to one image, or to one parameter, and the line where
    that begins."""
    width, height = size
    wanted = len(_side(found, view, (width, 0), inks)) if view.place else 0
    if _has_image(found, view):
        wanted = _IMAGE
    stage = [*_stage(found, view, (width, height - wanted - 1), inks), styled()]
    room = width, max(_LEAST_IMAGE, height - len(stage))
    return stage + _side(found, view, room, inks), len(stage)


def _stage(found: Findings, view: View, size: Size, inks: Inks) -> list[Strip]:
    """What the stage does, in equations, words and figures of what came out."""
    width, height = size
    stage = found.plan[view.at]
    title = styled((stage.title, inks.strong))
    if view.at >= len(found.anatomy.stages):
        trouble = f"It does not come to this stage: {found.anatomy.diverged}."
        return [title, *paragraph(trouble, width, inks.wrong)]
    between = [styled()] * (height >= _ROOMY)
    drawn = [title, *between, *head(found, view.at, width, inks), *between]
    drawn += said(found, view.at, width, inks)
    names = (view.place[0],) if view.place else stage.gives
    rows = (height - len(drawn)) // len(names) - 3  # besides figures, axis and a line between
    rows = min(rows, _TALLEST) if rows >= 2 else 1
    for name in names:
        what = f"change of {name}" if view.place else name
        outcome = found.outcome(view.at, name, bins(width, rows))
        drawn += [styled()] * (rows > 1 or bool(between))
        drawn += figures(outcome, what, width, rows, inks)
    return drawn


def _has_image(found: Findings, view: View) -> bool:
    kind = found.plan[view.at].kind
    return view.at < len(found.anatomy.stages) and kind not in ("penalty", "clip", "update")


def _side(found: Findings, view: View, size: Size, inks: Inks) -> list[Strip]:
    """The image, or the parameter, to which the stage does something."""
    if view.place:
        told = [*weight(found.anatomy, view.place, size[0], inks), styled()]
        told += ratios(found, size[0], inks)
        room = size[0], size[1] - len(told) - 1
        shown = gradient(found.anatomy, view.place, room, view.pictures, inks)
        return [*told, styled(), *shown] if shown else told
    if not _has_image(found, view):
        return []
    return specimen(found, view.at, view.image, view.names, size, view.pictures, inks)
