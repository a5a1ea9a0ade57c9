"""Keeps a run in a file while it trains, in a thread of its own: training never waits for it."""

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.events import Branch, Event
from core.runs import database, editing, names
from core.runs.notices import Notices
from core.runs.owner import Owner, this_program
from core.runs.pending import News, Pending
from core.runs.run import Run
from core.runs.writer import Writer
from core.training.checkpoint import Checkpoint
from core.types import ignore

_INTERVAL = 1.0  # seconds between two transactions; twice that between two checkpoints, at least
_RETRY = 5.0  # seconds after one that failed
_SIGN_OF_LIFE = 10.0  # seconds without news, after which a transaction shows that the run is open
_SPACING = 32  # steps between two checkpoints, at first
_BUDGET = 20_000_000  # bytes of all checkpoints in the file
_RATE = 2_000_000  # bytes of checkpoints per second, at most

FIRST_BRANCH = Branch(0, None, 0, 0)


class Keeper:
    """Takes the events of one run and, now and then, a checkpoint, and writes them to a file.

    The file is created after the first step, in `directory` with a new name. If it cannot be
    written, `report` is called with a sentence, from the keeper's thread, and the keeper tries
    again until it can.

    describe: returns what is known about the run from the start, by key of the table `meta`; it
    may take a while. changed: called from the keeper's thread after `path` or `failed` has changed.
    pending, path: of a run that goes on in its file, which this program owns. before: what the
    table `meta` says of it, which is written back at the end if the run was only looked at.
    copied: the name and the content of the file of another run, of which this is a copy.
    """

    def __init__(
        self,
        directory: Path,
        describe: Callable[[], dict[str, Any]],
        report: Callable[[str], object],
        *,
        changed: Callable[[], object] = ignore,
        pending: Pending | None = None,
        path: Path | None = None,
        before: dict[str, Any] | None = None,
        copied: tuple[str, bytes] | None = None,
    ) -> None:
        self.path = path
        self._fault = ""  # why the run could not be written the last time
        self._directory, self._describe, self._report = directory, describe, report
        self._notices = Notices(report)
        self._changed, self._before, self._copied = changed, before or {}, copied
        self._new_name = ""  # to give to the file
        self._events: deque[Event] = deque()  # not sorted into what is pending yet
        self._pending = pending or Pending([FIRST_BRANCH])
        self._connection: sqlite3.Connection | None = None
        self._spacing = _SPACING
        self._checkpoint_bytes = 0
        self._last_checkpoint = time.monotonic()
        self._last_write = 0.0
        self._lacks_checkpoint = False  # one that did not fit on the disk with the rest
        self._closing = False
        self._owner: Owner = this_program()
        self._lock = threading.Lock()  # held for a moment, to exchange what is pending
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._thread.start()

    @classmethod
    def resume(
        cls, run: Run, report: Callable[[str], object], changed: Callable[[], object] = ignore
    ) -> "Keeper":
        """Returns a keeper that goes on in the file of `run`, where the run stands.

        Raises RunError if another program has the run open, and OSError if the file cannot be
        written.
        """
        _claim(run.path)
        said = ("phase", "message", "owner")
        before: dict[str, Any] = {key: run.meta[key] for key in said if key in run.meta}
        return cls(
            run.path.parent,
            dict,
            report,
            changed=changed,
            pending=_pending(run),
            path=run.path,
            before=before,
        )

    @classmethod
    def copy(
        cls,
        run: Run,
        directory: Path,
        report: Callable[[str], object],
        changed: Callable[[], object] = ignore,
    ) -> "Keeper":
        """Returns a keeper that goes on with a copy of `run`, which another program has open.

        The copy gets a file of its own as soon as it is trained further.
        """
        copied, pending = (run.name, run.content()), _pending(run)
        return cls(directory, dict, report, changed=changed, pending=pending, copied=copied)

    @property
    def failed(self) -> bool:
        """Whether the run could not be written the last time."""
        return bool(self._fault)

    def add(self, event: Event) -> None:
        """Takes over an event of the run. Called after every step, so it does as little as can be.

        After a step, its code is no longer in the processor's cache: sorting many events at once
        takes much less time.
        """
        self._events.append(event)

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
            self._wake.wait(_RETRY if self.failed else _INTERVAL)
            self._wake.clear()
            self._write()
            self._notices.tell(self._fault)
            self._rename()
        self._release()
        self._notices.tell(self._fault, at_end=True)

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
        error = self._failure(news)
        if error and news.checkpoint and database.is_full(error):  # the rest may fit
            left = News(checkpoint=news.checkpoint)
            if self._failure(replace(news, checkpoint=None)) is None:
                news, self._lacks_checkpoint = left, True
        if error:
            with self._lock:
                self._pending.put_back(news)
            place, reason = self.path or self._directory, database.reason(error)
            self._set_fault(f"This run cannot be kept in {place} for now: {reason}")
            return
        self._last_write = time.monotonic()
        if news.checkpoint:
            self._lacks_checkpoint = False
        if not self._lacks_checkpoint:
            self._set_fault("")

    def _set_fault(self, fault: str) -> None:
        was, self._fault = self.failed, fault
        if self.failed != was:
            self._changed()

    def _failure(self, news: News) -> Exception | None:
        """Writes what is new in one transaction; returns why that cannot be done, or None."""
        try:
            connection, path = self._open()
            with nullcontext() if news.trained else database.unaged(path):
                self._transact(connection, news)
        except (sqlite3.Error, OSError, RunError) as error:
            if self._connection:  # opened anew next time
                self._connection.close()
                self._connection = None
            return error
        return None

    def _rename(self) -> None:
        name, self._new_name = self._new_name, ""
        if not name:
            return
        if self.path is None:
            self._report("This run cannot be renamed yet: it has no file before its first step.")
            return
        if self._connection:  # its path is about to change
            self._connection.close()
            self._connection = None
        try:
            self.path = editing.rename(self.path, name, is_own=True)
        except RunError as error:
            self._report(f"{error}.")
        else:
            self._changed()

    def _open(self) -> tuple[sqlite3.Connection, Path]:
        if self.path:
            if not self.path.exists():  # a connection would go on writing to the removed file
                raise RunError(f"{self.path.name} was moved or removed")
            self._connection = self._connection or database.open_for_writing(self.path)
            return self._connection, self.path
        description = self._describe()
        path = names.new_path(self._directory, self._copied[0] if self._copied else "")
        draft = path.with_suffix(".new")  # so that the file of a run is empty or complete
        try:
            draft.touch()
            with closing(database.open_empty(draft)) as connection:
                if self._copied:
                    _restore(connection, self._copied[1], path.stem)
                else:
                    _create(connection, path.stem, description)
            os.replace(draft, path)
        except BaseException:
            for file in (draft, path):
                with suppress(OSError):
                    file.unlink()
            raise
        self.path, self._copied = path, None
        self._changed()
        return self._open()

    def _transact(self, connection: sqlite3.Connection, news: News) -> None:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            writer = Writer(connection)
            if news.lasting:
                self._before = {}
            if self._closing:
                writer.meta(news.meta | {"owner": None} | self._before)
            else:
                writer.meta(news.meta | {"owner": this_program(self._owner.since).as_dict()})
            if news.trained:
                writer.meta({"updated": time.time()})
            writer.branches(news.branches.values())
            for branch, steps in news.steps.items():
                writer.steps(branch, steps)
            for branch, evaluation in news.evaluations:
                writer.evaluation(branch, evaluation)
            if news.checkpoint:
                branch, checkpoint = news.checkpoint
                writer.checkpoint(branch, checkpoint)
                self._spacing = writer.thin_checkpoints(
                    self._spacing, (branch, checkpoint.steps), _BUDGET
                )

    def _release(self) -> None:
        """Writes what is left, and that no program has the run open."""
        self._last_write = -_SIGN_OF_LIFE  # so that it writes, whether there is news or not
        self._write()
        if self._connection:
            self._connection.close()


