"""Which images of an evaluation to look at, and in which order."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

import numpy as np

from core.events import Evaluation
from core.metrics import losses
from core.types import Indices

_E = TypeVar("_E", bound=Enum)


class ImageKind(Enum):
    """Images by what became of them, in the words that a person reads."""

    MISTAKES = "mistakes"
    CORRECT = "recognised images"
    ALL = "images"


class ImageOrder(Enum):
    """By the probability of what was said, by the loss, by the index, or shuffled."""

    SUREST = "surest first"
    LOSS = "greatest loss first"
    INDEX = "by index"
    RANDOM = "shuffled"


@dataclass(frozen=True, slots=True)
class ImageSelection:
    """Images of one kind; with `label`, only those truly of that class.

    With `said`, those of the class `label` of which the network said `said`, whatever the kind.
    """

    kind: ImageKind = ImageKind.MISTAKES
    order: ImageOrder = ImageOrder.SUREST
    label: int | None = None
    predicted: int | None = None

    def rows(self, evaluation: Evaluation) -> Indices:
        """Rows of `evaluation` that are chosen, in order; equals stay in the order of rows."""
        probabilities, labels = evaluation.probabilities, evaluation.labels
        predicted = probabilities.argmax(axis=1)
        chosen = np.ones(len(labels), bool)
        if self.label is not None:
            chosen &= labels == self.label
        if self.predicted is not None:
            chosen &= predicted == self.predicted
        elif self.kind is not ImageKind.ALL:
            chosen &= (predicted == labels) == (self.kind is ImageKind.CORRECT)
        rows = np.flatnonzero(chosen)
        if self.order is ImageOrder.SUREST:
            key = -probabilities[rows, predicted[rows]]
        elif self.order is ImageOrder.LOSS:
            key = -losses(evaluation)[rows]
        elif self.order is ImageOrder.RANDOM:
            # The same place for an image in every evaluation.
            key = np.random.default_rng(0).permutation(len(labels))[rows]
        else:
            key = evaluation.indices[rows]
        return rows[np.argsort(key, kind="stable")]

    def next_kind(self) -> "ImageSelection":
        """Mistakes, recognised ones, all, and again; of any class that was said."""
        return replace(self, kind=_after(self.kind), predicted=None)

    def next_order(self) -> "ImageSelection":
        """The same images in the next order."""
        return replace(self, order=_after(self.order))

    def next_label(self, by: int, classes: int) -> "ImageSelection":
        """All classes, then one after the other (`by` 1; -1 goes back), and all again."""
        place = 0 if self.label is None else self.label + 1
        place = (place + by) % (classes + 1)
        return replace(self, label=place - 1 if place else None, predicted=None)

    def describe(self, names: tuple[str, ...]) -> str:
        """What is chosen, as in "mistakes, true Shirt"."""
        if self.label is None:
            return self.kind.value
        if self.predicted is not None:
            return f"true {names[self.label]}, said {names[self.predicted]}"
        return f"{self.kind.value}, true {names[self.label]}"

    def nothing(self, evaluation: Evaluation, names: tuple[str, ...]) -> str:
        """Why nothing is chosen, as a sentence."""
        name = "image" if self.label is None else names[self.label]
        if self.label is not None and self.label not in evaluation.labels:
            return f"There are no images of {name}."
        if self.predicted is not None:
            return f"No {name} was said to be {names[self.predicted]}."
        if self.kind is ImageKind.MISTAKES:
            return f"Every {name} was recognised."
        return f"Not one {name} was recognised."


def _after(member: _E) -> _E:
    members = list(type(member))
    return members[(members.index(member) + 1) % len(members)]
