"""A sweep: makes the trials of a study, in several processes, until all are done."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.config.config import WITHOUT_EFFECT, Config
from core.errors import RunError, StudyError
from core.experiments.study import Study
from core.experiments.trained_run import TrainedRun
from core.experiments.trial import StartedTrial, TrialResult
from core.experiments.workers import (
    Epoch,
    Failed,
    Killed,
    Message,
    Named,
    NotKept,
    Worker,
    WorkerSetup,
    messages,
)
from core.runs import editing
from core.runs.names import SUFFIX
from core.runs.summary import differing_settings, summarize
from core.text import printable

_TICK = 0.2  # seconds between two checks whether to stop
_LIFE = 10.0  # seconds between two signs of life
_LOOK = 5.0  # seconds, after which it looks again for trials that other programs have left
_PATIENCE = 10.0  # seconds for workers to stop when asked


@dataclass(frozen=True, slots=True)
class TrialProgress:
    """A trial of this program started (epoch 0), got its file, or finished an epoch.

    settings: those that are searched. accuracy: that of the epoch, 0..1; None before the first.
    epochs: how many it will have at most. run: the name of its run, once it has a file.
    """

    number: int
    settings: dict[str, Any]
    epoch: int
    epochs: int
    accuracy: float | None
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about something that went wrong, or was repaired."""

    text: str


TrialEvent = TrialProgress | TrialResult | Note


class Sweep:
    """Makes the trials of a study with `jobs` processes.

    observe: called with each event, also with the results of trials that were done before, and of
    those that other programs complete. should_stop: asked several times a second; if it returns
    True, the trials that are not complete are given back, and their half runs removed.
    """

    def __init__(
        self,
        study: Study,
        setup: WorkerSetup,
        jobs: int,
        observe: Callable[[TrialEvent], object],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._study, self._setup, self._jobs = study, setup, jobs
        self._observe, self._should_stop = observe, should_stop
        self._workers: dict[Worker, StartedTrial | None] = {}
        self._progress: dict[int, TrialProgress] = {}  # of the trials that are being made
        self._killed: set[int] = set()  # trials whose process was killed once
        self._reported: set[int] = set()  # trials whose result was reported
        self._looked = -_LOOK
        self._alive = time.monotonic()

    def run(self) -> None:
        """Makes trials until none is left, or it should stop. Raises StudyError."""
        self._report_results()
        try:
            while not self._should_stop():
                self._start()
                if not self._running:
                    break
                self._listen(_TICK)
                if time.monotonic() - self._alive > _LIFE:
                    self._alive = time.monotonic()
                    self._study.note_life(self._running.values())
                    self._report_results()
        finally:
            self._stop()
        self._report_results()

    @property
    def _running(self) -> dict[Worker, StartedTrial]:
        return {worker: trial for worker, trial in self._workers.items() if trial}

    def _report_results(self) -> None:
        """Reports results that are in the study and were not reported yet."""
        for result in self._study.results():
            self._report(result)

    def _report(self, result: TrialResult) -> None:
        if result.number not in self._reported:
            self._reported.add(result.number)
            self._observe(result)

    def _note_progress(self, progress: TrialProgress) -> None:
        self._progress[progress.number] = progress
        self._observe(progress)

    def _start(self) -> None:
        """Gives trials to all jobs that have none."""
        while len(self._running) < self._jobs:
            if self._running and time.monotonic() - self._looked < _LOOK:
                return
            trial = self._study.next_trial()
            if trial is None:
                self._looked = time.monotonic()
                return
            if trial.half_run:
                note = f"trial {trial.number} was interrupted and runs again"
                if _remove_half(trial.half_run, trial.config):
                    note += f"; its earlier run {printable(trial.half_run.stem)} was removed"
                self._observe(Note(note))
            worker = next((one for one, busy in self._workers.items() if not busy), None)
            worker = worker or Worker(self._setup)
            self._workers[worker] = trial
            worker.train(trial.config)
            self._note_progress(
                TrialProgress(trial.number, trial.settings, 0, trial.config.epochs, None)
            )

    def _listen(self, timeout: float) -> None:
        for worker, message in messages(self._workers, timeout):
            trial = self._workers[worker]
            if isinstance(message, Killed):
                del self._workers[worker]
                worker.close()
            if trial:
                self._receive(worker, trial, message)

    def _receive(self, worker: Worker, trial: StartedTrial, message: Message) -> None:
        match message:
            case Named(name):
                if self._setup.directory:
                    self._study.note_run(trial, self._setup.directory / f"{name}{SUFFIX}")
                worker.noted()
                self._note_progress(replace(self._progress[trial.number], run=name))
            case Epoch(epoch, accuracy):
                worker.answer(not self._study.note_epoch(trial, epoch, accuracy))
                known = self._progress[trial.number]
                self._note_progress(replace(known, epoch=epoch, accuracy=accuracy))
            case NotKept(text):
                self._observe(Note(f"trial {trial.number}: {text}"))
            case Failed(text):
                self._finish(worker, trial, "failed", None, None, text)
            case Killed():
                self._retry(worker, trial, message)
            case TrainedRun():
                self._finish(
                    worker, trial, message.state, message.accuracy, message.run, message.message
                )

    def _finish(
        self,
        worker: Worker,
        trial: StartedTrial,
        state: str,
        accuracy: float | None,
        run: str | None,
        why: str,
    ) -> None:
        result = self._study.finish(trial, state, accuracy, run, why)
        if worker in self._workers:
            self._workers[worker] = None
        self._looked = -_LOOK
        self._report(result)

    def _retry(self, worker: Worker, trial: StartedTrial, killed: Killed) -> None:
        """Gives back a trial whose process is gone; the second time, it has failed."""
        again = trial.number not in self._killed
        self._killed.add(trial.number)
        self._looked = -_LOOK
        if again:
            self._study.give_back(trial)
            self._observe(
                Note(f"the process of trial {trial.number} {killed}; the trial runs again")
            )
        else:
            self._finish(worker, trial, "failed", None, None, f"its process {killed}, twice")

    def _stop(self) -> None:
        """Ends the workers, and gives their trials back."""
        for worker in self._workers:
            worker.stop()
        end = time.monotonic() + _PATIENCE
        while self._running and time.monotonic() < end:
            for worker, message in messages(self._running, _TICK):
                if isinstance(message, Killed | Failed | TrainedRun):
                    trial, self._workers[worker] = self._workers[worker], None
                    if trial:
                        self._end(trial, message)
        for worker, trial in list(self._workers.items()):
            worker.close()
            if trial:
                self._end(trial, None)
        self._workers.clear()

    def _end(self, trial: StartedTrial, message: Message | None) -> None:
        """Notes the end of a trial when the sweep stops; a fault was reported before."""
        with suppress(StudyError):
            if isinstance(message, TrainedRun) and message.state != "stopped":
                result = self._study.finish(
                    trial, message.state, message.accuracy, message.run, message.message
                )
                self._report(result)
            else:
                self._study.give_back(trial)


def _remove_half(path: Path, config: Config) -> bool:
    """Removes the run of a trial that was not completed, unless it has a star, notes or changes.

    config: of the trial. A run with other settings was given the same name later.
    """
    try:
        if not path.stat().st_size:  # its process was killed before it wrote
            path.unlink()
            return False
        summary = summarize(path)
        others = {*differing_settings((summary.config, config)), *summary.changed} - WITHOUT_EFFECT
        if summary.star or summary.notes or others:
            return False
        editing.remove(path)
    except (OSError, RunError):  # it is gone, or still open
        return False
    return True
