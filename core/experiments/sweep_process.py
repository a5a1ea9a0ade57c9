"""The process that makes a sweep for a program with a screen, at low priority.

It reads a SweepRequest from standard input, writes the events of the sweep to standard output, both
pickled, and stops when the input ends: so also if the program is killed.
"""

import os
import pickle
import signal
import sys
import threading
import time
from contextlib import ExitStack, suppress
from typing import BinaryIO

from core.data.dataset import load
from core.errors import CoreError
from core.experiments.study import Study
from core.experiments.sweep import Sweep
from core.experiments.sweep_request import SweepRequest, decisions
from core.experiments.sweep_state import (
    ImportancesFound,
    SweepEnded,
    SweepEvent,
    SweepStarted,
)
from core.experiments.trial import TrialResult

_NICE = 10
_INTERVAL = 5.0  # seconds between two computations of the importances


def main() -> None:
    """Makes the sweep that standard input asks for."""
    for name in ("SIGINT", "SIGHUP"):  # the program decides
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # so that nothing else can print between the events
    request: SweepRequest = pickle.load(sys.stdin.buffer)
    stop = threading.Event()
    threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    events = _Events(output)
    events.send(_make(request, events, stop))
    os._exit(0)  # at once: there is nothing to tidy up


class _Events:
    """The events of a sweep on their way to the program."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, event: SweepEvent) -> None:
        with suppress(OSError):  # the program is gone: the sweep stops by itself
            pickle.dump(event, self._stream)
            self._stream.flush()


def _make(request: SweepRequest, events: _Events, stop: threading.Event) -> SweepEnded:
    """Makes the trials; returns how that ended."""
    try:
        with ExitStack() as stack:
            data = load(request.data, request.reading)
            study = stack.enter_context(request.open_study(data))
            notes = decisions(study.plan.config, data) + request.ignored(study)
            del data  # the workers read it themselves
            events.send(SweepStarted(study.name, study.plan, study.is_new, notes))
            importances = _Importances(study, events)
            Sweep(study, request.worker_setup, request.jobs, importances.observe, stop.is_set).run()
            importances.compute()
            return SweepEnded(elsewhere=len(study.elsewhere()))
    except CoreError as error:
        return SweepEnded(str(error))
    except MemoryError:
        return SweepEnded("there is not enough memory")
    except Exception as error:
        return SweepEnded(f"{type(error).__name__}: {error}")


class _Importances:
    """Sends the events of a sweep, and now and then the importance of its settings."""

    def __init__(self, study: Study, events: _Events) -> None:
        self._study, self._events = study, events
        self._next = 0.0

    def observe(self, event: SweepEvent) -> None:
        self._events.send(event)
        if isinstance(event, TrialResult) and time.monotonic() > self._next:
            self.compute()
            self._next = time.monotonic() + _INTERVAL

    def compute(self) -> None:
        if shares := self._study.importances():
            self._events.send(ImportancesFound(shares))


def _wait_for_end(stop: threading.Event) -> None:
    """Sets `stop` when the program closes the pipe."""
    with suppress(OSError):
        while os.read(0, 1):
            pass
    stop.set()
