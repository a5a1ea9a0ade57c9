"""Writes files whole or not at all, and none over another unless that is wanted."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from core.errors import ExportError, os_reason


def write(files: Mapping[Path, bytes], force: bool = False) -> None:
    """Writes each file under a temporary name beside its place, and then moves it there.

    force: whether files that exist may be replaced. Raises ExportError, before anything is
    written if a file exists.
    """
    for path in files:
        check(path, force)
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
        except OSError as error:
            raise ExportError(f"{path} cannot be written: {os_reason(error)}") from error


def check(path: Path, force: bool, advice: str = "add --force to overwrite it") -> None:
    """Raises ExportError if the file exists, unless `force`; and if it is not a plain file.

    advice: what to do if it exists.
    """
    if os.path.lexists(path.parent) and not os.path.isdir(path.parent):
        raise ExportError(f"{path.parent} is not a directory; enter another place")
    if os.path.isdir(path):
        raise ExportError(f"{path} is a directory; enter the name of a file in it")
    if os.path.lexists(path) and not force:
        raise ExportError(f"{path} exists; {advice}")


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name[:50]}.{os.getpid()}")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
