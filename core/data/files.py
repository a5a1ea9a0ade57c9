"""Opens the files of a dataset. Only regular files: a device or a pipe could block or never end."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import DataError, os_reason


def exists(path: Path) -> bool:
    """Whether the file exists. Raises DataError if that cannot be determined."""
    try:
        return path.exists()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Opens a file to read its bytes.

    Raises DataError if it is not a regular file, or if reading fails within the `with` block.
    """
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # open() itself refuses a directory
            raise DataError(f"{path} cannot be read: it is a device or a pipe, not a regular file")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error
