"""The line that says which files of kept runs cannot be read."""

import os
from collections.abc import Sequence
from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from core.text import printable
from tui.journal import LOGGER


class Faults(Static):
    """The first file that cannot be read, with the reason, and how many more there are.

    directory: of the runs.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(id="run-faults", markup=False)
        self._directory = directory
        self._logged: set[str] = set()
        self.display = False

    def show(self, faults: Sequence[str]) -> None:
        """Shows the faults there are now, and logs those that are new."""
        for fault in set(faults) - self._logged:
            LOGGER.warning(fault)
        self._logged |= set(faults)
        self.display = bool(faults)
        self.update(self._line(faults))

    def _line(self, faults: Sequence[str]) -> Content:
        if not faults:
            return Content("")
        first = printable(faults[0].removeprefix(f"{self._directory}{os.sep}"))
        more = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
        return Content(f"! {first}{more}")
