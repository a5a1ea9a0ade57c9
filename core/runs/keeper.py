"""Keeps a run in a file while it trains, in a thread of its own: training never waits for it."""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.events import Event, RunStarted
from core.runs import database
from core.runs.description import describe
from core.runs.directory import trim
from core.runs.kept_file import FIRST_BRANCH, KeptFile, claim
from core.runs.leftovers import remove_leftovers
from core.runs.notices import Notices
from core.runs.pending import News, Pending
from core.runs.run import Run
from core.training.checkpoint import Checkpoint
from core.types import ignore

_INTERVAL = 1.0  # seconds between two transactions; twice that between two checkpoints, at least
_RETRY = 5.0  # seconds after one that failed
_SIGN_OF_LIFE = 10.0  # seconds without news, after which a transaction shows that the run is open
_SPACING = 32  # steps between two checkpoints, at first
_MAX_EVENTS = 10_000  # that wait to be sorted
_RATE = 2_000_000  # bytes of checkpoints per second, at most


class Keeper:
    """Takes the events of one run and, now and then, a checkpoint, and writes them to a file.

    The file is created after the first step, in `directory` with a new name. If it cannot be
    written, `report` is called with a sentence, from the keeper's thread, and the keeper tries
    again until it can.

    describe: returns what is known about the run from the start, by key of the table `meta`; it
    may take a while. changed: called from the keeper's thread after `path` or `failed` has changed.
    file, pending: of a run that continues.
    """

    def __init__(
        self,
        directory: Path,
        describe: Callable[[], dict[str, Any]],
        report: Callable[[str], object],
        *,
        changed: Callable[[], object] = ignore,
        file: KeptFile | None = None,
        pending: Pending | None = None,
    ) -> None:
        self._file = file or KeptFile(directory, describe)
        self._report, self._changed = report, changed
        self._notices = Notices(report)
        self._fault = ""  # why the run could not be written the last time
        self._new_name = ""  # to give to the file
        self._events: deque[Event] = deque()  # not sorted into what is pending yet
        self._pending = pending or Pending([FIRST_BRANCH])
        self._spacing = _SPACING
        self._checkpoint_bytes = 0
        self._last_checkpoint = time.monotonic()
        self._last_write = 0.0
        self._lacks_checkpoint = False  # one that did not fit on the disk with the rest
        self._closing = False
        self._lock = threading.Lock()  # held for a moment, to exchange what is pending
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._thread.start()

    @classmethod
    def start(
        cls,
        directory: Path,
        run: RunStarted,
        data: Path,
        report: Callable[[str], object],
        changed: Callable[[], object] = ignore,
        named: Callable[[str], object] = ignore,
    ) -> "Keeper":
        """Returns a keeper of a new run, and makes room for it.

        data: the path of its dataset. named: see KeptFile; called from the keeper's thread.
        """
        remove_leftovers(directory)
        trim(directory)
        description = partial(describe, run, data)
        file = KeptFile(directory, description, named=named)
        return cls(directory, description, report, changed=changed, file=file)

    @classmethod
    def resume(
        cls,
        run: Run,
        report: Callable[[str], object],
        changed: Callable[[], object] = ignore,
        data: Path | None = None,
    ) -> "Keeper":
        """Returns a keeper that continues in the file of `run`, where the run stands.

        data: where its dataset is now, which is kept once the run is trained further.
        Raises RunError if another program has the run open, and OSError if the file cannot be
        written.
        """
        claim(run.path)
        kept = ("phase", "message", "owner")
        before: dict[str, Any] = {key: run.meta[key] for key in kept if key in run.meta}
        directory = run.path.parent
        file = KeptFile(directory, dict, run.path, before)
        pending = _pending(run, data)
        return cls(directory, dict, report, changed=changed, file=file, pending=pending)

    @classmethod
    def copy(
        cls,
        run: Run,
        directory: Path,
        report: Callable[[str], object],
        changed: Callable[[], object] = ignore,
    ) -> "Keeper":
        """Returns a keeper that continues a copy of `run`, whose file stays as it is.

        The copy gets a file of its own as soon as it is trained further.
        """
        file = KeptFile(directory, dict, copied=(run.name, run.content()))
        return cls(directory, dict, report, changed=changed, file=file, pending=_pending(run))

    @property
    def path(self) -> Path | None:
        """The file, once there is one."""
        return self._file.path

    @property
    def failed(self) -> bool:
        """Whether the run could not be written the last time; all but a checkpoint is enough."""
        return bool(self._fault) and not self._lacks_checkpoint

    def add(self, event: Event) -> None:
        """Takes over an event of the run. Called after every step, so it does as little as
        possible.

        The code that sorts events is no longer in the processor's cache after a step, so sorting
        many at once takes much less time. The keeper's thread does it, unless it is delayed.
        """
        self._events.append(event)
        if len(self._events) > _MAX_EVENTS:
            with self._lock:
                self._sort()

    def due(self, step: int) -> bool:
        """Returns whether to add a checkpoint of the current step."""
        if step % self._spacing:
            return False
        interval = max(2 * _INTERVAL, self._checkpoint_bytes / _RATE)
        if time.monotonic() - self._last_checkpoint < interval:
            self._spacing *= 2
            return False
        return True

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Takes over a checkpoint of the current step."""
        self._last_checkpoint, self._checkpoint_bytes = time.monotonic(), checkpoint.nbytes
        with self._lock:
            self._sort()
            self._pending.add_checkpoint(checkpoint)

    def rename(self, name: str) -> None:
        """Gives the run and its file another name, in the keeper's thread.

        If that cannot be done, `report` is called with a sentence.
        """
        self._new_name = name
        self._wake.set()

    def close(self, timeout: float = 5.0) -> bool:
        """Writes what is left and releases the file; False if that takes over `timeout` seconds."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._closing:
            self._wake.wait(_RETRY if self._fault else _INTERVAL)
            self._wake.clear()
            self._write()
            self._notices.note(self._fault)
            self._rename()
        self._release()

    def _sort(self) -> None:
        """Sorts the events into what is pending. Call it with the lock."""
        while self._events:
            self._pending.add(self._events.popleft())

    def _write(self) -> None:
        """Writes what is new, or keeps it for later."""
        with self._lock:
            self._sort()
            if self.path is None and not self._pending.steps:
                return
            news = self._pending.take()
        silent = time.monotonic() - self._last_write > _SIGN_OF_LIFE
        if not (news or silent):
            return
        error, lacking = self._failure(news), False
        if error and news.checkpoint and database.is_full(error):  # the rest may fit
            lacking = self._failure(replace(news, checkpoint=None)) is None
            if lacking:
                news = News(checkpoint=news.checkpoint)
        if error:
            with self._lock:
                self._pending.put_back(news)
            reason = database.reason(error)
            self._set_fault(_fault(self._file.place, reason, lacking), lacking)
            return
        self._last_write = time.monotonic()
        if news.checkpoint or not self._lacks_checkpoint:
            self._set_fault("")

    def _failure(self, news: News) -> Exception | None:
        """Writes what is new; returns why that cannot be done, or None."""
        before = self.path
        try:
            self._spacing = self._file.write(news, self._spacing, is_last=self._closing)
        except Exception as error:  # whatever it is, the thread must go on
            return error
        finally:
            if self.path != before:
                self._changed()
        return None

    def _set_fault(self, fault: str, lacks_checkpoint: bool = False) -> None:
        was, self._fault, self._lacks_checkpoint = self.failed, fault, lacks_checkpoint
        if self.failed != was:
            self._changed()

    def _rename(self) -> None:
        name, self._new_name = self._new_name, ""
        if not name:
            return
        try:
            self._file.rename(name)
        except RunError as error:
            self._report(f"{error}.")
        else:
            self._changed()

    def _release(self) -> None:
        """Writes what is left, and that no program has the run open."""
        self._last_write = -_SIGN_OF_LIFE  # so that it writes, whether there is news or not
        self._write()
        self._notices.note(self._fault, at_end=True)
        self._file.close()
        if self.failed:
            with suppress(OSError):
                self._file.discard_empty()


def _fault(place: Path, reason: str, lacks_checkpoint: bool) -> str:
    """Returns what cannot be written. lacks_checkpoint: whether all else was."""
    if not lacks_checkpoint:
        return f"This run cannot be kept in {place} for now: {reason}"
    return (
        f"This run is kept in {place} without its latest checkpoints: {reason}. To continue it, "
        "the steps since the last kept checkpoint are recomputed."
    )


def _pending(run: Run, data: Path | None = None) -> Pending:
    position, meta = (run.branch, run.step), {}
    if data:
        meta = {"data": run.meta["data"] | {"path": str(data.absolute())}}
    return Pending(run.branches, position, run.meta.get("best_accuracy", -1.0), meta)
