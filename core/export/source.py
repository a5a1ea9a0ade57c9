"""A kept run to export, with what is computed from its network only when it is needed."""

from functools import cached_property
from pathlib import Path

from core.data.dataset import Dataset
from core.events import Evaluation
from core.export.model import Model
from core.runs.run import Run
from core.training.trainer import Trainer


class Source:
    """A run at its current step.

    data: where its dataset is now, if it has moved; anyway: accept another dataset.
    """

    def __init__(self, run: Run, data: Path | None = None, anyway: bool = False) -> None:
        self.run = run
        self._data, self._anyway = data, anyway

    @cached_property
    def dataset(self) -> Dataset:
        return self.run.load_data(self._data, self._anyway)

    @cached_property
    def trainer(self) -> Trainer:
        """The trainer at the current step of the run."""
        trainer = self.run.trainer_at(self.run.step, self.dataset)
        assert trainer is not None
        return trainer

    @cached_property
    def model(self) -> Model:
        return Model.of(self.run.name, self.trainer)

    @property
    def evaluation(self) -> Evaluation:
        """The evaluation of the validation set; if there is none, that of the test set."""
        return self.evaluations[0]

    @cached_property
    def evaluations(self) -> list[Evaluation]:
        """The evaluation of the validation set, if there is one, and then that of the test set.

        The test set must not be looked at before the end: it is left out unless it was scored
        during the run, or used in place of a validation set.
        """
        found = [self.trainer.evaluate(self.trainer.evaluation_set)]
        if "test_accuracy" in self.run.meta and found[0].subset != "test":
            found.append(self.trainer.evaluate(self.dataset.test))
        return found
