"""What the network would do without units, in words."""

from collections.abc import Callable, Sequence

from core.events import Answered
from core.types import Indices
from core.what_if.subject import too_few
from core.what_if.switched_off import SwitchedOff, Units
from core.what_if.unit_worth import UnitWorth
from tui.drawing.numbers import shortened

_NAME = 12  # cells of a class
_MOST = 3  # classes that are named


def points(share: float) -> str:
    """A share of the accuracy as points, with one decimal: 0.012 is "1.2"."""
    return f"{100 * share:.1f}"


def change(lost: float) -> str:
    """How an accuracy changes if so much of it is lost: "0.9 points less"."""
    if abs(lost) < 5e-5:
        return "as before"
    return f"{points(abs(lost))} points {'less' if lost > 0 else 'more'}"


def losers(losses: Sequence[tuple[int, float]], names: Sequence[str]) -> str:
    """The changes in recall of the classes that lose most, in points: "Shirt -3.2, Coat -1.1"."""
    parts = [f"{shortened(names[label], _NAME)} -{points(lost)}" for label, lost in losses[:_MOST]]
    return ", ".join(parts)


def few(images: Indices) -> str:
    """That these are too few images to measure anything; "" if they are enough. images: (K,)."""
    count = int(images.sum())
    return f"too few images ({count}) to measure" if too_few(count) else ""


def switched_off_forms(
    off: Units,
    answered: Answered | None,
    steps: int,
    subset: str,
    name: Callable[[int, int], str],
    names: Sequence[str],
) -> list[str]:
    """What is known about the network without the units `off`, the longest form first.

    steps: of the run now. name: of a unit. names: of the classes.
    """
    [first, *others] = sorted(off)
    head = f"Without {f'{len(off)} units' if others else name(*first)}:"
    found = answered.answer if answered else None
    if answered is None or not isinstance(found, SwitchedOff) or found.off != off:
        return [f"{head} measuring {subset} accuracy", f"{head} measuring"]
    when = f" (after step {found.step:,})" if found.step != steps else ""
    value = f"{found.accuracy:.1%}"
    accuracy = f"{subset} accuracy {value}, {change(found.lost)}{when}"
    if images := few(found.images):
        value, accuracy = f"{value} ({images})", f"{accuracy}; {images}"
    lose = "" if images else losers(found.losses, names)
    recall = f"; recall: {lose} points" if lose else ""
    least = "" if images else losers(found.losses[:1], names)
    cost = f" · measured in about {max(answered.seconds, 0.1):.1f} s"
    return [
        f"{head} {accuracy}{recall}{cost}",
        f"{head} {accuracy}{recall}",
        f"{head} {accuracy}; {least}" if least else f"{head} {accuracy}",
        f"{head} {accuracy}",
        f"{head} {value}, {change(found.lost)}",
        f"{value}, {change(found.lost)}",
    ]


def worth_sentence(
    worth: UnitWorth, layer: int, unit: int, subset: str, names: Sequence[str]
) -> str:
    """How much accuracy is lost without one unit, and which classes would lose."""
    lost = float(worth.worth[layer][unit])
    lose = losers(worth.losses(layer, unit), names)
    more = f"; recall: {lose} points" if lose and lost > 0 else ""
    if images := few(worth.images):
        more = f"; {images}"
    drop = f"accuracy drop without it: {points(lost)} points"
    return f"{drop} ({subset}, step {worth.step:,}){more}"
