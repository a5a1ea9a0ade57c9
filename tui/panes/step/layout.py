"""A step that was taken apart, laid out in the room there is: pure, tested without an app."""

from typing import NamedTuple

from textual.strip import Strip

from tui.drawing.pictures import Pictures
from tui.drawing.styles import Styles
from tui.drawing.text import beside, paragraph, styled
from tui.panes.step.image_panel import image_panel
from tui.panes.step.stage_list import breadth, first, stage_list
from tui.panes.step.stage_panel import figures, head, said
from tui.panes.step.trace_details import ParameterIndex, TraceDetails
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


class StepView(NamedTuple):
    """What is looked at: the stage, the image by its column of the batch, and, at the update, a
    parameter; names: of the classes."""

    at: int
    image: int
    place: ParameterIndex | None
    names: tuple[str, ...]
    pictures: Pictures


class StepLayout(NamedTuple):
    """The lines; wide, rows, start: the width of the list, its rows, and the stage in the first of
    all lines; side: the first line of the image or the parameter."""

    lines: list[Strip]
    wide: int
    rows: int
    start: int
    side: int


def lay_out(
    found: TraceDetails, view: StepView, size: Size, top: int, styles: Styles
) -> StepLayout:
    """The list of stages, the current one, and the image or parameter it does something to.

    top: the first line that is to be seen, at which the list shall begin if it stands beside.
    """
    width, height = size
    plan, made = found.plan, len(found.trace.stages)
    if width < _TWO_COLUMNS:
        told, side = _over(found, view, (width, height - min(len(plan), _LISTED) - 1), styles)
        rows = max(3, min(len(plan), height - len(told) - 1))
        listed = stage_list(plan, made, view.at, rows, styles)
        start = first(len(plan), view.at, rows)
        return StepLayout([*listed, styled(), *told], width, rows, start, len(listed) + 1 + side)
    left = min(breadth(plan), _WIDEST_LIST)
    room = width - left - _GAP, height
    if width < _THREE_COLUMNS:
        told, side = _over(found, view, room, styles)
    else:
        half = (room[0] - _GAP) // 2, height
        stage, other = _stage(found, view, half, styles), _side(found, view, half, styles)
        told, side = beside(stage, other, half[0] + _GAP, styles.plain), 0
    listed = [styled()] * top + stage_list(plan, made, view.at, height, styles)
    lines = beside(listed, told, left + _GAP, styles.plain)
    return StepLayout(lines, left, len(listed), first(len(plan), view.at, height) - top, side)


def _over(
    found: TraceDetails, view: StepView, size: Size, styles: Styles
) -> tuple[list[Strip], int]:
    """What the stage does over what it does to one image, or to one parameter, and the line where
    that begins."""
    width, height = size
    wanted = len(_side(found, view, (width, 0), styles)) if view.place else 0
    if _has_image(found, view):
        wanted = _IMAGE
    stage = [*_stage(found, view, (width, height - wanted - 1), styles), styled()]
    room = width, max(_LEAST_IMAGE, height - len(stage))
    return stage + _side(found, view, room, styles), len(stage)


def _stage(found: TraceDetails, view: StepView, size: Size, styles: Styles) -> list[Strip]:
    """What the stage does, in equations, words and figures of what came out."""
    width, height = size
    stage = found.plan[view.at]
    title = styled((stage.title, styles.strong))
    if view.at >= len(found.trace.stages):
        trouble = f"It does not come to this stage: {found.trace.diverged}."
        return [title, *paragraph(trouble, width, styles.wrong)]
    between = [styled()] * (height >= _ROOMY)
    drawn = [title, *between, *head(found, view.at, width, styles), *between]
    drawn += said(found, view.at, width, styles)
    names = (view.place[0],) if view.place else stage.outputs
    rows = (height - len(drawn)) // len(names) - 3  # besides figures, axis and a line between
    rows = min(rows, _TALLEST) if rows >= 2 else 1
    for name in names:
        what = f"change of {name}" if view.place else name
        summary = found.summary(view.at, name)
        drawn += [styled()] * (rows > 1 or bool(between))
        drawn += figures(summary, what, width, rows, styles)
    return drawn


def _has_image(found: TraceDetails, view: StepView) -> bool:
    kind = found.plan[view.at].kind
    return view.at < len(found.trace.stages) and kind not in ("penalty", "clip", "update")


def _side(found: TraceDetails, view: StepView, size: Size, styles: Styles) -> list[Strip]:
    """The image, or the parameter, to which the stage does something."""
    if view.place:
        told = [*weight(found.trace, view.place, size[0], styles), styled()]
        told += ratios(found, size[0], styles)
        room = size[0], size[1] - len(told) - 1
        shown = gradient(found.trace, view.place, room, view.pictures, styles)
        return [*told, styled(), *shown] if shown else told
    if not _has_image(found, view):
        return []
    return image_panel(found, view.at, view.image, view.names, size, view.pictures, styles)
