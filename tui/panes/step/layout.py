"""The layout of a traced step in the space available: pure functions, tested without an app."""

from typing import NamedTuple

from textual.strip import Strip

from tui.drawing.pictures import Pictures
from tui.drawing.styles import Styles
from tui.drawing.text import beside, paragraph, styled
from tui.panes.step.along_panel import Along, along_panel
from tui.panes.step.image_panel import image_panel
from tui.panes.step.stage_list import first_visible, list_width, stage_list
from tui.panes.step.stage_panel import array_lines, equation_lines, explanation_lines
from tui.panes.step.trace_details import ParameterIndex, TraceDetails
from tui.panes.step.weight_panel import gradient_picture, ratio_chart, update_table

_GAP = 2
_LISTED_HEIGHT = 24  # below this height, there is no list of stages
_TWO_COLUMNS = 70  # from this width on, the list of stages has its own column
_THREE_COLUMNS = 150  # and from this one on, the image too
_ROOMY_HEIGHT = 17  # from this height on, a stage has empty lines between its parts
_MAX_HISTOGRAM_ROWS = 6
_MAX_LIST_WIDTH = 32
_MAX_LISTED = 14  # stages in a list above the rest
_IMAGE_ROWS, _MIN_IMAGE_ROWS = 16, 13  # the smaller one even if you must scroll
_MIN_FOLDED_IMAGE_ROWS = 11  # without a list, which leaves little height
_SIDE_BY_SIDE = 84  # from this width on, without a list, the image is beside the stage

Size = tuple[int, int]
"""Width and height, in cells."""


class StepView(NamedTuple):
    """What you look at: a stage, an image of the batch, and at the update a parameter.

    image: its column of the batch. parameter: None except at the update. along: at the update, what
    is shown in place of the parameter; None for the parameter.
    """

    stage: int
    image: int
    parameter: ParameterIndex | None
    class_names: tuple[str, ...]
    pictures: Pictures
    along: Along | None = None


class StepLayout(NamedTuple):
    """The lines of a traced step, and where its parts are.

    list_width, list_rows: the size of the list of stages. first_listed: the stage in line 0; it
    is negative if the list starts below. side_top: the first line of the image or the parameter.
    """

    lines: list[Strip]
    list_width: int
    list_rows: int
    first_listed: int
    side_top: int


def layout_step(
    details: TraceDetails, view: StepView, size: Size, scroll_top: int, styles: Styles
) -> StepLayout:
    """Lay out the list of stages, the current stage, and the image or the parameter.

    scroll_top: the first visible line. A list with its own column starts there, so it stays in
    place while the rest scrolls. In a low pane the border names the stage.
    """
    width, height = size
    plan, computed = details.plan, len(details.trace.stages)
    if view.along is not None:
        return _layout_along(details, view, size, scroll_top, styles)
    if is_folded(height):
        content, side_top = _folded(details, view, size, styles)
        return StepLayout(content, 0, 0, 0, side_top)
    if width < _TWO_COLUMNS:
        size = width, height - min(len(plan), _MAX_LISTED) - 1
        content, side_top = _stacked(details, view, size, styles)
        room = height - len(content)
        spacer = [styled()] * (room != len(plan))  # without it, the last stage has room
        rows = max(3, min(len(plan), room - len(spacer)))
        listed = stage_list(plan, computed, view.stage, rows, styles)
        start = first_visible(len(plan), view.stage, rows)
        lines = [*listed, *spacer, *content]
        return StepLayout(lines, width, rows, start, len(listed) + len(spacer) + side_top)
    left = min(list_width(plan), _MAX_LIST_WIDTH)
    right = width - left - _GAP
    if width < _THREE_COLUMNS:
        content, side_top = _stacked(details, view, (right, height), styles)
    else:
        half = (right - _GAP) // 2
        stage = _stage(details, view, (half, height), styles)
        side = _side(details, view, (half, height), styles)
        content, side_top = beside(stage, side, half + _GAP, styles.plain), 0
    listed = [styled()] * scroll_top + stage_list(plan, computed, view.stage, height, styles)
    lines = beside(listed, content, left + _GAP, styles.plain)
    start = first_visible(len(plan), view.stage, height) - scroll_top
    return StepLayout(lines, left, len(listed), start, side_top)


