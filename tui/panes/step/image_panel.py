"""One image of the batch as lines of text: its picture, and what a stage makes of it alone."""

import math

import numpy as np
from textual.strip import Strip

from core.inspection.stages import Stage
from core.inspection.step_trace import OneImage
from core.types import Floats
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.styles import Inks
from tui.drawing.text import beside, flow, paragraph, styled
from tui.panes.step.ascii_equations import spelt
from tui.panes.step.trace_details import Findings
from tui.panes.step.value_bars import Row, columns, length, rows

_GAP = 2
_LEAST_BESIDE = 24  # cells for what stands beside a picture
_LEAST_UNDER = 15  # rows for it, from which on it stands under the picture, in all the width
_MOST_COLUMNS = 96  # of bars, beyond which they are hard to take in
_BAR_ROWS = 9
_MOST_ROWS = 20
_CLASSES = 12


def specimen(
    findings: Findings,
    at: int,
    column: int,
    names: tuple[str, ...],
    size: tuple[int, int],
    pictures: Pictures,
    inks: Inks,
) -> list[Strip]:
    """The image in this column of the batch, in about (width, height) cells."""
    width, height = size
    one, stage = findings.image(column), findings.plan[at]
    at_pixels = stage.kind == "backward" and stage.takes == "X"
    most = min(_MOST_ROWS, height - (4 if at_pixels else 2))
    picture_rows, picture_columns = picture_size(
        one.picture.shape,
        max(3, most),
        max(3, min(2 * _MOST_ROWS, (width - _GAP) // 2)),
    )
    drawn = picture(one.picture, (picture_rows, picture_columns), pictures, inks.plain)
    heads = _heads(findings, one, column, names, width, inks)
    room, left = width - picture_columns - _GAP, height - len(heads) - len(drawn) - 1
    under = room < _LEAST_BESIDE or left >= _LEAST_UNDER
    told = _told(findings, stage, one, names, (width, left) if under else (room, len(drawn)), inks)
    if at_pixels and room >= _LEAST_BESIDE:
        salient = _salient(one, room, len(drawn) - 2, pictures, inks)
        drawn = beside(drawn, salient, picture_columns + _GAP, inks.plain)
        return heads + drawn + told
    if under:
        return [*heads, *drawn, styled(), *told]
    return heads + beside(drawn, told, picture_columns + _GAP, inks.plain)


def _heads(
    findings: Findings, one: OneImage, column: int, names: tuple[str, ...], width: int, inks: Inks
) -> list[Strip]:
    """Which image of the batch, what it is, and what it would be said to be."""
    count = len(findings.anatomy.images)
    place = f"image {column + 1} of {count}", f"#{one.index:,} of the training images"
    where = flow(place, width, inks.muted)
    if not np.isfinite(one.probabilities).all():
        said, style = "said: nothing, for its numbers are not finite", inks.wrong
    else:
        guess = int(one.logits.argmax())
        right = guess == one.label
        style = inks.strong if right else inks.wrong
        said = f"said {names[guess]} {'✓' if right else '×'}"
    true = f"true {names[one.label]}   "
    return [*where, styled((true, inks.plain), (said, style)).crop(0, width)]


def _told(
    findings: Findings,
    stage: Stage,
    one: OneImage,
    names: tuple[str, ...],
    size: tuple[int, int],
    inks: Inks,
) -> list[Strip]:
    """What the stage makes of the image, in about (width, height) cells."""
    width, height = size
    last = len(findings.anatomy.config.hidden) + 1
    match stage.kind, stage.does:
        case "draw", _:
            return _drawn(findings, one, names, width, height, inks)
        case "forward", _ if stage.gives[0] == f"Z{last}":
            logits = [Row(n, float(z), f"{z:.3g}") for n, z in zip(names, one.logits, strict=True)]
            return _classes("its logits", _marked(logits, one), width, height, inks)
        case "forward", _:
            return _units(stage.gives[0], one.passed[stage.gives[0]], width, height, inks)
        case "loss", _:
            return _probabilities(findings, one, names, width, height, inks)
        case "backward", "softmax":
            error = one.gradients[stage.gives[0]]
            wanted = [Row(n, float(d), f"{d:+.3f}") for n, d in zip(names, error, strict=True)]
            what = "error of each logit, for its own loss"
            return _classes(what, _marked(wanted, one), width, height, inks)
        case "backward", _:
            return _back(findings, stage, one, width, height, inks)
        case _:
            return []


def _classes(what: str, classes: list[Row], width: int, height: int, inks: Inks) -> list[Strip]:
    """Rows of bars, under a few words; a dozen classes even if one must scroll."""
    head = paragraph(what, width, inks.muted)
    return head + rows(classes, width, max(height - len(head), _CLASSES), inks)


def _drawn(
    findings: Findings, one: OneImage, names: tuple[str, ...], width: int, height: int, inks: Inks
) -> list[Strip]:
    """How many images of each class there are in the batch."""
    counts = np.bincount(findings.anatomy.labels, minlength=len(names))
    classes = [Row(name, float(n), str(n)) for name, n in zip(names, counts, strict=True)]
    classes[one.label] = classes[one.label]._replace(said="◀")
    return _classes("images of each class in the batch", classes, width, height, inks)


def _units(name: str, values: Floats, width: int, height: int, inks: Inks) -> list[Strip]:
    """The numbers of all units as bars, and how many of them are above and below 0."""
    bars = columns(
        values, min(width, _MOST_COLUMNS), min(_BAR_ROWS, max(2, height - 4)), inks.ascii
    )
    above, below = int((values > 0).sum()), int((values < 0).sum())
    lost = int((~np.isfinite(values)).sum())
    facts = [f"{spelt(name, inks.ascii)} of this image", f"{len(values)} units", f"{above} above 0"]
    facts += [f"{below} below"] * bool(below) + [f"{lost} not finite"] * bool(lost)
    finite = values[np.isfinite(values)]
    if len(finite):
        facts.append(f"from {finite.min():.3g} to {finite.max():.3g}")
    if bars.units > 1:
        facts.append(f"extremes of {bars.units} units each")
    ends = "unit 0 ", f" {len(values) - 1}"
    rule = "─" * max(1, len(bars.rows[0]) - len(ends[0]) - len(ends[1]))
    axis = styled((rule.join(ends), inks.muted))
    drawn = [styled((row, inks.bars)) for row in bars.rows]
    return [*flow(facts, width, inks.muted), *drawn, axis]


def _probabilities(
    findings: Findings, one: OneImage, names: tuple[str, ...], width: int, height: int, inks: Inks
) -> list[Strip]:
    shares = one.probabilities.tolist()
    classes = [Row(n, p, f"{p:.1%}" if p == p else "–") for n, p in zip(names, shares, strict=True)]
    own, truth = f"its probabilities; its own loss {one.loss:.4g} nats", shares[one.label]
    if not findings.anatomy.config.label_smoothing and 0 < truth <= 1:
        own += f" = −log {truth:.3g}"
    return _classes(own, _marked(classes, one), width, height, inks)


def _back(
    findings: Findings, stage: Stage, one: OneImage, width: int, height: int, inks: Inks
) -> list[Strip]:
    """The gradient that the image alone sends back, and how long it was on its way so far."""
    anatomy = findings.anatomy
    way: list[str] = []
    for each in anatomy.stages[: anatomy.stages.index(stage) + 1]:
        way += [name for name in each.gives if each.kind == "backward" and name in one.gradients]
    norms = [spelt(f"‖{each}‖ {length(one.gradients[each]):.3g}", inks.ascii) for each in way]
    told = flow(["its errors on the way:", *norms], width, inks.muted)
    given = [name for name in stage.gives if name in one.gradients]
    if given:
        told = _units(given[-1], one.gradients[given[-1]], width, height - len(told), inks) + told
    return told


def _salient(one: OneImage, width: int, height: int, pictures: Pictures, inks: Inks) -> list[Strip]:
    """How much its loss hangs on each of its pixels: times the pixel, for black ones are noisy."""
    worth = np.nan_to_num(one.saliency * (one.picture / 255.0), posinf=0.0)
    top = float(worth.max())
    formula = spelt("how its loss hangs on each pixel: |dL/dx| ⊙ x", inks.ascii)
    label = paragraph(formula, width, inks.muted)
    if not top or not math.isfinite(top):
        return [*label, styled(("on none", inks.plain))]
    grey = np.rint(worth * (255 / top)).astype(np.uint8)
    size = picture_size(grey.shape, max(3, height), width)
    return label + picture(grey, size, pictures, inks.plain)


def _marked(classes: list[Row], one: OneImage) -> list[Row]:
    """With the true class and the one that it would be said to be marked in words."""
    said = int(one.logits.argmax())
    marked = []
    for of, row in enumerate(classes):
        words = [word for word, which in (("true", one.label), ("said", said)) if which == of]
        marked.append(row._replace(said=f"◀ {', '.join(words)}" if words else ""))
    return marked
