"""What the curves say at one step, in words: pure functions of a snapshot."""

from collections.abc import Sequence

from core.events import Change
from core.history.curves import Curve, Curves
from core.history.snapshot import Snapshot
from tui.drawing.figure import Glyphs, describe


def number(quantity: str, value: float) -> str:
    """A value as it is read: "0.4312", "85.31%", epoch "1,200"."""
    form = {"accuracy": ".2%", "epoch": ",.0f"}.get(quantity, ".4g")
    return format(value, form)


def reading(
    snapshot: Snapshot, quantity: str, step: int, near: float, width: int, glyphs: Glyphs
) -> str:
    """Step and values of one quantity, in the longest of some forms that takes `width` cells.

    A change made by hand within `near` steps is told too.
    """
    curves, watched = _at(snapshot, step), snapshot.evaluation_curves.get(quantity)
    steps = _steps(curves[quantity], step, glyphs)
    batch = _value(curves[quantity], quantity, glyphs)
    average = _value(curves[f"average {quantity}"], quantity, glyphs)
    values = f"{quantity} {batch} (average {average})"
    short = f"{steps}  {glyphs.batch} {batch}"
    both = f"{glyphs.batch} {batch}  {glyphs.average} {average}"
    forms = [short, both, f"{steps}  {both}"]
    longer = [f"step {steps}", values]
    held = watched.nearest(step) if watched else None
    if held and snapshot.run:
        value = _value(held, quantity, glyphs)
        forms.append(f"{forms[-1]}  {glyphs.point} {value}")
        longer.append(f"{snapshot.run.evaluation_set} {value} at {_steps(held, step, glyphs)}")
    epoch = f"epoch {_value(curves['epoch'], 'epoch', glyphs)}"
    rate = f"rate {_value(curves['learning rate'], 'learning rate', glyphs)}"
    forms += [_join(longer), _join([longer[0], epoch, *longer[1:]])]
    forms.append(_join([longer[0], epoch, *longer[1:], rate]))
    changed = changes_near(snapshot.changes, step, near, glyphs)
    if changed:
        head = [steps, f"{short}", _join(longer[:2]), forms[-1]]
        forms = [short, *(f"{form} · {changed}" for form in head)]
    return max((form for form in forms if len(form) <= width), key=len, default=steps)


def moment(snapshot: Snapshot, step: int, near: float, glyphs: Glyphs) -> str:
    """Step, epoch and learning rate, and what was changed by hand near there."""
    curves = _at(snapshot, step)
    steps = _steps(curves["loss"], step, glyphs)
    epoch = _value(curves["epoch"], "epoch", glyphs)
    rate = _value(curves["learning rate"], "learning rate", glyphs)
    changed = changes_near(snapshot.changes, step, near, glyphs)
    parts = [f"learning rate {rate}", f"step {steps}", f"epoch {epoch}", changed]
    return _join([part for part in parts if part])


def changes_near(changes: Sequence[Change], step: int, near: float, glyphs: Glyphs) -> str:
    """The changes within so many steps, in words."""
    found = [change for change in changes if abs(change.step - step) <= near]
    return ", ".join(describe(change, glyphs) for change in found)


def _at(snapshot: Snapshot, step: int) -> Curves:
    """The buckets that hold a step: of one batch, if it is among the last ones."""
    recent = {name: curve.at(step) for name, curve in snapshot.recent_curves.items()}
    if recent.get("loss"):
        return recent
    return {name: curve.at(step) for name, curve in snapshot.training_curves.items()}


def _steps(curve: Curve, step: int, glyphs: Glyphs) -> str:
    if len(curve) and curve.first[-1] < curve.last[-1]:
        return f"{curve.first[-1]:,}{glyphs.dash}{curve.last[-1]:,}"
    return f"{curve.last[-1] if len(curve) else step:,}"


def _value(curve: Curve, quantity: str, glyphs: Glyphs) -> str:
    """The one value of a bucket, or from its least to its greatest."""
    if not len(curve):
        return glyphs.dash
    low, high = float(curve.low[-1]), float(curve.high[-1])
    if low != low:
        return "not finite"
    texts = number(quantity, low), number(quantity, high)
    return texts[0] if texts[0] == texts[1] else glyphs.dash.join(texts)


def _join(parts: Sequence[str]) -> str:
    return " · ".join(parts)