def _layout_along(
    details: TraceDetails, view: StepView, size: Size, scroll_top: int, styles: Styles
) -> StepLayout:
    """Lay out the loss along the step, beside the list of stages if there is room for both."""
    width, height = size
    assert view.along is not None
    plan, left = details.plan, min(list_width(details.plan), _MAX_LIST_WIDTH)
    if is_folded(height) or width < _TWO_COLUMNS:
        return StepLayout(along_panel(view.along, size, styles), 0, 0, 0, 0)
    content = along_panel(view.along, (width - left - _GAP, height), styles)
    listed = stage_list(plan, len(details.trace.stages), view.stage, height, styles)
    lines = beside([styled()] * scroll_top + listed, content, left + _GAP, styles.plain)
    start = first_visible(len(plan), view.stage, height) - scroll_top
    return StepLayout(lines, left, len(listed) + scroll_top, start, 0)


def is_folded(height: int) -> bool:
    """Whether a pane of this height has no list of stages."""
    return height < _LISTED_HEIGHT


def _folded(
    details: TraceDetails, view: StepView, size: Size, styles: Styles
) -> tuple[list[Strip], int]:
    """Draw the stage without a list, above the image or the parameter or to the left of it."""
    width, height = size
    if width < _SIDE_BY_SIDE or not _has_image(details, view):
        return _stacked(details, view, size, styles, folded=True)
    half = (width - _GAP) // 2
    stage = _stage(details, view, (half, height), styles, folded=True)
    side = _side(details, view, (half, height), styles)
    return beside(stage, side, half + _GAP, styles.plain), 0


def _stacked(
    details: TraceDetails, view: StepView, size: Size, styles: Styles, folded: bool = False
) -> tuple[list[Strip], int]:
    """Draw the stage above the image or the parameter; also return the line where that starts."""
    width, height = size
    side_rows = len(_side(details, view, (width, 0), styles)) if view.parameter else 0
    if _has_image(details, view):
        side_rows = _IMAGE_ROWS
    stage = _stage(details, view, (width, height - side_rows - 1), styles, folded)
    stage.append(styled())
    min_rows = _MIN_FOLDED_IMAGE_ROWS if folded else _MIN_IMAGE_ROWS
    side_size = width, max(min_rows, height - len(stage))
    return stage + _side(details, view, side_size, styles), len(stage)


def _stage(
    details: TraceDetails, view: StepView, size: Size, styles: Styles, folded: bool = False
) -> list[Strip]:
    """Draw the stage: title, equations, explanation, and its outputs in numbers."""
    width, height = size
    stage = details.plan[view.stage]
    title = [] if folded else [styled((stage.title, styles.strong))]
    if view.stage >= len(details.trace.stages):
        text = f"The step does not reach this stage: {details.trace.diverged}."
        return title + paragraph(text, width, styles.wrong)
    spacer = [styled()] * (height >= _ROOMY_HEIGHT)
    lines = title + spacer * len(title)
    lines += [*equation_lines(details, view.stage, width, styles), *spacer]
    lines += explanation_lines(details, view.stage, width, styles)
    names = (view.parameter[0],) if view.parameter else stage.outputs
    rows = (height - len(lines)) // len(names) - 3  # less the statistics, the axis and a spacer
    rows = min(rows, _MAX_HISTOGRAM_ROWS) if rows >= 2 else 1
    for name in names:
        label = f"change of {name}" if view.parameter else name
        lines += [styled()] * (rows > 1 or bool(spacer))
        lines += array_lines(details.summary(view.stage, name), label, width, rows, styles)
    return lines


def _has_image(details: TraceDetails, view: StepView) -> bool:
    kind = details.plan[view.stage].kind
    computed = view.stage < len(details.trace.stages)
    return computed and kind not in ("penalty", "clip", "update")


def _side(details: TraceDetails, view: StepView, size: Size, styles: Styles) -> list[Strip]:
    """Draw the image, or at the update the parameter."""
    width, height = size
    if view.parameter:
        lines = [*update_table(details.trace, view.parameter, width, styles), styled()]
        lines += ratio_chart(details, width, styles)
        left = width, height - len(lines) - 1
        picture = gradient_picture(details.trace, view.parameter, left, view.pictures, styles)
        return [*lines, styled(), *picture] if picture else lines
    if not _has_image(details, view):
        return []
    return image_panel(
        details, view.stage, view.image, view.class_names, size, view.pictures, styles
    )
