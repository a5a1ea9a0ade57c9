"""What every unit of a network makes of all training images: how active it is, and for which.

In inference: nothing is dropped, and batch normalisation uses its running averages.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Gather, Part
from core.inspection.layer_stats import MORTAL
from core.nn.batch_norm import BatchNorm
from core.nn.layers import Linear
from core.nn.network import Network
from core.types import Floats, Indices, frozen

_BATCH = 500
FAVOURITES = 12
"""Images that are kept for each unit: those that excite it most."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The n units of a layer, hidden or the last, whose outputs are the logits.

    does: the activation, or "logits". W: (n, inputs), b: (n, 1); norms: (n,) the lengths of
    the rows of W; slopes: (n, 1) what batch normalisation, if on, multiplies their sums by.
    activity: (n, K) the mean of their outputs over the images of each class, mean: (n,) over all;
    excited: (n,) the share of the images, 0..1, for which the output is above 0.
    favourites: (n, 12) indices into the file of training images, those that excite it most first,
    heights: (n, 12) what it gives for them; -1 and NaN where there are no more.
    votes: (n, K) the change of each logit for a change of 1 of the output, through the weights of
    the layers above as if their activations were straight lines.
    dead_since: (n,) the step of the survey since which no image has excited it, in any survey;
    -1 if it lives. Only units that could not come back, those of relu, are called dead.
    """

    does: str
    W: Floats
    b: Floats
    norms: Floats
    slopes: Floats
    activity: Floats
    mean: Floats
    excited: Floats
    favourites: Indices
    heights: Floats
    votes: Floats
    dead_since: NDArray[np.int64]

    @property
    def dead(self) -> Flags:
        """(n,) which of them no training image excites."""
        return self.dead_since >= 0


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """All layers of the network after `step` steps, on as many `images`; it took `seconds`."""

    step: int
    images: int
    seconds: float
    layers: tuple[Units, ...]

    def patterns(self, layer: int, units: Indices) -> Floats:
        """(m, pixels) how each pixel, 0..1, changes the sums of these m units of a layer, from 0:
        their weights; above the first layer, through the layers below as if these were lines."""
        found = self.layers[layer].W[units]
        with np.errstate(over="ignore", invalid="ignore"):  # of a network that diverged
            for below in self.layers[:layer][::-1]:
                found = (found * below.slopes.T) @ below.W
        return found

    def following(self, before: "Survey | None") -> "Survey":
        """The same; what is dead now and was then has been dead since then, or longer."""
        if before is None:
            return self
        layers = []
        for now, then in zip(self.layers, before.layers, strict=True):
            longer = now.dead & then.dead & (then.dead_since < now.dead_since)
            since = np.where(longer, then.dead_since, now.dead_since)
            layers.append(replace(now, dead_since=since))
        return replace(self, layers=tuple(layers))


def survey(
    network: Network, activation: str, part: Part, step: int, go_on: Callable[[float], bool]
) -> Survey | None:
    """One pass of the network of that step over the part; before each batch asks `go_on`, with the
    share that is done, and ends with None when told not to."""
    start = perf_counter()
    gather = Gather(part, min(_BATCH, len(part)))
    labels, classes = part.labels[part.indices], network.sizes[-1]
    counts = np.bincount(labels, minlength=classes)
    hidden = [activation] * (len(network.sizes) - 2)
    tallies = [
        _Tally(n, classes, does)
        for n, does in zip(network.sizes[1:], [*hidden, "logits"], strict=True)
    ]
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for begin in range(0, len(part), _BATCH):
            if not go_on(begin / len(part)):
                return None
            rows = slice(begin, begin + _BATCH)
            indices, members = part.indices[rows], _members(labels[rows], classes)
            for tally, A in zip(tallies, _outputs(network, gather(indices)), strict=True):
                tally.add(A, members, indices)
        slopes = _slopes(network)
        votes = _votes(network, slopes)
        parts = zip(tallies, network.linears, slopes, votes, strict=True)
        layers = tuple(
            tally.units(linear, slope, vote, counts, step) for tally, linear, slope, vote in parts
        )
    return Survey(step, len(part), perf_counter() - start, layers)


class _Tally:
    """What is known of the n units of a layer after so many images."""

    def __init__(self, units: int, classes: int, does: str) -> None:
        self._does = does
        self._sums = np.zeros((units, classes))
        self._excited = np.zeros(units, np.int64)
        self._favourites = np.full((units, FAVOURITES), -1, np.intp)
        # Where a unit can be silent, an image that leaves it so does not excite it most.
        self._least = 0.0 if does in MORTAL else -np.inf
        self._heights = np.full((units, FAVOURITES), self._least, np.float32)

    def add(self, A: Floats, members: Floats, indices: Indices) -> None:
        """A: (n, m) outputs for the images of these indices; members: (m, K), 1 at the class."""
        self._sums += A @ members
        self._excited += np.count_nonzero(A > 0, axis=1)
        better = self._heights[:, -1:] < A
        if np.count_nonzero(better) > self._heights.size:
            columns = np.argpartition(-A, min(FAVOURITES, A.shape[1]) - 1, axis=1)[:, :FAVOURITES]
            best = np.zeros_like(better)
            np.put_along_axis(best, columns, True, axis=1)
            better &= best
        units, columns = np.nonzero(better)
        if not len(units):
            return
        # The old ones of these units and the new ones, a row each, the highest first.
        rows, places = np.unique(units, return_inverse=True)
        owners = np.concatenate((np.repeat(np.arange(len(rows)), FAVOURITES), places))
        heights = np.concatenate((self._heights[rows].ravel(), A[units, columns]))
        images = np.concatenate((self._favourites[rows].ravel(), indices[columns]))
        order = np.lexsort((-heights, owners))
        begins = np.searchsorted(owners[order], np.arange(len(rows)))
        chosen = order[begins[:, None] + np.arange(FAVOURITES)]
        self._heights[rows], self._favourites[rows] = heights[chosen], images[chosen]

    def units(
        self, linear: Linear, slopes: Floats, votes: Floats, counts: NDArray[np.int64], step: int
    ) -> Units:
        """All of it, frozen; counts: (K,) the images of each class."""
        total = counts.sum()
        activity = np.full(self._sums.shape, np.nan)
        np.divide(self._sums, counts, out=activity, where=counts > 0)
        nobody = self._favourites < 0
        dead = (self._excited == 0) & np.isfinite(self._sums).all(axis=1) & (self._does in MORTAL)
        return Units(
            does=self._does,
            W=frozen(linear.W),
            b=frozen(linear.b),
            norms=frozen(lengths(linear.W)),
            slopes=frozen(slopes),
            activity=frozen(activity),
            mean=frozen(self._sums.sum(axis=1) / total),
            excited=frozen(self._excited / total),
            favourites=self._favourites,
            heights=frozen(np.where(nobody, np.float32(np.nan), self._heights)),
            votes=frozen(votes),
            dead_since=np.where(dead, step, -1),
        )


def lengths(W: Floats) -> Floats:
    """(n,) the length of each row of W: (n, inputs)."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares: Floats = np.einsum("ui,ui->u", W, W)
        return np.sqrt(squares)


