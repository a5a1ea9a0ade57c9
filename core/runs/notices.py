"""Tells the user when keeping a run starts to fail and when it works again."""

from collections.abc import Callable
from time import monotonic

KEPT_AGAIN = "This run is kept again."
_FIRST_WAIT = 60.0  # seconds


class Notices:
    """Reports the first fault and its end at once, later ones less and less often.

    If a disk is alternately full and free, each notice waits at least twice as long after the last
    one, and is left out if the state has changed back by then.
    """

    def __init__(self, report: Callable[[str], object]) -> None:
        self._report = report
        self._told = ""  # the fault that was reported last
        self._earliest, self._wait = 0.0, 0.0

    def tell(self, fault: str, at_end: bool = False) -> None:
        """Takes the state as it is now, and says it if it is time to.

        fault: a sentence; "" if there is none. at_end: there is no other time to say the fault.
        """
        is_early = monotonic() < self._earliest and not (at_end and fault)
        if fault == self._told or is_early:
            return
        self._told = fault
        self._earliest = monotonic() + self._wait
        self._wait = max(2 * self._wait, _FIRST_WAIT)
        self._report(fault or KEPT_AGAIN)
