"""The list that an enlarged image belongs to: the images that the arrow keys go through."""

from typing import Protocol

import numpy as np

from core.history.image_selection import ImageSelection
from core.history.snapshot import Snapshot
from core.types import Indices


class Browsed(Protocol):
    """Some images of a subset, in order."""

    def indices(self, snapshot: Snapshot, subset: str) -> Indices:
        """Their indices into the images of the subset."""

    def describe(self, snapshot: Snapshot) -> str:
        """What they are, for example "mistakes, true Shirt"."""


class Evaluated:
    """Those that a selection takes from the latest evaluation."""

    def __init__(self, selection: ImageSelection) -> None:
        self._selection = selection

    def indices(self, snapshot: Snapshot, subset: str) -> Indices:
        evaluation = snapshot.evaluation
        if evaluation is None or evaluation.subset != subset:
            return np.empty(0, np.intp)
        return evaluation.indices[self._selection.rows(evaluation)]

    def describe(self, snapshot: Snapshot) -> str:
        run = snapshot.run
        return self._selection.describe(run.dataset.class_names) if run else ""


class Listed:
    """A list that stays as it is. name: what they are."""

    def __init__(self, indices: Indices, name: str) -> None:
        self._indices, self._name = indices, name

    def indices(self, snapshot: Snapshot, subset: str) -> Indices:
        return self._indices

    def describe(self, snapshot: Snapshot) -> str:
        return self._name
