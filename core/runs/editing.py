"""Changes of kept runs by the user: star, notes, name, removal."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import RunError, os_reason
from core.runs import database
from core.runs.names import SUFFIX, is_name
from core.runs.owner import Owner
from core.runs.summary import summarize
from core.runs.writer import Writer

_MAX_NOTES = 10_000  # characters


def set_star(path: Path, star: bool) -> None:
    """Gives the run in a file a star, or takes it away. Raises RunError."""
    _write(path, {"star": star})


def set_notes(path: Path, notes: str) -> None:
    """Replaces the notes of the run in a file; "" removes them. Raises RunError."""
    if len(notes) > _MAX_NOTES:
        raise RunError(f"notes: enter at most {_MAX_NOTES:,} characters")
    _write(path, {"notes": notes})


def rename(path: Path, name: str, is_own: bool = False) -> Path:
    """Gives a run and its file another name; returns the new path.

    is_own: this program has the run open, and its keeper renames it.
    Raises RunError if the name is taken or not allowed, or if another program has the run open.
    """
    if not is_name(name):
        raise RunError(
            "name: enter up to 80 letters, digits, dots, hyphens and underscores, "
            "for example wide-and-slow"
        )
    owner = summarize(path).owner
    if not (is_own and owner and owner.is_this):
        _refuse(path, owner)
    new = path.with_name(name + SUFFIX)
    try:
        new.open("x").close()  # no other program can take this name now
    except FileExistsError:
        raise RunError(f"there is a run {name} already; enter another name") from None
    except OSError as error:
        raise RunError(f"{path} cannot be renamed: {os_reason(error)}") from error
    try:
        _write(path, {"name": name, "renamed": True})
        os.replace(path, new)
    except BaseException as error:
        with suppress(OSError):
            new.unlink()
        if isinstance(error, OSError):
            raise RunError(f"{path} cannot be renamed: {os_reason(error)}") from error
        raise
    return new


def check_removable(path: Path) -> None:
    """Raises RunError if a program has the run open, or if the file may not be one of a run."""
    owner: Owner | None = None
    try:
        owner = summarize(path).owner
    except RunError as error:  # a damaged run can be removed
        locked = isinstance(error.__cause__, sqlite3.OperationalError)
        if locked or path.suffix != SUFFIX:
            raise
    _refuse(path, owner)


def remove(path: Path) -> None:
    """Removes the file of a run, even if it is damaged.

    Raises RunError as `check_removable` does, or if the file cannot be removed.
    """
    check_removable(path)
    try:
        path.unlink()
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"{path} cannot be removed: {os_reason(error)}") from error


def _refuse(path: Path, owner: Owner | None) -> None:
    """Raises RunError if a program has the run open."""
    if owner:
        where = "this program" if owner.is_this else f"another program: {owner}"
        raise RunError(f"{path.stem} is open in {where}; close it there first")


def _write(path: Path, values: dict[str, Any]) -> None:
    """Sets values of the table `meta`."""
    summarize(path)  # raises if it is damaged
    try:
        with database.small_change(path) as connection:
            Writer(connection).meta(values)
    except (sqlite3.Error, OSError) as error:
        raise RunError(f"{path} cannot be written: {database.reason(error)}") from error
