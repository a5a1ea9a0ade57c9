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
        self._reported = ""  # the fault that was reported last
        self._earliest, self._wait = 0.0, 0.0

    def note(self, fault: str, at_end: bool = False) -> None:
        """Notes the current state, and reports it if a report is due.

        fault: a sentence; "" if there is none. at_end: this is the last chance to report the fault.
        """
        is_early = monotonic() < self._earliest and not (at_end and fault)
        if fault == self._reported or is_early:
            return
        self._reported = fault
        self._earliest = monotonic() + self._wait
        self._wait = max(2 * self._wait, _FIRST_WAIT)
        self._report(fault or KEPT_AGAIN)
