"""What crosses from the training thread to a screen or a log: frozen, copied, read-only."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Indices


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How the network did on one part of the images, as it was after `step` steps.

    part: "validation", "test" or "training"; loss: mean cross-entropy in nats; accuracy: 0..1.
    indices, labels, probabilities: (n,), (n,) and (n, K), one row an image of the part.
    """

    step: int
    part: str
    loss: float
    accuracy: float
    indices: Indices
    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Step:
    """One batch: what the network did on it, before it learnt from it.

    step counts batches and epoch counts epochs, both from 1; position and of: images of the
    epoch used so far, and all of them; seconds: time in training steps since the start.
    evaluation: of the watched part, on the last step of an epoch.
    """

    step: int
    epoch: int
    position: int
    of: int
    images: int
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    evaluation: Evaluation | None


@dataclass(frozen=True, slots=True)
class Change:
    """A hyperparameter changed by hand; in force from the batch after `step`."""

    step: int
    field: str
    old: Any
    new: Any