def _outputs(network: Network, images: Floats) -> list[Floats]:
    """What comes out of each layer, (n, m), valid until the next forward."""
    seen: list[Floats] = []
    network.forward(images, see=seen.append)
    each = (len(seen) - 1) // max(len(network.sizes) - 2, 1)  # stages of a hidden layer
    return [*seen[each - 1 : -1 : each], seen[-1]] if each else seen


def _members(labels: NDArray[np.uint8], classes: int) -> Floats:
    """(m, K) 1 at the class of each image, else 0."""
    members = np.zeros((len(labels), classes), np.float32)
    members[np.arange(len(labels)), labels] = 1
    return members


def _slopes(network: Network) -> list[Floats]:
    """For each layer (n, 1): what its norm, if there is one, multiplies its sums by."""
    norms = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
    slopes: list[Floats] = [np.ones((n, 1), np.float32) for n in network.sizes[1:]]
    slopes[: len(norms)] = [norm.gamma / np.sqrt(norm.variance + norm.epsilon) for norm in norms]
    return slopes


def _votes(network: Network, slopes: list[Floats]) -> list[Floats]:
    """For each layer (n, K): the weights of the layers above, multiplied."""
    votes: list[Floats] = [np.eye(network.sizes[-1], dtype=network.parameters.dtype)]
    for linear, slope in zip(network.linears[:0:-1], slopes[:0:-1], strict=True):
        votes.append(linear.W.T @ (slope * votes[-1]))
    return votes[::-1]
