"""What every unit of a network makes of all training images: how active it is, and for which.

In inference: nothing is dropped, and batch normalisation uses its running averages.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.data.batches import BatchLoader
from core.data.dataset import Subset
from core.inspection.layer_stats import CAN_DIE
from core.nn.batch_norm import BatchNorm
from core.nn.layers import Linear
from core.nn.network import Network
from core.types import Floats, Indices, frozen

_BATCH = 500
TOP_IMAGES = 12
"""Images that are kept for each unit: those that excite it most."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LayerUnits:
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
    norm_scales: Floats
    activity: Floats
    mean: Floats
    active_share: Floats
    top_images: Indices
    top_activations: Floats
    logit_effects: Floats
    dead_since: NDArray[np.int64]

    @property
    def dead(self) -> Flags:
        """(n,) which of them no training image excites."""
        return self.dead_since >= 0


@dataclass(frozen=True, slots=True, eq=False)
class UnitSurvey:
    """All layers of the network after `step` steps, on as many `images`; it took `seconds`."""

    step: int
    images: int
    seconds: float
    layers: tuple[LayerUnits, ...]

    def patterns(self, layer: int, units: Indices) -> Floats:
        """(m, pixels) how each pixel, 0..1, changes the sums of these m units of a layer, from 0:
        their weights; above the first layer, through the layers below as if these were lines."""
        found = self.layers[layer].W[units]
        with np.errstate(over="ignore", invalid="ignore"):  # of a network that diverged
            for below in self.layers[:layer][::-1]:
                found = (found * below.norm_scales.T) @ below.W
        return found

    def following(self, before: "UnitSurvey | None") -> "UnitSurvey":
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
    network: Network,
    activation: str,
    subset: Subset,
    step: int,
    should_continue: Callable[[float], bool],
) -> UnitSurvey | None:
    """One pass of the network of that step over the part; before each batch asks `go_on`, with the
    share that is done, and ends with None when told not to."""
    start = perf_counter()
    load_batch = BatchLoader(subset, min(_BATCH, len(subset)))
    labels, classes = subset.labels[subset.indices], network.sizes[-1]
    counts = np.bincount(labels, minlength=classes)
    hidden = [activation] * (len(network.sizes) - 2)
    tallies = [
        _Tally(n, classes, does)
        for n, does in zip(network.sizes[1:], [*hidden, "logits"], strict=True)
    ]
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for begin in range(0, len(subset), _BATCH):
            if not should_continue(begin / len(subset)):
                return None
            rows = slice(begin, begin + _BATCH)
            indices, members = subset.indices[rows], _members(labels[rows], classes)
            for tally, A in zip(tallies, _outputs(network, load_batch(indices)), strict=True):
                tally.add(A, members, indices)
        slopes = _slopes(network)
        logit_effects = _logit_effects(network, slopes)
        parts = zip(tallies, network.linears, slopes, logit_effects, strict=True)
        layers = tuple(
            tally.units(linear, slope, effect, counts, step)
            for tally, linear, slope, effect in parts
        )
    return UnitSurvey(step, len(subset), perf_counter() - start, layers)


class _Tally:
    """What is known of the n units of a layer after so many images."""

    def __init__(self, units: int, classes: int, does: str) -> None:
        self._does = does
        self._sums = np.zeros((units, classes))
        self._active_counts = np.zeros(units, np.int64)
        self._top_images = np.full((units, TOP_IMAGES), -1, np.intp)
        # Where a unit can be silent, an image that leaves it so does not excite it most.
        self._least = 0.0 if does in CAN_DIE else -np.inf
        self._top_activations = np.full((units, TOP_IMAGES), self._least, np.float32)

    def add(self, A: Floats, members: Floats, indices: Indices) -> None:
        """A: (n, m) outputs for the images of these indices; members: (m, K), 1 at the class."""
        self._sums += A @ members
        self._active_counts += np.count_nonzero(A > 0, axis=1)
        better = self._top_activations[:, -1:] < A
        if np.count_nonzero(better) > self._top_activations.size:
            columns = np.argpartition(-A, min(TOP_IMAGES, A.shape[1]) - 1, axis=1)[:, :TOP_IMAGES]
            best = np.zeros_like(better)
            np.put_along_axis(best, columns, True, axis=1)
            better &= best
        units, columns = np.nonzero(better)
        if not len(units):
            return
        # The old ones of these units and the new ones, a row each, the highest first.
        rows, places = np.unique(units, return_inverse=True)
        owners = np.concatenate((np.repeat(np.arange(len(rows)), TOP_IMAGES), places))
        top_activations = np.concatenate((self._top_activations[rows].ravel(), A[units, columns]))
        images = np.concatenate((self._top_images[rows].ravel(), indices[columns]))
        order = np.lexsort((-top_activations, owners))
        begins = np.searchsorted(owners[order], np.arange(len(rows)))
        chosen = order[begins[:, None] + np.arange(TOP_IMAGES)]
        self._top_activations[rows], self._top_images[rows] = (
            top_activations[chosen],
            images[chosen],
        )

    def units(
        self,
        linear: Linear,
        slopes: Floats,
        logit_effects: Floats,
        counts: NDArray[np.int64],
        step: int,
    ) -> LayerUnits:
        """All of it, frozen; counts: (K,) the images of each class."""
        total = counts.sum()
        activity = np.full(self._sums.shape, np.nan)
        np.divide(self._sums, counts, out=activity, where=counts > 0)
        nobody = self._top_images < 0
        dead = (
            (self._active_counts == 0)
            & np.isfinite(self._sums).all(axis=1)
            & (self._does in CAN_DIE)
        )
        return LayerUnits(
            does=self._does,
            W=frozen(linear.W),
            b=frozen(linear.b),
            norms=frozen(lengths(linear.W)),
            norm_scales=frozen(slopes),
            activity=frozen(activity),
            mean=frozen(self._sums.sum(axis=1) / total),
            active_share=frozen(self._active_counts / total),
            top_images=self._top_images,
            top_activations=frozen(np.where(nobody, np.float32(np.nan), self._top_activations)),
            logit_effects=frozen(logit_effects),
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


def _logit_effects(network: Network, slopes: list[Floats]) -> list[Floats]:
    """For each layer (n, K): the weights of the layers above, multiplied."""
    logit_effects: list[Floats] = [np.eye(network.sizes[-1], dtype=network.parameters.dtype)]
    for linear, slope in zip(network.linears[:0:-1], slopes[:0:-1], strict=True):
        logit_effects.append(linear.W.T @ (slope * logit_effects[-1]))
    return logit_effects[::-1]
