"""The update as lines of text: one parameter in numbers, and the update size of each layer."""

import math

import numpy as np
from textual.strip import Strip

from core.inspection.step_trace import StepTrace
from core.inspection.updates import HEALTHY, parameter_update
from core.text import significant
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.styles import Styles
from tui.drawing.text import paragraph, styled
from tui.panes.step.ascii_notation import ascii_notation
from tui.panes.step.trace_details import ParameterIndex, TraceDetails

_MIN_PICTURE_HEIGHT, _MAX_PICTURE_ROWS = 12, 20
_MIN_POWER, _MAX_POWER = -6.0, 0.0  # the ends of the scale, as powers of ten


def update_table(
    trace: StepTrace, parameter: ParameterIndex, width: int, styles: Styles
) -> list[Strip]:
    """Draw the update of one parameter, and its calculation."""
    update = parameter_update(trace, *parameter)
    title = styled(
        (ascii_notation(update.name, styles.ascii), styles.strong),
        (f"  {_position(trace, parameter)}", styles.muted),
    )
    lines = [title.crop(0, width)]
    table = [
        ("before", significant(update.before), ""),
        ("gradient", significant(update.gradient, 4), "passed to the optimizer"),
        *(
            (
                name,
                f"{significant(before, 4)} → {significant(after, 4)}",
                _moment_meaning(trace, name),
            )
            for name, before, after in update.moments
        ),
        ("change", significant(update.change, 4, sign="+"), ""),
        ("after", significant(update.after), ""),
    ]
    value_width = max(len(value) for _, value, _ in table)
    for label, value, note in table:
        style = styles.strong if label in ("before", "after") else styles.plain
        row = styled(
            (f"{label:>9}  ", styles.muted),
            (f"{value:{value_width}}", style),
            (f"  {note}", styles.muted),
        )
        lines.append(row.crop(0, width))
    calculation = ascii_notation(update.calculation, styles.ascii)
    return [*lines, *paragraph(calculation, width, styles.plain)]


def gradient_picture(
    trace: StepTrace,
    parameter: ParameterIndex,
    size: tuple[int, int],
    pictures: Pictures,
    styles: Styles,
) -> list[Strip]:
    """Draw |dL/dW| of a unit of the first layer as an image; nothing for other parameters."""
    (name, unit, _), (width, height) = parameter, size
    if name != "W1" or height < _MIN_PICTURE_HEIGHT:
        return []
    magnitude = np.abs(trace.array("dW1")[unit]).reshape(trace.images.shape[1:])
    gray = np.rint(magnitude * (255 / (float(magnitude.max()) or 1.0))).astype(np.uint8)
    text = f"gradient magnitude of each weight of unit {unit}, at its pixel"
    label = paragraph(text, width, styles.muted)
    max_rows = min(height - len(label), _MAX_PICTURE_ROWS)
    return label + picture(gray, picture_size(gray.shape, max_rows, width), pictures, styles.plain)


def ratio_chart(details: TraceDetails, width: int, styles: Styles) -> list[Strip]:
    """Draw the update size of each layer relative to its weights, on a logarithmic scale."""
    text = f"size of the update relative to the weights; healthy near ┼, 10^{HEALTHY:g}"
    label = paragraph(text, width, styles.muted)
    cells = max(7, min(37, width - 20))
    lines = [
        styled(
            (f"{f'W{layer}':>4} {_power(ratio):>9}  ", styles.plain),
            (ratio_scale(ratio, cells), styles.bars),
        )
        for layer, ratio in enumerate(details.ratios, 1)
    ]
    ends = f"10^{_MIN_POWER:g}".ljust(cells - 4) + f"10^{_MAX_POWER:g}"
    return [*label, *lines, styled((" " * 16 + ends, styles.muted))]


def ratio_scale(ratio: float, cells: int) -> str:
    """Returns a scale that marks the ratio, given as log10, and the healthy one."""
    marks = ["·"] * cells
    marks[_cell(HEALTHY, cells)] = "┼"
    if ratio > _MAX_POWER:
        marks[-1] = "▶"
    elif ratio < _MIN_POWER:
        marks[0] = "◀"
    elif not math.isnan(ratio):
        marks[_cell(ratio, cells)] = "●"
    return "".join(marks)


def _cell(power: float, cells: int) -> int:
    return round((power - _MIN_POWER) / (_MAX_POWER - _MIN_POWER) * (cells - 1))


def _power(ratio: float) -> str:
    if math.isnan(ratio):
        return "–"
    if math.isinf(ratio):
        return "from 0" if ratio > 0 else "no update"
    return f"10^{ratio:.1f}"


def _position(trace: StepTrace, parameter: ParameterIndex) -> str:
    """Returns which units or pixels the parameter belongs to, counted from 0."""
    name, row, column = parameter
    layer = int(name[1:])
    unit = "class" if layer == len(trace.config.hidden) + 1 else "unit"
    if not name.startswith("W"):
        return f"of {unit} {row}"
    if layer > 1:
        return f"from unit {column} to {unit} {row}"
    y, x = divmod(column, trace.images.shape[2])
    return f"from pixel {column} (row {y}, column {x}) to {unit} {row}"


def _moment_meaning(trace: StepTrace, name: str) -> str:
    if trace.config.optimizer in ("momentum", "nesterov"):
        return "velocity"
    if trace.config.optimizer == "adagrad":
        return "sum of squared gradients"
    return "mean of gradients" if name == "m" else "mean of their squares"
