"""Compares kept runs: their settings, and the predictions of two of them image by image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import RunError
from core.events import Change
from core.metrics import Counts
from core.runs.run import Run
from core.runs.summary import differing_settings
from core.training.trainer import Trainer
from core.types import Indices


@dataclass(frozen=True, slots=True)
class ComparedSetting:
    """A setting that is not the same in all compared runs, or that was changed by hand in one.

    values: in the first step of each run. changes: for each run, those on the way to where it
    stands.
    """

    name: str
    values: tuple[Any, ...]
    changes: tuple[tuple[Change, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class PredictionComparison:
    """The predictions of two runs for the same n images, each at its latest evaluation.

    subset: "validation" or "test"; the images are those of it that both runs evaluate. steps: of
    the two evaluations. indices: (n,) in the images of the subset; labels: (n,). predicted,
    true_probability: (2, n), a row for each run: the class, and the probability of the true one.
    images: how many images each run evaluates.
    """

    subset: str
    class_names: tuple[str, ...]
    steps: tuple[int, int]
    images: tuple[int, int]
    indices: Indices
    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]
    true_probability: NDArray[np.float16]

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each run is right about each image: (2, n)."""
        return self.predicted == self.labels

    @property
    def confusion(self) -> Counts:
        """Counts of images, (2, K, K): for each run, rows are true classes, columns predicted."""
        classes = len(self.class_names)
        cells = self.labels.astype(np.intp) * classes + self.predicted
        counts = [np.bincount(row, minlength=classes * classes) for row in cells]
        return np.array(counts).reshape(2, classes, classes)

    @property
    def difference(self) -> Counts:
        """The second confusion matrix minus the first, (K, K)."""
        first, second = self.confusion
        return second - first

    def only(self, run: int) -> Indices:
        """Returns the rows of the images that run 0 or 1 gets right and the other one wrong."""
        correct = self.correct
        return np.flatnonzero(correct[run] & ~correct[1 - run])


def compared_settings(runs: Sequence[Run]) -> list[ComparedSetting]:
    """Returns the settings that differ among the runs or were changed by hand."""
    changes, configs = [run.changes() for run in runs], [run.first_config for run in runs]
    names = {change.field for group in changes for change in group}
    names.update(differing_settings(configs))
    return [
        ComparedSetting(
            name,
            tuple(getattr(config, name) for config in configs),
            tuple(tuple(c for c in group if c.field == name) for group in changes),
        )
        for name in configs[0].as_dict()
        if name in names
    ]


def same_data(runs: Sequence[Run]) -> bool:
    """Returns whether all runs have the same images and labels, apart from images that they leave
    out."""
    files = (run.meta["data"] for run in runs)
    return len({data.get("files", data["fingerprint"]) for data in files}) == 1


def compare_predictions(first: Run, second: Run, dataset: Dataset) -> PredictionComparison:
    """Compares the latest predictions of two runs on the images that both evaluated.

    dataset: that of both runs. Raises RunError if their datasets differ, if a run was not
    evaluated yet, or if they evaluate no image in common.
    """
    if not same_data((first, second)):
        raise RunError(f"{first.name} and {second.name} were trained on different data")
    sets = [
        Trainer(run.config, dataset.without(run.reading.left_out)).evaluation_set
        for run in (first, second)
    ]
    if sets[0].name != sets[1].name:
        raise RunError(
            f"{first.name} is evaluated on the {sets[0].name} set, {second.name} on the "
            f"{sets[1].name} set"
        )
    common, *rows = np.intersect1d(
        sets[0].indices, sets[1].indices, assume_unique=True, return_indices=True
    )
    if not len(common):
        raise RunError(f"{first.name} and {second.name} have no {sets[0].name} images in common")
    found = [run.latest_predictions() for run in (first, second)]
    for run, predictions, subset in zip((first, second), found, sets, strict=True):
        if predictions is None:
            raise RunError(f"{run.name} has no predictions yet, because it was not evaluated")
        if len(predictions.predicted) != len(subset) or (
            predictions.predicted.max(initial=0) >= len(dataset.class_names)
        ):
            raise RunError(f"{run.path} is damaged: its predictions do not fit its data")
    one, other = found
    assert one is not None
    assert other is not None
    return PredictionComparison(
        subset=sets[0].name,
        class_names=dataset.class_names,
        steps=(one.step, other.step),
        images=(len(sets[0]), len(sets[1])),
        indices=common,
        labels=sets[0].labels[common],
        predicted=np.stack([one.predicted[rows[0]], other.predicted[rows[1]]]),
        true_probability=np.stack([one.true_probability[rows[0]], other.true_probability[rows[1]]]),
    )
