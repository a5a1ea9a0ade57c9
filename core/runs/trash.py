"""Runs that were deleted: they can be restored until the program ends."""

import os
import time
from contextlib import suppress
from pathlib import Path

from core.errors import RunError, os_reason
from core.runs.editing import check_removable
from core.runs.leftovers import REMOVED


class Trash:
    """Moves the files of runs aside, in their directory. `empty` removes them."""

    def __init__(self) -> None:
        self._removed: list[tuple[Path, Path]] = []  # where each was, and where it is

    def remove(self, path: Path) -> None:
        """Moves a run aside. Raises RunError if a program has it open, or if it cannot be moved."""
        check_removable(path)
        # So that no list shows the file.
        aside = path.with_name(f"{path.name}.{time.time_ns()}{REMOVED}")
        try:
            os.replace(path, aside)
            os.utime(aside)  # it is left over a day from now
        except OSError as error:
            raise RunError(f"{path} cannot be removed: {os_reason(error)}") from error
        self._removed.append((path, aside))

    def restore(self) -> Path | None:
        """Moves the last run back and returns its path; None if there is none.

        Raises RunError if that cannot be done.
        """
        if not self._removed:
            return None
        path, aside = self._removed[-1]
        if path.exists():
            raise RunError(f"there is another run {path.stem} now; rename that one first")
        try:
            os.replace(aside, path)
        except OSError as error:
            raise RunError(f"{path.stem} cannot be restored: {os_reason(error)}") from error
        self._removed.pop()
        return path

    def empty(self) -> None:
        """Removes the files for good."""
        for _, aside in self._removed:
            with suppress(OSError):
                aside.unlink()
        self._removed.clear()
