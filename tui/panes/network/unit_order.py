"""The order in which the units of a layer are shown."""

from enum import Enum

import numpy as np

from core.inspection.unit_survey import LayerUnits, lengths
from core.types import Floats, Indices


class UnitOrder(Enum):
    """By the norm of their weights, by activity, by number or by how much accuracy drops without
    them; the values are shown to the user."""

    NORM = "largest weights first"
    ACTIVE = "most active first"
    LEAST_ACTIVE = "dead, then rarely active first"
    NUMBER = "by number"
    WORTH = "largest accuracy drop first"

    def next(self) -> "UnitOrder":
        members = list(UnitOrder)
        return members[(members.index(self) + 1) % len(members)]


def ranked(
    order: UnitOrder, W: Floats, units: LayerUnits | None, worth: Floats | None = None
) -> Indices:
    """The units in order, ties by number; W: (n, inputs) their weights; worth: (n,) of each.

    If activity or worth is not measured yet, the orders by them are the order by number.
    """
    if order is UnitOrder.WORTH:
        return np.arange(len(W)) if worth is None else np.argsort(-worth, kind="stable")
    if order is UnitOrder.NUMBER or (units is None and order is not UnitOrder.NORM):
        return np.arange(len(W))
    if order is UnitOrder.NORM:
        key = -(lengths(W) if units is None else units.norms)
    else:
        assert units is not None
        key = -units.mean if order is UnitOrder.ACTIVE else units.active_share
    return np.argsort(key, kind="stable")
