"""The layer statistics of a run so far, at a limited number of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.layer_stats import NetworkStats

MAX_KEPT = 100
"""Statistics that are kept."""


@dataclass(frozen=True, slots=True)
class LayerStatsHistory:
    """The first and the latest statistics of a run, and others spread evenly over the steps."""

    stats: "tuple[NetworkStats, ...]" = ()

    def until(self, step: int) -> "LayerStatsHistory":
        """Returns the statistics up to a step."""
        return LayerStatsHistory(tuple(stats for stats in self.stats if stats.step <= step))

    def with_stats(self, new: "NetworkStats") -> "LayerStatsHistory":
        """Returns a history with these statistics added in order of their step.

        They replace those of the same step, because a setting may have changed. Those of later
        steps stay: the run went back and will come there again.
        """
        earlier = (stats for stats in self.stats if stats.step < new.step)
        later = (stats for stats in self.stats if stats.step > new.step)
        kept = (*earlier, new, *later)
        if len(kept) <= MAX_KEPT:
            return LayerStatsHistory(kept)
        dropped = superfluous([stats.step for stats in kept])
        return LayerStatsHistory(kept[:dropped] + kept[dropped + 1 :])


def superfluous(steps: Sequence[int]) -> int:
    """Returns the index of the one of these ascending steps whose neighbors are closest."""
    places = np.array(steps)
    return int(np.argmin(places[2:] - places[:-2])) + 1
