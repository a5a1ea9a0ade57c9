"""The training images of a dataset that are marked as doubtful, kept in a file beside the runs."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.data import image_numbers
from core.data.dataset import Dataset
from core.errors import DataError, os_reason
from core.runs.description import files_fingerprint


class DoubtfulImages:
    """Their numbers. Reading and writing may wait for a disk, and the fingerprint takes a moment.

    directory: that of the runs; None to keep nothing. report: called if they cannot be written.
    """

    def __init__(
        self, directory: Path | None, data: Dataset, report: Callable[[str], object]
    ) -> None:
        self._count = len(data.train_labels)
        self._report = report
        self._path: Path | None = None
        if directory is not None:
            self._path = directory / "doubtful" / f"{files_fingerprint(data)[:16]}.txt"

    def read(self) -> frozenset[int]:
        """Returns those that were marked before; none if there are none or they cannot be read."""
        if self._path is not None and self._path.is_file():
            with suppress(DataError):
                return frozenset(n for n in image_numbers.read(self._path) if n < self._count)
        return frozenset()

    def update(
        self, known: frozenset[int], add: frozenset[int], remove: frozenset[int]
    ) -> frozenset[int]:
        """Marks and unmarks images, and returns those that are marked now.

        known: those that this program knew of. Others that are in the file by now stay there:
        another program has marked them.
        """
        if self._path is None:
            return (known | add) - remove
        numbers = (self.read() if self._path.is_file() else known) | add
        numbers -= remove
        try:
            image_numbers.write(self._path, numbers)
        except OSError as error:
            self._report(f"The doubtful images cannot be kept: {os_reason(error)}.")
            return (known | add) - remove
        return numbers
