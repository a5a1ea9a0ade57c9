"""The subject of a question: a copy of a network, and images with known classes.

An answer is computed in slices of some milliseconds, so that a thread can do other work between
two of them. The copy stays as it is while the network itself trains on.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from math import inf
from time import perf_counter
from typing import Protocol, TypeVar

import numpy as np

from core.data.batches import BatchLoader
from core.data.dataset import Subset
from core.nn.blas_threads import one_blas_thread
from core.nn.layers import Linear
from core.nn.network import Network
from core.types import Bytes, Floats, Indices

BATCH = 500
"""Images in a slice."""

FEWEST = 100
"""Images, below which no answer is put in words: one of them is more than a point of accuracy."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A copy of a network, and the images it is asked about.

    network: a question may change it if it puts everything back. step: how many steps it was
    trained for.
    """

    network: Network
    subset: Subset
    step: int

    @property
    def labels(self) -> Bytes:
        """(n,) the class of each image."""
        return self.subset.labels[self.subset.indices]

    @property
    def classes(self) -> int:
        return self.network.sizes[-1]

    def forward(self, images: Floats) -> list[Floats]:
        """The outputs of each layer, the logits last: (units, m), valid until the next call."""
        outputs, A, layers = [], images, self.network.layers
        for layer, following in zip(layers, [*layers[1:], None], strict=True):
            A = layer.forward(A)
            if following is None or isinstance(following, Linear):
                outputs.append(A)
        return outputs


def too_few(images: int) -> str:
    """Returns a sentence that says why an answer about so few images tells nothing; "" if it may
    tell something."""
    if images >= FEWEST:
        return ""
    return (
        f"Too few images ({images}) to measure: each is {100 / max(images, 1):.1f} points of "
        f"accuracy; {FEWEST} are needed."
    )


class Answer(Protocol):
    """A result, or a part of it. done: the share of the work that it has, 0..1."""

    @property
    def step(self) -> int: ...

    @property
    def done(self) -> float: ...


A_co = TypeVar("A_co", bound=Answer, covariant=True)
Answering = Iterator[A_co | None]
"""The slices of an answer: None, or all of the answer that is known so far."""
Question = Callable[[Subject], Answering[A_co]]


@one_blas_thread()
@np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore")  # after a divergence
def advance(work: Answering[A_co], seconds: float = inf) -> tuple[A_co | None, bool]:
    """Works for about so many seconds, at least for a slice.

    Returns the latest answer of this time, if there is one, and whether there is more to do.
    """
    start, answer = perf_counter(), None
    for found in work:
        answer = found or answer
        if perf_counter() - start >= seconds:
            return answer, True
    return answer, False


def batches(
    subset: Subset, change: Callable[[Bytes, int], None] | None = None
) -> Iterator[tuple[slice, Floats]]:
    """Yields the rows of each batch, and its images as (pixels, m), valid until the next one.

    change: may change the bytes (m, height, width) in place; its second argument is the first row.
    """
    load = BatchLoader(subset, min(BATCH, len(subset)))
    for start in range(0, len(subset), BATCH):
        rows = slice(start, min(start + BATCH, len(subset)))
        changed = None if change is None else lambda images, at=start: change(images, at)
        yield rows, load(subset.indices[rows], changed)


def predictions(
    subject: Subject, change: Callable[[Bytes, int], None] | None = None
) -> Generator[None, None, Indices]:
    """Returns the predicted class of each image, (n,); -1 if its logits are not numbers."""
    predicted = np.empty(len(subject.subset), np.intp)
    for rows, images in batches(subject.subset, change):
        predicted[rows] = classes(subject.network.forward(images))
        yield None
    return predicted


def classes(logits: Floats) -> Indices:
    """The class with the largest of the logits (K, m) of each image; -1 if they are no numbers."""
    found: Indices = logits.argmax(axis=0)
    found[np.isnan(logits).any(axis=0)] = -1
    return found


def accuracy(
    subject: Subject, change: Callable[[Bytes, int], None] | None = None
) -> Generator[None, None, float]:
    """Returns the share of the images that are classified correctly, 0..1."""
    predicted = yield from predictions(subject, change)
    return float(np.mean(predicted == subject.labels))


def right(predicted: Indices, labels: Bytes, classes: int) -> Indices:
    """How many images of each class are classified correctly: (K,)."""
    return np.bincount(labels[predicted == labels], minlength=classes)
