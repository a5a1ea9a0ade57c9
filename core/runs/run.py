"""A kept run, read from its file: its metrics, its network at any step, and how it continues."""

from pathlib import Path
from typing import Self, overload

import numpy as np

from core.data.dataset import Dataset
from core.errors import RunError
from core.history.branch_history import BranchHistory
from core.nn.network import Network
from core.runs import other_data, records, run_dataset
from core.runs.content import RunContent
from core.runs.description import machine
from core.runs.restorer import Restorer
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.types import ShouldContinue, always


class Run(RunContent):
    """A run in a file: what the file has, and the network and the timeline that it restores."""

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Opens the run in a file."""
        return cls(path)

    @overload
    def network_at(self, step: int, dataset: Dataset | None = None) -> Network: ...

    @overload
    def network_at(
        self, step: int, dataset: Dataset | None, should_continue: ShouldContinue
    ) -> Network | None: ...

    def network_at(
        self, step: int, dataset: Dataset | None = None, should_continue: ShouldContinue = always
    ) -> Network | None:
        """Returns the network after a step of the current branch.

        dataset: if it is None, it is read from where it was when the run started.
        should_continue: called with the fraction done, 0..1, before each recomputed step; if it
        returns False, this method returns None.
        """
        start = self.start_step
        if not (isinstance(step, int | np.integer) and start <= step <= self.step):
            raise RunError(
                f"step: enter {start:,} to {self.step:,}, the steps of {self.path.name}"
                + ("; before, it was trained on other data" if start else "")
            )
        trainer = self.trainer_at(int(step), dataset or self.load_data(), should_continue)
        return trainer.network if trainer else None

    def trainer_at(
        self, step: int, dataset: Dataset, should_continue: ShouldContinue = always
    ) -> Trainer | None:
        """Returns the trainer after a step of the current branch, like `network_at`.

        With other data than the run was trained on, it is for evaluations: its network is that of
        the step, but what follows begins an epoch. Raises RunError if no checkpoint of the step was
        kept then, because computing it again needs the run's own data.
        """
        return Restorer(self).trainer_at(step, dataset, should_continue)

    def is_data(self, dataset: Dataset) -> bool:
        """Returns whether these are the images and labels that the run was trained on."""
        return run_dataset.is_dataset_of(self, dataset)

    def on_other_data(self, dataset: Dataset, path: Path) -> "Run":
        """Returns a copy in memory that continues with other data, from the current step on.

        It begins at the last checkpoint up to the current step, with a new epoch; what was before
        is not in it. path: of the dataset.

        Raises RunError if no checkpoint was kept, or if the data does not fit the network.
        """
        checkpoint = Restorer(self).checkpoint_until(self.step)
        trainer = other_data.trainer_on(self.name, checkpoint, dataset, self.threads)
        content = other_data.content_of_copy(self.name, trainer, path)
        return Run(self.path, content=content)

    def load_data(self, directory: Path | None = None, anyway: bool = False) -> Dataset:
        """Returns the dataset of the run, see `run_dataset.load_dataset_of`."""
        return run_dataset.load_dataset_of(self, directory, anyway)

    def differences(self) -> list[str]:
        """Returns a sentence if results may differ in their last bits from those of the run's own
        machine."""
        before, now = self.meta.get("machine", {}), machine()
        changed = [
            f"{name} {before.get(name)}, now {now[name]}"
            for name in ("numpy", "blas", "processor")
            if before.get(name) != now[name]
        ]
        if not changed:
            return []
        return [
            f"From here on, the last bits of the results of {self.name} may differ: "
            f"{'; '.join(changed)}."
        ]

    def timeline(
        self, dataset: Dataset, should_continue: ShouldContinue = always
    ) -> Timeline | None:
        """Returns a timeline at the current step, from which the run continues as if it had not
        been interrupted; None if `should_continue` returned False.

        Raises RunError if the run was trained on other data: see `on_other_data`.
        """
        if not self.is_data(dataset):
            raise RunError(f"{self.name} cannot continue: it was trained on other data")
        return Restorer(self).timeline_at(self.step, dataset, should_continue)

    def records(self) -> tuple[BranchHistory, ...]:
        """Returns what was recorded on each branch, for the screen."""
        return records.records(self)
