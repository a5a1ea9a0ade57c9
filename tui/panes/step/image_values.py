"""What a stage of the step computes for one image of the batch, as lines of text."""

import math

import numpy as np
from textual.strip import Strip

from core.inspection.stages import Stage
from core.inspection.step_trace import ImageTrace
from core.text import significant
from core.types import Floats
from tui.drawing.styles import Styles
from tui.drawing.text import flow, paragraph, styled
from tui.panes.step.ascii_notation import ascii_notation
from tui.panes.step.trace_details import TraceDetails
from tui.panes.step.value_bars import ClassValue, class_bars, unit_bars

_MAX_BARS_WIDTH = 96  # more bars are hard to compare
_BARS_HEIGHT = 9
_MIN_CLASSES = 12  # shown even if you must scroll


def image_values(
    details: TraceDetails,
    stage: Stage,
    image: ImageTrace,
    class_names: tuple[str, ...],
    size: tuple[int, int],
    styles: Styles,
) -> list[Strip]:
    """Draw what the stage computes for the image, in about (width, height) cells."""
    width, height = size
    last = len(details.trace.config.hidden) + 1
    match stage.kind, stage.operation:
        case "draw", _:
            return _class_counts(details, image, class_names, width, height, styles)
        case "forward", _ if stage.outputs[0] == f"Z{last}":
            logits = [
                ClassValue(name, float(z), significant(z, 3))
                for name, z in zip(class_names, image.logits, strict=True)
            ]
            label = "logits of this image"
            return _classes(label, _marked(logits, image), width, height, styles)
        case "forward", _:
            name = stage.outputs[0]
            return _units(name, image.activations[name], width, height, styles)
        case "loss", _:
            return _probabilities(details, image, class_names, width, height, styles)
        case "backward", "softmax":
            gradient = image.gradients[stage.outputs[0]]
            slopes = [
                ClassValue(name, float(d), f"{d:+.3f}")
                for name, d in zip(class_names, gradient, strict=True)
            ]
            label = "gradient of its loss with respect to each logit"
            return _classes(label, _marked(slopes, image), width, height, styles)
        case "backward", _:
            return _gradients(details, stage, image, width, height, styles)
        case _:
            return []


def _classes(
    label: str, classes: list[ClassValue], width: int, height: int, styles: Styles
) -> list[Strip]:
    """Draw a bar for each class below a label."""
    lines = paragraph(label, width, styles.muted)
    return lines + class_bars(classes, width, max(height - len(lines), _MIN_CLASSES), styles)


def _class_counts(
    details: TraceDetails,
    image: ImageTrace,
    class_names: tuple[str, ...],
    width: int,
    height: int,
    styles: Styles,
) -> list[Strip]:
    """Draw how many images of each class are in the batch."""
    counts = np.bincount(details.trace.labels, minlength=len(class_names))
    classes = [
        ClassValue(name, float(count), str(count))
        for name, count in zip(class_names, counts, strict=True)
    ]
    classes[image.label] = classes[image.label]._replace(mark="◀")
    return _classes("images of each class in the batch", classes, width, height, styles)


def _units(name: str, values: Floats, width: int, height: int, styles: Styles) -> list[Strip]:
    """Draw the values of all units as bars, with how many are above and below 0."""
    bars_height = min(_BARS_HEIGHT, max(2, height - 4))
    bars = unit_bars(values, min(width, _MAX_BARS_WIDTH), bars_height, styles.ascii)
    above, below = int((values > 0).sum()), int((values < 0).sum())
    nonfinite = int((~np.isfinite(values)).sum())
    facts = [
        f"{ascii_notation(name, styles.ascii)} of this image",
        f"{len(values)} units",
        f"{above} above 0",
    ]
    facts += [f"{below} below 0"] * bool(below) + [f"{nonfinite} not finite"] * bool(nonfinite)
    finite = values[np.isfinite(values)]
    if len(finite):
        facts.append(f"from {significant(finite.min(), 3)} to {significant(finite.max(), 3)}")
    if bars.units_per_bar > 1:
        facts.append(f"each bar: min to max of {bars.units_per_bar} units")
    ends = "unit 0 ", f" {len(values) - 1}"
    rule = "─" * max(1, len(bars.rows[0]) - len(ends[0]) - len(ends[1]))
    axis = styled((rule.join(ends), styles.muted))
    chart = [styled((row, styles.bars)) for row in bars.rows]
    return [*flow(facts, width, styles.muted), *chart, axis]


def _probabilities(
    details: TraceDetails,
    image: ImageTrace,
    class_names: tuple[str, ...],
    width: int,
    height: int,
    styles: Styles,
) -> list[Strip]:
    probabilities = image.probabilities.tolist()
    classes = [
        ClassValue(name, p, f"{p:.1%}" if p == p else "–")
        for name, p in zip(class_names, probabilities, strict=True)
    ]
    label = f"probabilities of this image; its loss: {significant(image.loss, 4)} nats"
    true_probability = probabilities[image.label]
    if not details.trace.config.label_smoothing and 0 < true_probability <= 1:
        label += f" = −log {significant(true_probability, 3)}"
    return _classes(label, _marked(classes, image), width, height, styles)


def _gradients(
    details: TraceDetails,
    stage: Stage,
    image: ImageTrace,
    width: int,
    height: int,
    styles: Styles,
) -> list[Strip]:
    """Draw the gradient of the image's own loss at this stage, and its norms up to here."""
    trace = details.trace
    names = [
        name
        for passed in trace.stages[: trace.stages.index(stage) + 1]
        for name in passed.outputs
        if passed.kind == "backward" and name in image.gradients
    ]
    norms = [
        ascii_notation(f"‖{name}‖ {significant(_norm(image.gradients[name]), 3)}", styles.ascii)
        for name in names
    ]
    lines = flow(["gradient norms so far:", *norms], width, styles.muted)
    outputs = [name for name in stage.outputs if name in image.gradients]
    if outputs:
        gradient = image.gradients[outputs[-1]]
        lines = _units(outputs[-1], gradient, width, height - len(lines), styles) + lines
    return lines


def _marked(classes: list[ClassValue], image: ImageTrace) -> list[ClassValue]:
    """Mark the true and the predicted class in words."""
    predicted = int(image.logits.argmax())
    marks = {predicted: "◀ predicted", image.label: "◀ true"}
    if predicted == image.label:
        marks = {predicted: "◀ correct"}
    return [row._replace(mark=marks.get(label, "")) for label, row in enumerate(classes)]


def _norm(values: Floats) -> float:
    """Returns the norm of a vector; inf if it has values that are not finite."""
    norm = float(np.linalg.norm(values.astype(np.float64)))
    return norm if np.isfinite(norm) else math.inf
