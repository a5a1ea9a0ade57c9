"""The update as lines of text: of one parameter in numbers, and how far each layer moves."""

import math

import numpy as np
from textual.strip import Strip

from core.inspection.step_trace import StepTrace
from core.inspection.updates import HEALTHY, parameter_update
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.styles import Styles
from tui.drawing.text import paragraph, styled
from tui.panes.step.ascii_equations import spell_ascii
from tui.panes.step.trace_details import ParameterIndex, TraceDetails

_LEAST_PICTURE, _MAX_ROWS = 12, 20
_LOWEST, _HIGHEST = -6.0, 0.0  # of the scale, as powers of ten


def weight(trace: StepTrace, place: ParameterIndex, width: int, styles: Styles) -> list[Strip]:
    """What the step does to this number, and the equation with its numbers put in."""
    found = parameter_update(trace, *place)
    drawn = [
        styled(
            (spell_ascii(found.name, styles.ascii), styles.strong),
            (f"  {_where(trace, place)}", styles.muted),
        ).crop(0, width)
    ]
    table = [
        ("before", f"{found.before:.6g}", ""),
        ("gradient", f"{found.gradient:.4g}", "as the optimiser gets it"),
        *(
            (name, f"{was:.4g} → {now:.4g}", _meaning(trace, name))
            for name, was, now in found.moments
        ),
        ("change", f"{found.change:+.4g}", ""),
        ("after", f"{found.after:.6g}", ""),
    ]
    longest = max(len(value) for _, value, _ in table)
    for name, value, what in table:
        drawn.append(
            styled(
                (f"{name:>9}  ", styles.muted),
                (
                    f"{value:{longest}}",
                    styles.strong if name in ("before", "after") else styles.plain,
                ),
                (f"  {what}", styles.muted),
            ).crop(0, width)
        )
    return [*drawn, *paragraph(spell_ascii(found.calculation, styles.ascii), width, styles.plain)]


def gradient(
    trace: StepTrace,
    place: ParameterIndex,
    size: tuple[int, int],
    pictures: Pictures,
    styles: Styles,
) -> list[Strip]:
    """Of a unit of the first layer, how large the gradient of the weight of each pixel is."""
    (name, unit, _), (width, height) = place, size
    if name != "W1" or height < _LEAST_PICTURE:
        return []
    slopes = np.abs(trace.array("dW1")[unit]).reshape(trace.images.shape[1:])
    gray = np.rint(slopes * (255 / (float(slopes.max()) or 1.0))).astype(np.uint8)
    label = f"size of the gradient of all weights of unit {unit}, each at its pixel"
    head = paragraph(label, width, styles.muted)
    rows, columns = picture_size(gray.shape, min(height - len(head), _MAX_ROWS), width)
    return head + picture(gray, (rows, columns), pictures, styles.plain)


def ratios(details: TraceDetails, width: int, styles: Styles) -> list[Strip]:
    """Of each layer, the change of its weights to their size, on a scale of powers of ten."""
    what = f"change of the weights to their size; healthy at ┼, 10^{HEALTHY:g}"
    head = paragraph(what, width, styles.muted)
    cells = max(7, min(37, width - 20))
    lines = [
        styled(
            (f"{f'W{layer}':>4} {_power(ratio):>9}  ", styles.plain),
            (scale(ratio, cells), styles.bars),
        )
        for layer, ratio in enumerate(details.ratios, 1)
    ]
    ends = f"10^{_LOWEST:g}".ljust(cells - 4) + f"10^{_HIGHEST:g}"
    return [*head, *lines, styled((" " * 16 + ends, styles.muted))]


def scale(ratio: float, cells: int) -> str:
    """A ratio, as a power of ten, on the scale, where the healthy one is marked."""
    marks = ["·"] * cells
    marks[_cell(HEALTHY, cells)] = "┼"
    if ratio > _HIGHEST:
        marks[-1] = "▶"
    elif ratio < _LOWEST:
        marks[0] = "◀"
    elif not math.isnan(ratio):
        marks[_cell(ratio, cells)] = "●"
    return "".join(marks)


def _cell(power: float, cells: int) -> int:
    return round((power - _LOWEST) / (_HIGHEST - _LOWEST) * (cells - 1))


def _power(ratio: float) -> str:
    if math.isnan(ratio):
        return "–"
    if math.isinf(ratio):
        return "from 0" if ratio > 0 else "still"
    return f"10^{ratio:.1f}"


def _where(trace: StepTrace, place: ParameterIndex) -> str:
    """What the place means, counted from 0."""
    name, row, column = place
    layer = int(name[1:])
    unit = "class" if layer == len(trace.config.hidden) + 1 else "unit"
    if not name.startswith("W"):
        return f"of {unit} {row}"
    if layer > 1:
        return f"from unit {column} to {unit} {row}"
    across = trace.images.shape[2]
    y, x = divmod(column, across)
    return f"from pixel {column} (row {y}, column {x}) to {unit} {row}"


def _meaning(trace: StepTrace, name: str) -> str:
    if trace.config.optimizer in ("momentum", "nesterov"):
        return "velocity"
    if trace.config.optimizer == "adagrad":
        return "sum of all squared gradients"
    return "mean of its gradients" if name == "m" else "mean of their squares"
