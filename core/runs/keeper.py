"""Keeps a run in a file while it trains, in a thread of its own: training never waits for it."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.events import Branch, Event
from core.runs import database, names
from core.runs.owner import Owner, this_program
from core.runs.pending import News, Pending
from core.runs.run import Run
from core.runs.writer import Writer
from core.training.checkpoint import Checkpoint

_INTERVAL = 1.0  # seconds between two transactions
_RETRY = 5.0  # seconds after one that failed
_SIGN_OF_LIFE = 10.0  # seconds without news, after which a transaction shows that the run is open
_SPACING = 32  # steps between two checkpoints, at first
_BUDGET = 20_000_000  # bytes of all checkpoints in the file
_RATE = 2_000_000  # bytes of checkpoints per second, at most; and one per second

FIRST_BRANCH = Branch(0, None, 0, 0)


class Keeper:
    """Takes the events of one run and, now and then, a checkpoint, and writes them to a file.

    The file is created after the first step, in `directory` with a new name. If it cannot be
    written, `report` is called once with a sentence, from the keeper's thread, and the keeper
    tries again until it can.

    describe: returns what is known about the run from the start, by key of the table `meta`; it
    may take a while. pending, path: of a run that goes on in its file, which this program owns.
    """

    def __init__(
        self,
        directory: Path,
        describe: Callable[[], dict[str, Any]],
        report: Callable[[str], object],
        *,
        pending: Pending | None = None,
        path: Path | None = None,
    ) -> None:
        self.path = path
        self._directory, self._describe, self._report = directory, describe, report
        self._pending = pending or Pending([FIRST_BRANCH])
        self._connection: sqlite3.Connection | None = None
        self._spacing = _SPACING
        self._checkpoint_bytes = 0
        self._last_checkpoint = time.monotonic()
        self._last_write = 0.0
        self._failed = False
        self._lacks_checkpoint = False  # one that did not fit on the disk with the rest
        self._closing = False
        self._owner: Owner = this_program()
        self._lock = threading.Lock()  # held for a moment, to exchange what is pending
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._thread.start()

    @classmethod
    def resume(cls, run: Run, report: Callable[[str], object]) -> "Keeper":
        """Returns a keeper that goes on in the file of `run`, where the run stands.

        Raises RunError if another program has the run open, and OSError if the file cannot be
        written.
        """
        _claim(run.path)
        pending = Pending(run.branches, run.branch, run.meta.get("best_accuracy", -1.0))
        return cls(run.path.parent, dict, report, pending=pending, path=run.path)

    def add(self, event: Event) -> None:
        """Takes over an event of the run."""
        with self._lock:
            self._pending.add(event)

    def due(self, step: int) -> bool:
        """Returns whether to add a checkpoint of the current step."""
        if step % self._spacing:
            return False
        interval = max(_INTERVAL, self._checkpoint_bytes / _RATE)
        if time.monotonic() - self._last_checkpoint < interval:
            self._spacing *= 2
            return False
        return True

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Takes over a checkpoint of the current step."""
        self._last_checkpoint, self._checkpoint_bytes = time.monotonic(), checkpoint.nbytes
        with self._lock:
            self._pending.add_checkpoint(checkpoint)

    def close(self, timeout: float = 5.0) -> bool:
        """Writes what is left and releases the file; False if that takes over `timeout` seconds."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._closing:
            self._wake.wait(_RETRY if self._failed else _INTERVAL)
            self._write()
        self._release()

    def _write(self) -> None:
        """Writes what is new, or keeps it for later."""
        with self._lock:
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
            if not self._failed:
                place = self.path or self._directory
                reason = database.reason(error)
                self._report(f"This run cannot be kept in {place} for now: {reason}")
            self._failed = True
            return
        self._last_write = time.monotonic()
        if news.checkpoint:
            self._lacks_checkpoint = False
        if self._failed and not self._lacks_checkpoint:
            self._report("This run is kept again.")
            self._failed = False

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

    def _open(self) -> tuple[sqlite3.Connection, Path]:
        if self.path:
            self._connection = self._connection or database.open_for_writing(self.path)
            return self._connection, self.path
        description = self._describe()
        path = names.new_path(self._directory)
        draft = path.with_suffix(".new")  # so that the file of a run is empty or complete
        try:
            draft.touch()
            with closing(database.open_empty(draft)) as connection, connection:
                connection.execute("BEGIN IMMEDIATE")
                database.create_tables(connection)
                writer = Writer(connection)
                writer.meta({"name": path.stem, "notes": "", "star": False, **description})
                writer.branches([FIRST_BRANCH])
            os.replace(draft, path)
        except BaseException:
            for file in (draft, path):
                with suppress(OSError):
                    file.unlink()
            raise
        self.path = path
        return self._open()

    def _transact(self, connection: sqlite3.Connection, news: News) -> None:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            writer = Writer(connection)
            owner = None if self._closing else this_program(self._owner.since).as_dict()
            writer.meta(news.meta | {"owner": owner})
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
        if self.path is None and not self._pending.steps:
            return
        self._last_write = -_SIGN_OF_LIFE  # so that it writes, whether there is news or not
        self._write()
        if self._connection:
            self._connection.close()


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
