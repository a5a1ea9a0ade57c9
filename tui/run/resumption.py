"""The request to continue a kept run."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import DataError, RunError

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.data.dataset import Dataset
    from core.runs.run import Run


@dataclass(frozen=True, slots=True)
class Resumption:
    """A kept run to continue.

    changes: settings to change first. data: a directory with its dataset, if that has moved.
    anyway: accept another dataset.
    """

    path: Path
    changes: Mapping[str, Any] = field(default_factory=dict)
    data: Path | None = None
    anyway: bool = False

    def with_data(self, run: "Run", dataset: "Dataset") -> "Run":
        """Returns the run that continues with a dataset: if it is another one, a copy in memory.

        Raises RunError.
        """
        if run.is_data(dataset):
            return run
        return run.on_other_data(dataset, self.data or Path(run.meta["data"]["path"]))

    def dataset_of(self, run: "Run", current: "Dataset | None" = None) -> "Dataset":
        """Returns the dataset to continue with: `current`, if it is that of the run. Raises
        DataError or RunError."""
        if current is not None and not self.data:
            with suppress(DataError):  # it may have fewer images
                current = current.without(run.reading.left_out)
            if run.is_data(current):
                return current
        try:
            return run.load_data(self.data, self.anyway)
        except RunError as error:
            raise RunError(f"{error}; add --anyway to use that data") from error
