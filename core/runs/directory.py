"""The directory in which runs are kept: finds them by name, and keeps it within its budget."""

import os
import time
from contextlib import closing, suppress
from operator import itemgetter
from pathlib import Path
from typing import Any

from core.directories import expanded
from core.errors import RunError, os_reason
from core.runs.leftovers import STARTING
from core.runs.names import SUFFIX
from core.runs.owner import owner_from
from core.runs.reader import Reader
from core.text import nearest, suggestion

BUDGET = 2_000_000_000
"""Bytes of all kept runs. The oldest are removed, but never one of the last ten."""

_SAFE = 10  # latest runs that are never removed


def check_directory(directory: Path, must_exist: bool) -> None:
    """Raises RunError if the directory cannot be read.

    must_exist: whether a missing directory is an error; otherwise the first run creates it.
    """
    try:
        os.scandir(directory).close()
    except FileNotFoundError:
        if must_exist:
            raise RunError(f"there is no directory {directory}") from None
    except OSError as error:
        raise RunError(f"{directory} cannot be read: {os_reason(error)}") from error


def files(directory: Path) -> list[tuple[Path, os.stat_result]]:
    """Returns the files of all runs in a directory with their status, the last written first.

    A run that was copied or restored has a new file: for their age, see `by_age`. A file that is
    still empty, because its run is just starting, is left out.
    """
    found: list[tuple[float, Path, os.stat_result]] = []
    with suppress(OSError):
        for path in directory.glob(f"*{SUFFIX}"):
            with suppress(OSError):
                status = path.stat()
                if status.st_size or time.time() - status.st_mtime > STARTING:
                    found.append((status.st_mtime, path, status))
    return [(path, status) for _, path, status in sorted(found, reverse=True)]


def paths(directory: Path) -> list[Path]:
    """Returns the paths of `files`."""
    return [path for path, _ in files(directory)]


def by_age(directory: Path) -> list[Path]:
    """Returns the files of the runs that can be read, the last trained first."""
    found = []
    for path in paths(directory):
        with suppress(RunError), closing(Reader(path, at_once=True)) as reader:
            found.append((reader.updated(), path))
    return [path for _, path in sorted(found, key=itemgetter(0), reverse=True)]


def find(directory: Path, name: str = "") -> Path:
    """Returns the file of the run with this name, or at this path; "" is the latest run that can
    be read.

    Raises RunError if there is none.
    """
    if not name:
        return _latest(directory)
    named = directory / f"{name}{SUFFIX}"
    path = expanded(name)
    with suppress(OSError):  # for example, if the name is too long
        if os.sep not in name and named.is_file():
            return named
        if path.is_file():
            return path
    if os.sep in name:
        raise RunError(_fault(path))
    if not directory.is_dir():
        fault = "is not a directory" if os.path.lexists(directory) else "does not exist"
        raise RunError(f"there is no run {name}, because {directory} {fault}")
    hint = suggestion(
        Path(name).name.removesuffix(SUFFIX),
        [path.stem for path in paths(directory)],
        "fashion-tui runs lists them",
    )
    raise RunError(f"there is no run {name} in {directory}; {hint}")


def _fault(path: Path) -> str:
    """Returns why a path is not the file of a run."""
    try:
        path.stat()
    except FileNotFoundError:
        near = nearest(path.stem, [other.stem for other in paths(path.parent)])
        return f"there is no file {path}{f'; did you mean {near}?' if near else ''}"
    except (OSError, ValueError) as error:
        return f"{path} cannot be read: {os_reason(error)}"
    return f"{path} is not a file; enter the name or the file of a run"


def _latest(directory: Path) -> Path:
    """Returns the run that was trained last, of those that can be read.

    Raises RunError if there is none.
    """
    check_directory(directory, must_exist=False)
    fault = RunError(f"there is no kept run in {directory}")
    for path in dict.fromkeys((*by_age(directory), *paths(directory))):
        if path.is_file() and path.stat().st_size:
            try:
                _meta(path)
            except RunError as error:
                fault = error
            else:
                return path
    raise fault


def trim(directory: Path, budget: int = BUDGET) -> list[str]:
    """Removes the oldest runs until the rest take at most `budget` bytes; returns their names.

    The last ten, those with a star, notes or a name given by the user, and those that are open
    are kept.
    """
    removed = []
    sizes = {path: status.st_size for path, status in files(directory)}
    excess = sum(sizes.values()) - budget
    if excess <= 0:
        return []
    for path in by_age(directory)[: _SAFE - 1 : -1]:
        if excess <= 0:
            break
        if _is_disposable(path):
            with suppress(OSError):
                path.unlink()
                removed.append(path.stem)
                excess -= sizes.get(path, 0)
    return removed


def _is_disposable(path: Path) -> bool:
    try:
        meta = _meta(path)
    except RunError:
        return False  # it may be of another version
    owner = owner_from(meta.get("owner"))
    is_open = owner is not None and owner.is_alive
    return not (meta.get("star") or meta.get("notes") or meta.get("renamed") or is_open)


def _meta(path: Path) -> dict[str, Any]:
    """Returns what the table `meta` says of a run. Raises RunError if the run cannot be read."""
    with closing(Reader(path)) as reader:
        meta = reader.meta()
        reader.branches()
        return meta
