"""One image of the batch at a stage of the step: its picture, its classes and its values."""

import numpy as np
from textual.strip import Strip

from core.inspection.step_trace import ImageTrace
from tui.drawing.glyphs import ASCII, UNICODE
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.saliency import saliency_image
from tui.drawing.styles import Styles
from tui.drawing.text import beside, flow, paragraph, styled
from tui.panes.step.ascii_notation import ascii_notation
from tui.panes.step.image_values import image_values
from tui.panes.step.trace_details import TraceDetails

_GAP = 2
_MIN_WIDTH_BESIDE = 24  # for the values to be beside the picture
_MIN_HEIGHT_BELOW = 15  # for the values to be below the picture, over the full width
_MAX_PICTURE_ROWS = 20
_MIN_PICTURE_COLUMNS = 14  # of 28 pixels; enough to distinguish garments


def image_panel(
    details: TraceDetails,
    stage_index: int,
    column: int,
    class_names: tuple[str, ...],
    size: tuple[int, int],
    pictures: Pictures,
    styles: Styles,
) -> list[Strip]:
    """Draw the image in this column of the batch, in about (width, height) cells."""
    width, height = size
    image, stage = details.image(column), details.plan[stage_index]
    at_pixels = stage.kind == "backward" and stage.input == "X"
    max_rows = min(_MAX_PICTURE_ROWS, height - (4 if at_pixels else 2))
    picture_rows, picture_columns = picture_size(
        image.picture.shape,
        max(3, max_rows),
        max(3, min(2 * _MAX_PICTURE_ROWS, _picture_columns(width))),
    )
    drawn = picture(image.picture, (picture_rows, picture_columns), pictures, styles.plain)
    header = _header(details, image, column, class_names, width, styles)
    width_beside = width - picture_columns - _GAP
    height_below = height - len(header) - len(drawn) - 1
    below = width_beside < _MIN_WIDTH_BESIDE or height_below >= _MIN_HEIGHT_BELOW
    values_size = (width, height_below) if below else (width_beside, len(drawn))
    values = image_values(details, stage, image, class_names, values_size, styles)
    if at_pixels and width_beside >= _MIN_WIDTH_BESIDE:
        saliency = _saliency(image, width_beside, len(drawn) - 2, pictures, styles)
        return header + beside(drawn, saliency, picture_columns + _GAP, styles.plain) + values
    if below:
        return [*header, *drawn, styled(), *values]
    return header + beside(drawn, values, picture_columns + _GAP, styles.plain)


def _picture_columns(width: int) -> int:
    """The most columns for the picture: half of them, or fewer to keep the values beside it."""
    half, beside_values = (width - _GAP) // 2, width - _GAP - _MIN_WIDTH_BESIDE
    return min(half, beside_values) if beside_values >= _MIN_PICTURE_COLUMNS else half


def _header(
    details: TraceDetails,
    image: ImageTrace,
    column: int,
    class_names: tuple[str, ...],
    width: int,
    styles: Styles,
) -> list[Strip]:
    """Draw which image of the batch it is, and its true and its predicted class."""
    count = len(details.trace.images)
    position = f"image {column + 1} of {count}", f"#{image.index} of the training images"
    if not np.isfinite(image.probabilities).all():
        predicted, style = "no prediction: its probabilities are not finite", styles.wrong
    else:
        label = int(image.logits.argmax())
        correct = label == image.label
        style = styles.strong if correct else styles.wrong
        right = (ASCII if styles.ascii else UNICODE).right
        predicted = f"predicted {class_names[label]} {right if correct else '×'}"
    true = f"true {class_names[image.label]}   "
    verdict = styled((true, styles.plain), (predicted, style)).crop(0, width)
    return [*flow(position, width, styles.muted), verdict]


def _saliency(
    image: ImageTrace, width: int, height: int, pictures: Pictures, styles: Styles
) -> list[Strip]:
    """Draw the saliency of each pixel times its value, because black pixels are noisy."""
    gray = saliency_image(image.saliency, image.picture)
    text = "how strongly each pixel affects the loss: |dL/dx| ⊙ x"
    label = paragraph(ascii_notation(text, styles.ascii), width, styles.muted)
    if gray is None:
        return [*label, styled(("no pixel affects it", styles.plain))]
    size = picture_size(gray.shape, max(3, height), width)
    return label + picture(gray, size, pictures, styles.plain)
