"""When a step is to be taken apart, and what is said meanwhile: a matter of the snapshot alone."""

from typing import NamedTuple

from core.config.config import Config
from core.events import Phase, RunStarted
from core.history.snapshot import Snapshot


class _State(NamedTuple):
    """What an anatomy is asked for."""

    run: RunStarted | None
    move_count: int
    steps: int
    config: Config | None
    phase: Phase


class Asking:
    """Remembers what was asked for, for once is enough."""

    def __init__(self) -> None:
        self._asked: _State | None = None

    def wants(self, snapshot: Snapshot) -> bool:
        """Whether to ask for the anatomy of the next step; if so, it is taken to be asked for."""
        over = snapshot.phase in (Phase.LOADING, Phase.FINISHED, Phase.FAILED)
        if over or snapshot.trace_is_next:
            return False
        state = _State(
            snapshot.run, snapshot.move_count, snapshot.steps, snapshot.config, snapshot.phase
        )
        asked, self._asked = self._asked, state
        return asked != state


def notice(snapshot: Snapshot) -> str:
    """Why there is nothing to be seen, or nothing new, and how to go on; empty if there is."""
    if snapshot.run is None:
        return "The images are being read."
    if snapshot.phase is Phase.FINISHED:
        return (
            "The run is finished: there is no next step. Raise epochs in the settings, go back "
            "with b, or start anew with r."
        )
    return "The next step is being taken apart." if snapshot.trace is None else ""


def past(snapshot: Snapshot) -> str:
    """That the step is past, while training goes on; empty if it is not."""
    trace = snapshot.trace
    if trace is None or snapshot.phase is not Phase.RUNNING or snapshot.trace_is_next:
        return ""
    return f"step {trace.step:,} as it was; space pauses, then F11 walks"
