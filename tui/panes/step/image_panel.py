"""One image of the batch as lines of text: its picture, and what a stage makes of it alone."""

import math

import numpy as np
from textual.strip import Strip

from core.inspection.stages import Stage
from core.inspection.step_trace import ImageTrace
from core.types import Floats
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.styles import Styles
from tui.drawing.text import beside, flow, paragraph, styled
from tui.panes.step.ascii_equations import spell_ascii
from tui.panes.step.trace_details import TraceDetails
from tui.panes.step.value_bars import BarRow, columns, length, rows

_GAP = 2
_LEAST_BESIDE = 24  # cells for what stands beside a picture
_LEAST_UNDER = 15  # rows for it, from which on it stands under the picture, in all the width
_MAX_COLUMNS = 96  # of bars, beyond which they are hard to take in
_BAR_ROWS = 9
_MAX_ROWS = 20
_CLASSES = 12


def image_panel(
    details: TraceDetails,
    at: int,
    column: int,
    names: tuple[str, ...],
    size: tuple[int, int],
    pictures: Pictures,
    styles: Styles,
) -> list[Strip]:
    """The image in this column of the batch, in about (width, height) cells."""
    width, height = size
    one, stage = details.image(column), details.plan[at]
    at_pixels = stage.kind == "backward" and stage.input == "X"
    most = min(_MAX_ROWS, height - (4 if at_pixels else 2))
    picture_rows, picture_columns = picture_size(
        one.picture.shape,
        max(3, most),
        max(3, min(2 * _MAX_ROWS, (width - _GAP) // 2)),
    )
    drawn = picture(one.picture, (picture_rows, picture_columns), pictures, styles.plain)
    heads = _heads(details, one, column, names, width, styles)
    room, left = width - picture_columns - _GAP, height - len(heads) - len(drawn) - 1
    under = room < _LEAST_BESIDE or left >= _LEAST_UNDER
    told = _told(details, stage, one, names, (width, left) if under else (room, len(drawn)), styles)
    if at_pixels and room >= _LEAST_BESIDE:
        salient = _salient(one, room, len(drawn) - 2, pictures, styles)
        drawn = beside(drawn, salient, picture_columns + _GAP, styles.plain)
        return heads + drawn + told
    if under:
        return [*heads, *drawn, styled(), *told]
    return heads + beside(drawn, told, picture_columns + _GAP, styles.plain)


def _heads(
    details: TraceDetails,
    one: ImageTrace,
    column: int,
    names: tuple[str, ...],
    width: int,
    styles: Styles,
) -> list[Strip]:
    """Which image of the batch, what it is, and what it would be said to be."""
    count = len(details.trace.images)
    place = f"image {column + 1} of {count}", f"#{one.index:,} of the training images"
    where = flow(place, width, styles.muted)
    if not np.isfinite(one.probabilities).all():
        predicted, style = "said: nothing, for its numbers are not finite", styles.wrong
    else:
        guess = int(one.logits.argmax())
        right = guess == one.label
        style = styles.strong if right else styles.wrong
        predicted = f"said {names[guess]} {'✓' if right else '×'}"
    true = f"true {names[one.label]}   "
    return [*where, styled((true, styles.plain), (predicted, style)).crop(0, width)]


def _told(
    details: TraceDetails,
    stage: Stage,
    one: ImageTrace,
    names: tuple[str, ...],
    size: tuple[int, int],
    styles: Styles,
) -> list[Strip]:
    """What the stage makes of the image, in about (width, height) cells."""
    width, height = size
    last = len(details.trace.config.hidden) + 1
    match stage.kind, stage.operation:
        case "draw", _:
            return _drawn(details, one, names, width, height, styles)
        case "forward", _ if stage.outputs[0] == f"Z{last}":
            logits = [
                BarRow(n, float(z), f"{z:.3g}") for n, z in zip(names, one.logits, strict=True)
            ]
            return _classes("its logits", _marked(logits, one), width, height, styles)
        case "forward", _:
            return _units(
                stage.outputs[0], one.activations[stage.outputs[0]], width, height, styles
            )
        case "loss", _:
            return _probabilities(details, one, names, width, height, styles)
        case "backward", "softmax":
            error = one.gradients[stage.outputs[0]]
            wanted = [BarRow(n, float(d), f"{d:+.3f}") for n, d in zip(names, error, strict=True)]
            what = "error of each logit, for its own loss"
            return _classes(what, _marked(wanted, one), width, height, styles)
        case "backward", _:
            return _back(details, stage, one, width, height, styles)
        case _:
            return []


def _classes(
    what: str, classes: list[BarRow], width: int, height: int, styles: Styles
) -> list[Strip]:
    """Rows of bars, under a few words; a dozen classes even if one must scroll."""
    head = paragraph(what, width, styles.muted)
    return head + rows(classes, width, max(height - len(head), _CLASSES), styles)


def _drawn(
    details: TraceDetails,
    one: ImageTrace,
    names: tuple[str, ...],
    width: int,
    height: int,
    styles: Styles,
) -> list[Strip]:
    """How many images of each class there are in the batch."""
    counts = np.bincount(details.trace.labels, minlength=len(names))
    classes = [BarRow(name, float(n), str(n)) for name, n in zip(names, counts, strict=True)]
    classes[one.label] = classes[one.label]._replace(said="◀")
    return _classes("images of each class in the batch", classes, width, height, styles)


def _units(name: str, values: Floats, width: int, height: int, styles: Styles) -> list[Strip]:
    """The numbers of all units as bars, and how many of them are above and below 0."""
    bars = columns(
        values, min(width, _MAX_COLUMNS), min(_BAR_ROWS, max(2, height - 4)), styles.ascii
    )
    above, below = int((values > 0).sum()), int((values < 0).sum())
    nonfinite = int((~np.isfinite(values)).sum())
    facts = [
        f"{spell_ascii(name, styles.ascii)} of this image",
        f"{len(values)} units",
        f"{above} above 0",
    ]
    facts += [f"{below} below"] * bool(below) + [f"{nonfinite} not finite"] * bool(nonfinite)
    finite = values[np.isfinite(values)]
    if len(finite):
        facts.append(f"from {finite.min():.3g} to {finite.max():.3g}")
    if bars.units > 1:
        facts.append(f"extremes of {bars.units} units each")
    ends = "unit 0 ", f" {len(values) - 1}"
    rule = "─" * max(1, len(bars.rows[0]) - len(ends[0]) - len(ends[1]))
    axis = styled((rule.join(ends), styles.muted))
    drawn = [styled((row, styles.bars)) for row in bars.rows]
    return [*flow(facts, width, styles.muted), *drawn, axis]


def _probabilities(
    details: TraceDetails,
    one: ImageTrace,
    names: tuple[str, ...],
    width: int,
    height: int,
    styles: Styles,
) -> list[Strip]:
    shares = one.probabilities.tolist()
    classes = [
        BarRow(n, p, f"{p:.1%}" if p == p else "–") for n, p in zip(names, shares, strict=True)
    ]
    own, truth = f"its probabilities; its own loss {one.loss:.4g} nats", shares[one.label]
    if not details.trace.config.label_smoothing and 0 < truth <= 1:
        own += f" = −log {truth:.3g}"
    return _classes(own, _marked(classes, one), width, height, styles)


def _back(
    details: TraceDetails, stage: Stage, one: ImageTrace, width: int, height: int, styles: Styles
) -> list[Strip]:
    """The gradient that the image alone sends back, and how long it was on its way so far."""
    trace = details.trace
    way: list[str] = []
    for each in trace.stages[: trace.stages.index(stage) + 1]:
        way += [name for name in each.outputs if each.kind == "backward" and name in one.gradients]
    norms = [
        spell_ascii(f"‖{each}‖ {length(one.gradients[each]):.3g}", styles.ascii) for each in way
    ]
    told = flow(["its errors on the way:", *norms], width, styles.muted)
    given = [name for name in stage.outputs if name in one.gradients]
    if given:
        told = _units(given[-1], one.gradients[given[-1]], width, height - len(told), styles) + told
    return told


def _salient(
    one: ImageTrace, width: int, height: int, pictures: Pictures, styles: Styles
) -> list[Strip]:
    """How much its loss hangs on each of its pixels: times the pixel, for black ones are noisy."""
    worth = np.nan_to_num(one.saliency * (one.picture / 255.0), posinf=0.0)
    top = float(worth.max())
    formula = spell_ascii("how its loss hangs on each pixel: |dL/dx| ⊙ x", styles.ascii)
    label = paragraph(formula, width, styles.muted)
    if not top or not math.isfinite(top):
        return [*label, styled(("on none", styles.plain))]
    gray = np.rint(worth * (255 / top)).astype(np.uint8)
    size = picture_size(gray.shape, max(3, height), width)
    return label + picture(gray, size, pictures, styles.plain)


def _marked(classes: list[BarRow], one: ImageTrace) -> list[BarRow]:
    """With the true class and the one that it would be said to be marked in words."""
    predicted = int(one.logits.argmax())
    marked = []
    for of, row in enumerate(classes):
        words = [word for word, which in (("true", one.label), ("said", predicted)) if which == of]
        marked.append(row._replace(said=f"◀ {', '.join(words)}" if words else ""))
    return marked
