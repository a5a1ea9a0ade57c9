"""Keeps each run of a session, or of the command `train`, in a file."""

from collections.abc import Callable
from pathlib import Path

from core.errors import os_reason
from core.events import Event, Kept, RunStarted
from core.runs.keeper import Keeper
from core.runs.names import shown_name
from core.runs.run import Run
from core.training.trainer import Trainer
from core.types import ignore

NOT_KEPT = "not kept"
READ_ONLY = "read-only"
OTHER_DATA = "other data"
_INTERVAL = 1.0  # seconds of training between the checkpoints of two pauses


class Keeping:
    """Keeps one run at a time; without a directory, none.

    directory: where. data: the path of the dataset. report: called with a sentence when writing
    fails. post: called when the run gets a name or another one. Both may come from another thread.
    """

    def __init__(
        self,
        directory: Path | None,
        data: Path,
        report: Callable[[str], object],
        post: Callable[[Kept], object] = ignore,
    ) -> None:
        self._directory, self._data, self._report, self._post = directory, data, report, post
        self._opened = ""  # the name of a run that continues without being kept in its file
        self._note = ""  # on a run without a file
        self._keeper: Keeper | None = None
        self._trainer: Trainer | None = None
        self._seconds = 0.0  # of training, at the last checkpoint
        self.is_lost = False  # the end of the run that was closed last, or all of it

    @property
    def path(self) -> Path | None:
        """The file of the current run, once it has one."""
        return self._keeper.path if self._keeper else None

    @property
    def data(self) -> Path:
        """The path of the dataset of the current run."""
        return self._data

    @property
    def name(self) -> str | None:
        """The name of the current run, once it has a file."""
        return shown_name(self.path) if self.path else None

    @property
    def wanted(self) -> bool:
        """Whether runs should be kept."""
        return self._directory is not None

    def start(self, trainer: Trainer, event: RunStarted, data: Path | None = None) -> None:
        """Keeps a new run from now on. data: the path of its dataset, if it is another."""
        self.close()
        self._data = data or self._data
        self._opened, self._note = "", "" if self._directory else NOT_KEPT
        if self._directory:
            self._keeper = Keeper.start(
                self._directory, event, self._data, self._report, self._post_kept
            )
            self._trainer, self._seconds = trainer, 0.0
        self._post_kept()

    def resume(self, trainer: Trainer, run: Run, data: Path | None = None) -> None:
        """Continues in the file of a kept run. data: the path of its dataset, if it has moved.

        If the file cannot be written, the run continues without being kept. Raises RunError if
        another program has it open; then the current run is kept as before.
        """
        keeper = None
        if self._directory:
            try:
                keeper = Keeper.resume(run, self._report, self._post_kept, data)
            except OSError as error:
                self._report(f"{run.name} continues, but is not kept: {os_reason(error)}")
        self._opened, self._note = run.name, NOT_KEPT
        self._continue(keeper, trainer, run, data)

    def copy(self, trainer: Trainer, run: Run, note: str, data: Path | None = None) -> None:
        """Continues a run whose file must stay as it is; once trained further, as a copy.

        note: on the run until then, READ_ONLY or OTHER_DATA.
        """
        keeper = None
        if self._directory:
            keeper = Keeper.copy(run, self._directory, self._report, self._post_kept)
        self._opened, self._note = run.name, note
        self._continue(keeper, trainer, run, data)

    def rename(self, name: str) -> None:
        """Gives the current run another name; reports it if that cannot be done."""
        if self._keeper:
            self._keeper.rename(name)

    def _continue(
        self, keeper: Keeper | None, trainer: Trainer, run: Run, data: Path | None
    ) -> None:
        self.close()
        self._data = data or Path(run.meta["data"]["path"])
        if keeper:
            self._keeper, self._trainer, self._seconds = keeper, trainer, trainer.seconds
        self._post_kept()

    def _post_kept(self) -> None:
        """Posts the name of the run and where it is kept."""
        note = "" if self.path else self._note
        if self._keeper and self._keeper.failed:
            note = NOT_KEPT
        self._post(Kept(self.name or self._opened, self.path, note))

    def add(self, event: Event) -> None:
        """Takes over an event of the run."""
        if self._keeper:
            self._keeper.add(event)

    def note_step(self) -> None:
        """Keeps a checkpoint of the current step, the latest of its branch, if one is due."""
        if self._keeper and self._trainer and self._keeper.due(self._trainer.steps):
            self._add_checkpoint()

    def note_pause(self) -> None:
        """Keeps a checkpoint, so that resuming recomputes nothing, if there is enough to save."""
        if self._trainer and self._trainer.seconds - self._seconds > _INTERVAL:
            self._add_checkpoint()

    def close(self) -> str | None:
        """Writes what is left of the current run, and releases its file; returns its name."""
        if self._keeper is None:
            return None
        if self._trainer and self._trainer.seconds != self._seconds:
            self._add_checkpoint()
        self.is_lost = not self._keeper.close() or self._keeper.failed
        name, self._keeper, self._trainer = self.name, None, None
        return name

    def _add_checkpoint(self) -> None:
        assert self._keeper is not None
        assert self._trainer is not None
        self._seconds = self._trainer.seconds
        self._keeper.add_checkpoint(self._trainer.checkpoint())
