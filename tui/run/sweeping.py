"""The sweep of a program with a screen: starts it in a process of its own, and knows its state."""

import threading
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from core.errors import ConfigError
from core.experiments.background_sweep import BackgroundSweep
from core.experiments.sweep_request import SweepRequest
from core.experiments.sweep_state import SweepEvent, SweepState
from core.nn.blas_threads import usable_cores
from core.runs.names import new_name


class Sweeping:
    """At most one sweep at a time.

    listener: called whenever the state is another one, in any thread.

    state, request: of the latest sweep; None before the first.
    """

    def __init__(self, listener: Callable[[], object]) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._sweep: BackgroundSweep | None = None
        self._start = 0.0
        self._first_epoch: float | None = None  # when it was complete
        self._seconds: float | None = None  # that the sweep took
        self.state: SweepState | None = None
        self.request: SweepRequest | None = None

    @property
    def is_active(self) -> bool:
        return self.state is not None and self.state.is_active

    @property
    def seconds(self) -> float:
        """How long the sweep has run so far, or took."""
        return monotonic() - self._start if self._seconds is None else self._seconds

    @property
    def seconds_left(self) -> float | None:
        """About how long it still takes; None if that is unknown."""
        if self.state is None or self._first_epoch is None:
            return None
        return self.state.seconds_left(monotonic() - self._first_epoch)

    @property
    def epoch_seconds(self) -> float | None:
        """About how long an epoch takes in a process of the latest sweep; None if that is unknown.

        As `seconds_left`, it leaves out the time in which the processes start.
        """
        state = self.state
        if state is None or self._first_epoch is None or state.epochs <= 2 * state.jobs:
            return None
        elapsed = self._start + self.seconds - self._first_epoch
        return elapsed * min(state.jobs, usable_cores()) / (state.epochs - 1)

    def start(self, request: SweepRequest) -> None:
        """Starts a sweep. Raises ConfigError if one is active, StudyError if it cannot start."""
        if self.is_active:
            raise ConfigError("study", "a sweep is already running; stop it first")
        study = request.study or new_name()  # now, so that the screen names it from the start
        request = replace(request, study=study)
        self.request, self.state = request, SweepState(study=study, jobs=request.jobs)
        self._start, self._seconds, self._first_epoch = monotonic(), None, None
        try:
            self._sweep = BackgroundSweep(request, self._take)
        except BaseException:
            self.state = self.request = None
            raise
        self._listener()

    def stop(self) -> None:
        """Stops the trials that are not complete; the state says when that is done."""
        if self._sweep is not None and self.is_active:
            with self._lock:
                assert self.state is not None
                if self.state.is_active:
                    self.state = replace(self.state, phase="stopping")
            self._sweep.stop()
            self._listener()

    def close(self, timeout: float = 3.0) -> None:
        """Stops the sweep, and waits for the end of its processes."""
        if self._sweep is not None and self.is_active:
            self._sweep.close(timeout)

    def _take(self, event: SweepEvent) -> None:
        with self._lock:
            assert self.state is not None
            self.state = self.state.after(event)
            if self.state.epochs and self._first_epoch is None:
                self._first_epoch = monotonic()
            if not self.state.is_active:
                self._seconds = monotonic() - self._start
        self._listener()
