"""Which images of an evaluation to show, and in which order."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

import numpy as np

from core.events import Evaluation
from core.metrics import losses
from core.types import Indices

_E = TypeVar("_E", bound=Enum)


class ImageKind(Enum):
    """Which images to show, as the user reads it."""

    MISTAKES = "mistakes"
    CORRECT = "correct images"
    ALL = "all images"


class ImageOrder(Enum):
    """By the probability of the predicted class, by the loss, by the index, or shuffled."""

    CONFIDENCE = "most confident first"
    LOSS = "highest loss first"
    INDEX = "by index"
    RANDOM = "shuffled"


@dataclass(frozen=True, slots=True)
class ImageSelection:
    """The images of one kind; with `label`, only those whose true class it is.

    With `predicted` too: one cell of the confusion matrix, whatever the kind.
    """

    kind: ImageKind = ImageKind.MISTAKES
    order: ImageOrder = ImageOrder.CONFIDENCE
    label: int | None = None
    predicted: int | None = None

    def rows(self, evaluation: Evaluation) -> Indices:
        """The selected rows of `evaluation`, in order; ties keep the order of rows."""
        probabilities, labels = evaluation.probabilities, evaluation.labels
        predicted = probabilities.argmax(axis=1)
        selected = np.ones(len(labels), bool)
        if self.label is not None:
            selected &= labels == self.label
        if self.predicted is not None:
            selected &= predicted == self.predicted
        elif self.kind is not ImageKind.ALL:
            selected &= (predicted == labels) == (self.kind is ImageKind.CORRECT)
        rows = np.flatnonzero(selected)
        if self.order is ImageOrder.CONFIDENCE:
            key = -probabilities[rows, predicted[rows]]
        elif self.order is ImageOrder.LOSS:
            key = -losses(evaluation)[rows]
        elif self.order is ImageOrder.RANDOM:
            # An image keeps its place from one evaluation to the next.
            key = np.random.default_rng(0).permutation(len(labels))[rows]
        else:
            key = evaluation.indices[rows]
        return rows[np.argsort(key, kind="stable")]

    def next_kind(self) -> "ImageSelection":
        """Cycle through mistakes, correct images and all, whatever the predicted class."""
        return replace(self, kind=_after(self.kind), predicted=None)

    def next_order(self) -> "ImageSelection":
        """Cycle through the orders."""
        return replace(self, order=_after(self.order))

    def next_label(self, by: int, classes: int) -> "ImageSelection":
        """Cycle through all classes together and each one alone; `by` is 1 or -1."""
        place = 0 if self.label is None else self.label + 1
        place = (place + by) % (classes + 1)
        return replace(self, label=place - 1 if place else None, predicted=None)

    def describe(self, names: tuple[str, ...]) -> str:
        """The selection in words, for example "mistakes, true Shirt"."""
        if self.label is None:
            return self.kind.value
        if self.predicted is not None:
            return f"true {names[self.label]}, predicted {names[self.predicted]}"
        return f"{self.kind.value}, true {names[self.label]}"

    def why_empty(self, evaluation: Evaluation, names: tuple[str, ...]) -> str:
        """A sentence that says why there are no such images."""
        name = "image" if self.label is None else names[self.label]
        if self.label is not None and self.label not in evaluation.labels:
            return f"There are no images of class {name}."
        if self.predicted is not None:
            return f"No {name} is predicted as {names[self.predicted]}."
        if self.kind is ImageKind.MISTAKES:
            return f"Every {name} is classified correctly."
        return f"No {name} is classified correctly."


def _after(member: _E) -> _E:
    members = list(type(member))
    return members[(members.index(member) + 1) % len(members)]
