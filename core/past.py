"""The body of a network at the steps of a run so far, bounded."""

from dataclasses import dataclass

import numpy as np

from core.body import Body

MOST = 100
"""Bodies that are kept."""


@dataclass(frozen=True, slots=True)
class Past:
    """The first and the newest body of a run, and others between them, evenly over the steps."""

    bodies: tuple[Body, ...] = ()

    def after(self, body: Body) -> "Past":
        """This past and one body more; this one stays as it is.

        A body of a step before the newest takes the place of all that are not before it, for the
        run went back; one of the same step takes its place, for a setting may have changed.
        """
        bodies = (*(each for each in self.bodies if each.step < body.step), body)
        if len(bodies) <= MOST:
            return Past(bodies)
        # The one goes whose neighbours lie closest together.
        steps = np.array([each.step for each in bodies])
        goes = int(np.argmin(steps[2:] - steps[:-2])) + 1
        return Past(bodies[:goes] + bodies[goes + 1 :])