def _pending(run: Run) -> Pending:
    position = run.branch, run.step
    return Pending(run.branches, position, run.meta.get("best_accuracy", -1.0))


def _create(connection: sqlite3.Connection, name: str, description: Mapping[str, Any]) -> None:
    """Makes an empty file that of a new run."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        database.create_tables(connection)
        writer = Writer(connection)
        writer.meta({"name": name, "notes": "", "star": False, **description})
        writer.branches([FIRST_BRANCH])


def _restore(connection: sqlite3.Connection, content: bytes, name: str) -> None:
    """Makes an empty file that of a copy."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        memory.deserialize(content)
        Writer(memory).meta({"name": name, "star": False, "renamed": False, "owner": None})
        memory.backup(connection)


def _claim(path: Path) -> None:
    """Makes this program the owner of a run.

    Raises RunError if another program is, and OSError if the file cannot be written.
    """
    try:
        with database.small_change(path) as connection:
            with Run(path) as run:
                owner = run.owner
            if owner and not owner.is_this:
                raise RunError(f"{run.name} is open in another program: {owner}")
            Writer(connection).meta({"owner": this_program().as_dict()})
    except sqlite3.OperationalError as error:
        raise OSError(f"{path} cannot be written: {database.reason(error)}") from error
    except sqlite3.Error as error:
        raise RunError(f"{path} is damaged: {error}") from error
