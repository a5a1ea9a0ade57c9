"""What the file of a kept run has: its settings, changes, branches, metrics and predictions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np

from core.branches import net_changes, path_to
from core.config.config import MAX_THREADS, Config
from core.data.dataset import Dataset
from core.data.reading import Reading
from core.errors import RunError
from core.events import Branch, Change, Evaluation
from core.history.prediction_history import EvaluationPredictions
from core.runs.names import shown_name
from core.runs.origin import Origin, origin_from
from core.runs.owner import Owner, owner_from
from core.runs.reader import STEP_COLUMNS, Columns, Reader
from core.runs.summary import PHASES, state_of


class RunContent:
    """The content of the file at `path`, as it was when this was made. It only reads.

    in_memory: whether to read a copy, because another program may write to the file. content: of a
    copy that has no file yet, in place of that of the file.
    reader: reads the file; meta: the values of its table `meta`, by key. branches: all branches, by
    number. branch, step: where the run stands.

    Raises RunError, here and in the methods, if the file cannot be read.
    """

    def __init__(
        self, path: str | Path, in_memory: bool = False, content: bytes | None = None
    ) -> None:
        self.path = Path(path)
        self.reader = Reader(self.path, in_memory, content=content)
        self.meta = self.reader.meta()
        self.branches: tuple[Branch, ...] = self.reader.branches()
        self.branch, self.step = self._position()

    def close(self) -> None:
        self.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def content(self) -> bytes:
        """Returns the whole run in the format of its file."""
        return self.reader.content()

    @property
    def name(self) -> str:
        """The name of the file, safe to print, by which the commands find it; it may have been
        copied."""
        return shown_name(self.path)

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
    def start_step(self) -> int:
        """The step at which the run begins: 0, unless it continues from another run."""
        return self.branches[0].fork

    @property
    def reading(self) -> Reading:
        """How the files of the dataset were read; the default for runs of earlier versions."""
        kept = self.meta["data"].get("reading")
        return Reading.from_dict(kept if isinstance(kept, dict) else {})

    @property
    def origin(self) -> Origin | None:
        """The run from which this one continues with other data, if it does."""
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
        parts = [self.reader.steps(b.number, last) for b, last in reversed(path)]
        return {name: np.concatenate([part[name] for part in parts]) for name in STEP_COLUMNS}

    def evaluations(self) -> Columns:
        """Returns step, loss and accuracy of the evaluations up to the current step."""
        rows = [
            row[:3]
            for b, last in reversed(list(path_to(self.branches, self.branch)))
            for row in self.reader.evaluations(b.number, self.meta["evaluation_set"])
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
                self.reader.evaluations(branch.number, test.name)
            ):
                if step <= min(last, self.step):
                    unknown = np.empty((0, len(dataset.class_names)), np.float32)
                    return Evaluation(
                        step, test.name, loss, accuracy, test.indices, test.labels, unknown
                    )
        return None

    def latest_predictions(self) -> EvaluationPredictions | None:
        """Returns the predictions of the latest evaluation, up to the current step, that has
        any."""
        for branch, last in path_to(self.branches, self.branch):
            rows = self.reader.evaluations(branch.number, self.meta["evaluation_set"])
            for step, _, _, predicted, probability in reversed(rows):
                usable = predicted is not None and len(predicted) == len(probability)
                if step <= min(last, self.step) and usable:
                    return EvaluationPredictions(0, step, predicted, probability)
        return None

    @property
    def threads(self) -> int:
        """How many threads shared a large product: another number may change the last bits of
        results."""
        threads = self.meta["machine"].get("threads")
        return threads if isinstance(threads, int) and 1 <= threads <= MAX_THREADS else 1

    def _position(self) -> tuple[int, int]:
        branch, step = self.meta.get("branch", 0), self.meta.get("step", 0)
        known = isinstance(branch, int) and 0 <= branch < len(self.branches)
        if not (
            known and isinstance(step, int) and self.start_step <= step <= self.branches[branch].end
        ):
            raise RunError(f"{self.path} is damaged: its current step does not exist")
        return branch, step
