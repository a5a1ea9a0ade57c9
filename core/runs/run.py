"""A kept run, read from its file: its metrics, its network at any step, and how it goes on."""

import os
from collections.abc import Iterator
from contextlib import suppress
from math import nan
from pathlib import Path
from typing import Self, overload

import numpy as np

from core.assets import FASHION_MNIST
from core.branches import net_changes, path_to
from core.config.config import MAX_THREADS, Config
from core.data.dataset import Dataset, load
from core.data.reading import Reading
from core.errors import DataError, RunError
from core.events import Branch, Change, Evaluation, Phase, Step
from core.history.branch_history import BranchHistory
from core.history.prediction_history import EvaluationPredictions
from core.metrics import EpochAverages
from core.nn.network import Network
from core.runs import other_data
from core.runs.description import fingerprint, machine
from core.runs.origin import Origin, origin_from
from core.runs.owner import Owner, owner_from
from core.runs.reader import STEP_COLUMNS, Columns, Reader
from core.runs.summary import PHASES, state_of
from core.training.checkpoint import Checkpoint
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.types import ShouldContinue, always


class Run:
    """A run in the file at `path`, as it was when this was made. It only reads.

    in_memory: whether to read a copy, because another program may write to the file. content: of a
    copy that has no file yet, in place of that of the file.
    meta: the values of the table `meta`, by key. branches: all branches, by number. branch, step:
    where the run stands.

    Raises RunError, here and in the methods, if the file cannot be read.
    """

    def __init__(
        self, path: str | Path, in_memory: bool = False, content: bytes | None = None
    ) -> None:
        self.path = Path(path)
        self._reader = Reader(self.path, in_memory, content=content)
        self.meta = self._reader.meta()
        self.branches: tuple[Branch, ...] = self._reader.branches()
        self.branch, self.step = self._position()

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Opens the run in a file."""
        return cls(path)

    def close(self) -> None:
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def content(self) -> bytes:
        """Returns the whole run in the format of its file."""
        return self._reader.content()

    @property
    def name(self) -> str:
        """The name of the file, by which the commands find it; it may have been copied."""
        return self.path.stem

    @property
    def config(self) -> Config:
        """The settings at the start."""
        return self.meta["config"]

    @property
    def current_config(self) -> Config:
        """The settings in force at the current step."""
        config = self.config
        for group in self.change_groups():
            config = config.replace(**{change.field: change.new for change in group})
        return config

    @property
    def first_config(self) -> Config:
        """The settings of the first step: those at the start, with what was changed before it."""
        first = {c.field: c.new for c in self._net_changes() if c.step == 0}
        return self.config.replace(**first)

    def changes(self) -> tuple[Change, ...]:
        """Returns the changes by hand after the first step, on the way to the current one, in
        order."""
        return tuple(change for change in self._net_changes() if change.step)

    def _net_changes(self) -> tuple[Change, ...]:
        return net_changes(change for group in self.change_groups() for change in group)

    def change_groups(self) -> Iterator[tuple[Change, ...]]:
        """Yields the changes on the way to the current step, those made together in a group."""
        for branch, last in reversed(list(path_to(self.branches, self.branch))):
            for group in branch.change_groups:
                if group[0].step <= min(last, self.step):
                    yield group

    @property
    def reading(self) -> Reading:
        """How the files of the dataset were read; runs of earlier versions do not say it."""
        kept = self.meta["data"].get("reading")
        return Reading.from_dict(kept if isinstance(kept, dict) else {})

    @property
    def origin(self) -> Origin | None:
        """The run from which this one goes on with other data, if it does."""
        try:
            return origin_from(self.meta.get("origin"))
        except ValueError as error:
            raise RunError(f"{self.path} is damaged: {error}") from error

    @property
    def owner(self) -> Owner | None:
        """The program that has the run open, if one does."""
        owner = owner_from(self.meta.get("owner"))
        return owner if owner and owner.is_alive else None

    @property
    def state(self) -> str:
        """What the run does, as `RunSummary.state`."""
        phase = PHASES.get(str(self.meta.get("phase")))
        return state_of(phase, owner_from(self.meta.get("owner")))

    def metrics(self) -> Columns:
        """Returns the steps up to the current one, through all branches that lead to it.

        An array for each column of the table `steps`: step, epoch, position (images of the epoch
        used so far), images, loss (nats), accuracy (0..1), learning_rate and seconds.
        """
        path = [(b, min(last, self.step)) for b, last in path_to(self.branches, self.branch)]
        parts = [self._reader.steps(b.number, last) for b, last in reversed(path)]
        return {name: np.concatenate([part[name] for part in parts]) for name in STEP_COLUMNS}

    def evaluations(self) -> Columns:
        """Returns step, loss and accuracy of the evaluations up to the current step."""
        rows = [
            row[:3]
            for b, last in reversed(list(path_to(self.branches, self.branch)))
            for row in self._reader.evaluations(b.number, self.meta["evaluation_set"])
            if row[0] <= min(last, self.step)
        ]
        table = np.array(rows, np.float64).reshape(-1, 3)
        return {
            "step": table[:, 0].astype(np.int64),
            "loss": table[:, 1],
            "accuracy": table[:, 2],
        }

    def test_evaluation(self, dataset: Dataset) -> Evaluation | None:
        """Returns the last evaluation on the test set up to the current step, if there is one.

        Its probabilities are not known. dataset: that of the run.
        """
        test = dataset.test
        if self.meta["evaluation_set"] == test.name:
            return None  # it is the evaluation set
        for branch, last in path_to(self.branches, self.branch):
            for step, loss, accuracy, *_ in reversed(
                self._reader.evaluations(branch.number, test.name)
            ):
                if step <= min(last, self.step):
                    unknown = np.empty((0, len(dataset.class_names)), np.float32)
                    return Evaluation(
                        step, test.name, loss, accuracy, test.indices, test.labels, unknown
                    )
        return None

    def latest_predictions(self) -> EvaluationPredictions | None:
        """Returns those of the latest evaluation up to the current step that were kept."""
        for branch, last in path_to(self.branches, self.branch):
            rows = self._reader.evaluations(branch.number, self.meta["evaluation_set"])
            for step, _, _, predicted, probability in reversed(rows):
                usable = predicted is not None and len(predicted) == len(probability)
                if step <= min(last, self.step) and usable:
                    return EvaluationPredictions(0, step, predicted, probability)
        return None

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
        if self.is_data(dataset):
            timeline = self._timeline_at(step, dataset, should_continue)
            return timeline.trainer if timeline else None
        checkpoint = self._checkpoint_until(step)
        if checkpoint.steps != step:
            raise RunError(
                f"{self.name} has no checkpoint of step {step:,}: its network has to be computed "
                "again, which needs the data that it was trained on"
            )
        return other_data.trainer_on(self.name, checkpoint, dataset, self._threads)

    @property
    def start_step(self) -> int:
        """The step at which the run begins: 0, unless it goes on from another run."""
        return self.branches[0].fork

    def is_data(self, dataset: Dataset) -> bool:
        """Returns whether these are the images and labels that the run was trained on."""
        return fingerprint(dataset) == self.meta["data"]["fingerprint"]

    def on_other_data(self, dataset: Dataset, path: Path) -> "Run":
        """Returns a copy in memory that goes on with other data, from the current step on.

        It begins at the last checkpoint up to the current step, with a new epoch; what was before
        is not in it. path: of the dataset.

        Raises RunError if no checkpoint was kept, or if the data does not fit the network.
        """
        checkpoint = self._checkpoint_until(self.step)
        trainer = other_data.trainer_on(self.name, checkpoint, dataset, self._threads)
        content = other_data.content_of_copy(self.name, trainer, path)
        return Run(self.path, content=content)

    def _checkpoint_until(self, step: int) -> Checkpoint:
        """Returns the last checkpoint up to a step of the current branch."""
        last_steps = {b.number: min(last, step) for b, last in path_to(self.branches, self.branch)}
        keys = [
            (at, branch)
            for branch, at in self._reader.checkpoint_keys()
            if at <= last_steps.get(branch, -1)
        ]
        if not keys:
            raise RunError(
                f"{self.name} has no checkpoint up to step {step:,}, so it needs the data that it "
                "was trained on"
            )
        at, branch = max(keys)
        return self._reader.checkpoint(branch, at)

    def load_data(self, directory: Path | None = None, anyway: bool = False) -> Dataset:
        """Returns the dataset of the run.

        directory: where it is now, if it has moved. If it is not where it was, as in a run from
        another machine, the included data is taken if it is the same. anyway: accept other data.
        Raises DataError if it cannot be read, and RunError if it is other data.
        """
        data = self.meta["data"]
        if directory is None and not os.path.exists(data["path"]):
            with suppress(DataError):  # it may have fewer images than those that are left out
                dataset = load(FASHION_MNIST).without(self.reading.left_out)
                if fingerprint(dataset) == data["fingerprint"]:
                    return dataset
        dataset = load(directory or data["path"], self.reading)
        actual = fingerprint(dataset)
        if actual != data["fingerprint"] and not anyway:
            raise RunError(
                f"{self.name} was trained on other data: {data['path']} had the fingerprint "
                f"{data['fingerprint'][:12]}, {directory or data['path']} has {actual[:12]}"
            )
        return dataset

    def differences(self) -> list[str]:
        """Returns a sentence if this machine may compute other last bits than the run's own."""
        before, now = self.meta.get("machine", {}), machine()
        changed = [
            f"{name} {before.get(name)}, now {now[name]}"
            for name in ("numpy", "blas", "processor")
            if before.get(name) != now[name]
        ]
        if not changed:
            return []
        return [
            f"From here on, the last bits may differ from the first part of {self.name}: "
            f"{'; '.join(changed)}."
        ]

    def timeline(
        self, dataset: Dataset, should_continue: ShouldContinue = always
    ) -> Timeline | None:
        """Returns a timeline at the current step, from which the run goes on as if it had not
        been interrupted; None if `should_continue` returned False.

        Raises RunError if the run was trained on other data: see `on_other_data`.
        """
        if not self.is_data(dataset):
            raise RunError(f"{self.name} cannot go on: it was trained on other data")
        return self._timeline_at(self.step, dataset, should_continue)

    def _timeline_at(
        self, step: int, dataset: Dataset, should_continue: ShouldContinue
    ) -> Timeline | None:
        trainer = Trainer(self.config, dataset, self._threads)
        self._check_split(trainer)
        if self.start_step:
            start = self._reader.checkpoint(0, self.start_step)
            self._check_fit(start, trainer, trainer.checkpoint())
            trainer.restore(start)
        return Timeline.resume(
            trainer,
            self.branches,
            self._checkpoints(trainer),
            self.branch,
            step,
            self._event_at(step),
            should_continue,
        )

    def _check_split(self, trainer: Trainer) -> None:
        """Raises RunError if the same data is now split in another way than when it started."""
        before, now = self.meta["training_images"], len(trainer.training_set)
        if before != now:
            raise RunError(
                f"{self.path} cannot go on: an earlier version of the program trained it on "
                f"{before:,} of the images, and this one would use {now:,}"
            )

    def _event_at(self, at: int) -> Step | None:
        """Returns the event of a step of the current branch, without an evaluation.

        None at the start, and for a step that was dropped because the run is so long.
        """
        for branch, last in path_to(self.branches, self.branch):
            columns = self._reader.steps(branch.number, min(last, at), at)
            for step in _events(columns, self.meta["training_images"]):
                return step
        return None

    def records(self) -> tuple[BranchHistory, ...]:
        """Returns what was recorded on each branch, for the screen."""
        records: list[BranchHistory] = []
        forks = {branch.fork for branch in self.branches}
        # By branch and step, where other branches start.
        sums = {(0, self.branches[0].fork): EpochAverages()}
        for branch in self.branches:
            record = (
                BranchHistory(branch.fork)
                if branch.parent is None
                else records[branch.parent].until(branch.fork)
            )
            columns = self._reader.steps(branch.number, branch.end)
            parent = branch.parent or 0
            own = sums.get((parent, branch.fork), EpochAverages()).copy()
            sums[branch.number, branch.fork] = own.copy()
            for step in _events(columns, self.meta["training_images"], own):
                record.add_step(step)
                if step.step in forks:
                    sums[branch.number, step.step] = own.copy()
            self._add_evaluations(record, branch, columns)
            self._add_layer_stats(record, branch)
            record.changes.extend(branch.changes)
            records.append(record)
        if self.meta.get("phase") == Phase.DIVERGED.value:
            records[self.branch].diverged_at = self.step
        return tuple(records)

    def _add_evaluations(self, record: BranchHistory, branch: Branch, steps: Columns) -> None:
        """Adds the evaluations of a branch. steps: those of the branch itself."""
        rows = self._reader.evaluations(branch.number, self.meta["evaluation_set"])
        images = self.meta["evaluation_images"]
        for step, loss, accuracy, predicted, probability in rows:
            place = int(np.searchsorted(steps["step"], step, side="right"))
            # An evaluation where the branch starts is in an epoch of the branch before.
            epoch = steps["epoch"][place - 1] if place else record.epoch_at(step)
            if step == self.start_step > 0:  # where no step of this run tells it
                epoch = self._reader.checkpoint(0, step).epochs
            record.add_result(step, int(epoch), loss, accuracy)
            if predicted is not None and len(predicted) == len(probability) == images:
                new = EvaluationPredictions(0, step, predicted, probability)
                record.predictions = record.predictions.with_predictions(new)

    def _add_layer_stats(self, record: BranchHistory, branch: Branch) -> None:
        for stats in self._reader.layer_stats(branch.number):
            if len(stats.layers) != len(self.config.hidden) + 1:
                raise RunError(f"{self.path} is damaged: it has statistics of other layers")
            record.past = record.past.with_stats(stats)

    @property
    def _threads(self) -> int:
        """How many threads shared a large product: another number may change the last bits."""
        threads = self.meta["machine"].get("threads")
        return threads if isinstance(threads, int) and 1 <= threads <= MAX_THREADS else 1

    def _position(self) -> tuple[int, int]:
        branch, step = self.meta.get("branch", 0), self.meta.get("step", 0)
        known = isinstance(branch, int) and 0 <= branch < len(self.branches)
        if not (
            known and isinstance(step, int) and self.start_step <= step <= self.branches[branch].end
        ):
            raise RunError(f"{self.path} is damaged: it stands at a step that it does not have")
        return branch, step

    def _checkpoints(self, trainer: Trainer) -> Iterator[tuple[int, Checkpoint]]:
        """Yields the checkpoints, each with its branch, that fit the network of `trainer`."""
        own = trainer.checkpoint()
        for branch, step in self._reader.checkpoint_keys():
            checkpoint = self._reader.checkpoint(branch, step)
            self._check_fit(checkpoint, trainer, own)
            if checkpoint.steps != step or branch >= len(self.branches):
                raise RunError(f"{self.path} is damaged: its checkpoints do not fit its branches")
            yield branch, checkpoint

    def _check_fit(self, checkpoint: Checkpoint, trainer: Trainer, own: Checkpoint) -> None:
        if not checkpoint.fits(own) or checkpoint.position >= len(trainer.order):
            raise RunError(f"{self.path} is damaged: its checkpoints do not fit its network")


def _events(
    columns: Columns, epoch_size: int, averages: EpochAverages | None = None
) -> Iterator[Step]:
    """Yields the events of steps. averages: of the epoch before the first one, to go on with."""
    for row in zip(*(columns[name].tolist() for name in STEP_COLUMNS), strict=True):
        step, epoch, position, images, loss, accuracy, rate, seconds = row
        if averages:
            averages.add(epoch, images, loss, accuracy)
        yield Step(
            *(step, epoch, position, epoch_size, images, loss, accuracy, rate, seconds),
            evaluation=None,
            epoch_loss=averages.loss if averages else nan,
            epoch_accuracy=averages.accuracy if averages else nan,
        )
