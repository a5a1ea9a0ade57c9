"""The body of a network at the steps of a run so far, bounded."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # a screen can be painted before all of this is needed
    from core.inspection.layer_stats import NetworkStats

MAX_KEPT = 100
"""Bodies that are kept."""


@dataclass(frozen=True, slots=True)
class LayerStatsHistory:
    """The first and the newest body of a run, and others between them, evenly over the steps."""

    bodies: "tuple[NetworkStats, ...]" = ()

    def until(self, step: int) -> "LayerStatsHistory":
        """The bodies up to a step."""
        return LayerStatsHistory(tuple(each for each in self.bodies if each.step <= step))

    def after(self, body: "NetworkStats") -> "LayerStatsHistory":
        """This past and one body more, in its place; this one stays as it is.

        One of the same step gives way, for a setting may have changed. Those of later steps stay:
        a run that went back comes there again.
        """
        before = (each for each in self.bodies if each.step < body.step)
        later = (each for each in self.bodies if each.step > body.step)
        bodies = (*before, body, *later)
        if len(bodies) <= MAX_KEPT:
            return LayerStatsHistory(bodies)
        # The one goes whose neighbours lie closest together.
        steps = np.array([each.step for each in bodies])
        goes = int(np.argmin(steps[2:] - steps[:-2])) + 1
        return LayerStatsHistory(bodies[:goes] + bodies[goes + 1 :])
