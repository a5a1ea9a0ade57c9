"""The file of a run that is being kept: creates, writes and renames it."""

import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.events import Branch
from core.runs import database, editing, names
from core.runs.leftovers import DRAFT
from core.runs.owner import this_program
from core.runs.pending import News
from core.runs.run import Run
from core.runs.writer import Writer
from core.types import ignore

_BUDGET = 20_000_000  # bytes of all checkpoints in the file

FIRST_BRANCH = Branch(0, None, 0, 0)


class KeptFile:
    """A file in `directory`, which gets a new name when it is written for the first time.

    describe: returns what is known about a new run, by key of the table `meta`; it may take a
    while. path: of a file that this program owns already. before: what its table `meta` says of the
    run, which is written back at the end if the run was only looked at. copied: the name and the
    content of the run's file that this one copies. named: called with the new name before the file
    is more than empty; if it raises an error, the file is not made.
    """

    def __init__(
        self,
        directory: Path,
        describe: Callable[[], dict[str, Any]],
        path: Path | None = None,
        before: Mapping[str, Any] | None = None,
        copied: tuple[str, bytes] | None = None,
        named: Callable[[str], object] = ignore,
    ) -> None:
        self.path = path
        self._directory, self._describe, self._named = directory, describe, named
        self._before, self._copied = dict(before or {}), copied
        self._connection: sqlite3.Connection | None = None
        self._since = this_program().since
        self._is_empty = False  # because no step was written since it was created

    @property
    def place(self) -> Path:
        """The file, or the directory in which it will be."""
        return self.path or self._directory

    def write(self, news: News, spacing: int, is_last: bool) -> int:
        """Writes what is new in one transaction, and drops checkpoints to keep within the budget.

        spacing: the steps between checkpoints; returns that of those that are left.
        is_last: no program has the run open afterwards.
        Raises sqlite3.Error, OSError or RunError.
        """
        try:
            connection = self._open(news)
            spacing = self._transact(connection, news, spacing, is_last)
            self._is_empty = self._is_empty and not news.steps
            return spacing
        except Exception as error:
            self.close()  # it is opened again next time
            self._check_exists(error)  # SQLite calls a file that was moved read-only
            raise

    def rename(self, name: str) -> None:
        """Gives the file and its run another name. Raises RunError."""
        if self.path is None:
            raise RunError("This run cannot be renamed yet: it has no file before its first step")
        self.close()  # its path is about to change
        self.path = editing.rename(self.path, name, is_own=True)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def discard_empty(self) -> None:
        """Removes the file of a new run if no step could be written."""
        if self._is_empty and self.path:
            self.close()
            self.path.unlink(missing_ok=True)
            self.path = None

    def _open(self, news: News) -> sqlite3.Connection:
        if self.path is None:
            self.path = self._create(news)
        self._check_exists()  # a connection would go on writing to the removed file
        self._connection = self._connection or database.open_for_writing(self.path)
        return self._connection

    def _check_exists(self, cause: Exception | None = None) -> None:
        """Raises RunError if the file of the run is gone. cause: what failed because of it."""
        if self.path and not self.path.exists():
            raise RunError(f"{self.path.name} was moved or removed") from cause

    def _create(self, news: News) -> Path:
        trained = max((steps[-1].seconds for steps in news.steps.values()), default=0.0)
        started = time.time() - trained
        description = {**self._describe(), "started": started}
        path = names.new_path(self._directory, self._copied[0] if self._copied else "")
        draft = path.with_name(path.name + DRAFT)  # so that the file of a run is empty or complete
        try:
            self._named(path.stem)
            draft.touch()
            with closing(database.open_empty(draft)) as connection:
                if self._copied:
                    _restore(connection, self._copied[1], path.stem)
                else:
                    _begin(connection, path.stem, description)
            os.replace(draft, path)
        except BaseException:
            for file in (draft, path):
                with suppress(OSError):
                    file.unlink()
            raise
        self._is_empty, self._copied = not self._copied, None
        return path

    def _transact(
        self, connection: sqlite3.Connection, news: News, spacing: int, is_last: bool
    ) -> int:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            writer = Writer(connection)
            if news.lasting:
                self._before = {}
            if is_last:
                writer.meta(news.meta | {"owner": None} | self._before)
            else:
                writer.meta(news.meta | {"owner": this_program(self._since).as_dict()})
            if news.trained:
                writer.meta({"updated": time.time()})
            writer.branches(news.branches.values())
            for branch, steps in news.steps.items():
                writer.steps(branch, steps)
            for branch, evaluation in news.evaluations:
                writer.evaluation(branch, evaluation)
            for branch, stats in news.layer_stats:
                writer.layer_stats(branch, stats)
            if news.checkpoint:
                branch, checkpoint = news.checkpoint
                writer.checkpoint(branch, checkpoint)
                latest = branch, checkpoint.steps
                spacing = writer.thin_checkpoints(spacing, latest, _BUDGET)
        return spacing


def claim(path: Path) -> None:
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


def _begin(connection: sqlite3.Connection, name: str, description: Mapping[str, Any]) -> None:
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
