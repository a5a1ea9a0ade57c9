"""Decides when a pane needs a trace of the next step, or after the end of the last one."""

from time import monotonic
from typing import NamedTuple

from core.config.config import Config
from core.events import Phase, RunStarted
from core.history.snapshot import Snapshot


class _State(NamedTuple):
    """The state of a run that one trace belongs to."""

    run: RunStarted | None
    move_count: int
    steps: int
    config: Config | None
    phase: Phase


class TraceRequests:
    """Remembers the last request of a pane, so that it requests each trace only once."""

    def __init__(self) -> None:
        self._requested: _State | None = None
        self._requested_at = float("-inf")

    def is_due(self, snapshot: Snapshot, interval: float = 0.0) -> bool:
        """Returns whether to request a trace now, and if so, count it as requested.

        While training runs, two requests are at least `interval` seconds apart.
        """
        traced = snapshot.trace_is_next or snapshot.trace_is_last
        if traced or snapshot.phase in (Phase.LOADING, Phase.FAILED):
            return False
        state = _State(
            snapshot.run, snapshot.move_count, snapshot.steps, snapshot.config, snapshot.phase
        )
        now = monotonic()
        too_early = snapshot.phase is Phase.RUNNING and now - self._requested_at < interval
        if state == self._requested or too_early:
            return False
        self._requested, self._requested_at = state, now
        return True
