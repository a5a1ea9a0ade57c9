"""The accuracy of a network on corrupted images."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.types import Bytes
from core.what_if.corruptions import CORRUPTIONS, SEVERITIES, Corruption
from core.what_if.subject import Subject, accuracy

_IMAGES = 2_000
_SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Robustness:
    """The accuracy for each kind of corruption and its severities.

    accuracy: (corruptions, 6), 0..1, at the severities 0 to 5; NaN where it is not known yet. The
    rows are those of core.what_if.corruptions.CORRUPTIONS; severity 0 is the images as they are.
    images: how many were looked at.
    """

    step: int
    images: int
    accuracy: NDArray[np.float64]

    @property
    def done(self) -> float:
        return float(np.isfinite(self.accuracy).mean())

    @property
    def mean(self) -> NDArray[np.float64]:
        """(corruptions,) the mean accuracy over the severities 1 to 5; NaN until all are known."""
        mean: NDArray[np.float64] = self.accuracy[:, 1:].mean(axis=1)
        return mean

    @property
    def summary(self) -> str:
        """Which corruption lowers the accuracy most and least."""
        if not np.isfinite(self.mean).all():
            return ""
        lost = 100 * (self.accuracy[0, 0] - self.mean)
        most, least = int(lost.argmax()), int(lost.argmin())
        return (
            f"{CORRUPTIONS[most].name.capitalize()} lowers accuracy most ({lost[most]:.0f} points, "
            f"mean over severities); {CORRUPTIONS[least].name} least ({lost[least]:.0f})."
        )


def robustness(subject: Subject) -> Iterator[Robustness | None]:
    """Answers how accurate the network is on corrupted images, at most 2,000 of them.

    The random numbers are the same for all severities. Source: see
    core.what_if.corruptions.
    """
    subset = subject.subset
    subset = replace(subset, indices=evenly(subset.indices, _IMAGES))
    subject = replace(subject, subset=subset)
    found = np.full((len(CORRUPTIONS), 1 + SEVERITIES), np.nan)
    found[:, 0] = yield from accuracy(subject)
    yield Robustness(subject.step, len(subset), found.copy())
    for row, corruption in enumerate(CORRUPTIONS):
        for severity, level in enumerate(corruption.levels, start=1):
            change = partial(_corrupt, corruption, level)
            found[row, severity] = yield from accuracy(subject, change)
            yield Robustness(subject.step, len(subset), found.copy())


def evenly(indices: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """At most `count` of the indices, evenly spread."""
    if len(indices) <= count:
        return indices
    return indices[np.linspace(0, len(indices) - 1, count).astype(np.intp)]


def _corrupt(corruption: Corruption, level: float, images: Bytes, start: int) -> None:
    """Corrupts a batch in place; start: the row of its first image, for the random numbers."""
    rng = np.random.default_rng((_SEED, start))
    images[:] = corruption.function(images, level, rng)
