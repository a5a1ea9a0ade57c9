"""The values of the curves at one step, as text: pure functions of a snapshot."""

from collections.abc import Sequence

from core.events import Change
from core.history.curves import Curve, Curves
from core.history.snapshot import Snapshot
from tui.drawing.glyphs import Glyphs
from tui.drawing.marks import describe
from tui.drawing.numbers import loss_text
from tui.drawing.numbers import number as short


def number(quantity: str, value: float) -> str:
    """A value in the format of its quantity: "0.431", "85.3%", epoch "1,200"."""
    if quantity == "learning rate":
        return short(value)
    if quantity == "loss":
        return loss_text(value)
    return format(value, {"accuracy": ".1%", "epoch": ",.0f"}[quantity])


def reading(
    snapshot: Snapshot, quantity: str, step: int, near: float, width: int, glyphs: Glyphs
) -> str:
    """The values of one quantity at a step: as many as fit in `width` cells, each with its name.

    Includes changes of settings within `near` steps.
    """
    curves, evaluations = _at(snapshot, step), snapshot.evaluation_curves[quantity]
    steps = _steps(curves[quantity], step, glyphs)
    batch = _value(curves[quantity], quantity, glyphs)
    average = _value(curves[f"average {quantity}"], quantity, glyphs)
    at, short = f"step {steps}", f"{quantity} {batch}"
    values = f"{short} (average {average})"
    parts = [at, values]
    forms = [at, short, _join([at, short]), values, _join(parts)]
    nearest = evaluations.nearest(step)
    if nearest and snapshot.run:
        value, place = _value(nearest, quantity, glyphs), _steps(nearest, step, glyphs)
        parts.append(f"{snapshot.run.evaluation_set} {value} at step {place}")
    epoch = f"epoch {_value(curves['epoch'], 'epoch', glyphs)}"
    rate = f"learning rate {_value(curves['learning rate'], 'learning rate', glyphs)}"
    forms += [_join(parts), _join([parts[0], epoch, *parts[1:]])]
    forms.append(_join([parts[0], epoch, *parts[1:], rate]))
    changes = changes_near(snapshot.changes, step, near, glyphs)
    if changes:
        heads = [at, _join([at, short]), _join(parts[:2]), forms[-1]]
        forms = [at, short, _join([at, short]), *(_join([head, changes]) for head in heads)]
    return max((form for form in forms if len(form) <= width), key=len, default=steps)


def step_reading(snapshot: Snapshot, step: int, near: float, glyphs: Glyphs) -> list[str]:
    """The learning rate, step and epoch at a step, and the changes of settings near it."""
    curves = _at(snapshot, step)
    steps = _steps(curves["loss"], step, glyphs)
    epoch = _value(curves["epoch"], "epoch", glyphs)
    rate = _value(curves["learning rate"], "learning rate", glyphs)
    changes = changes_near(snapshot.changes, step, near, glyphs)
    parts = [f"learning rate {rate}", f"step {steps}", f"epoch {epoch}", changes]
    return [part for part in parts if part]


def changes_near(changes: Sequence[Change], step: int, near: float, glyphs: Glyphs) -> str:
    """The changes within `near` steps, as text."""
    nearby = [change for change in changes if abs(change.step - step) <= near]
    return ", ".join(describe(change, glyphs) for change in nearby)


def _at(snapshot: Snapshot, step: int) -> Curves:
    """The buckets that contain a step: of a single batch, if it is a recent one."""
    recent = {name: curve.at(step) for name, curve in snapshot.recent_curves.items()}
    if recent.get("loss"):
        return recent
    return {name: curve.at(step) for name, curve in snapshot.training_curves.items()}


def _steps(curve: Curve, step: int, glyphs: Glyphs) -> str:
    if len(curve) and curve.first[-1] < curve.last[-1]:
        return f"{curve.first[-1]:,}{glyphs.dash}{curve.last[-1]:,}"
    return f"{curve.last[-1] if len(curve) else step:,}"


def _value(curve: Curve, quantity: str, glyphs: Glyphs) -> str:
    """The value of a bucket, or its minimum and maximum."""
    if not len(curve):
        return glyphs.dash
    low, high = float(curve.low[-1]), float(curve.high[-1])
    if low != low:
        return "not finite"
    texts = number(quantity, low), number(quantity, high)
    return texts[0] if texts[0] == texts[1] else glyphs.dash.join(texts)


def _join(parts: Sequence[str]) -> str:
    return " · ".join(parts)
