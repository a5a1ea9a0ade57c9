"""Measures every unit of a network in one pass over the training images.

In inference mode: no dropout, and batch normalization uses its running averages.
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.data.batches import BatchLoader
from core.data.dataset import Subset
from core.inspection.input_gradient import layer_outputs
from core.inspection.layer_stats import CAN_DIE
from core.inspection.unit_survey import TOP_IMAGES, LayerUnits, UnitSurvey, lengths
from core.nn.batch_norm import BatchNorm
from core.nn.blas_threads import one_blas_thread
from core.nn.layers import Linear
from core.nn.network import Network
from core.types import Floats, Indices, frozen

_BATCH = 500


@one_blas_thread()
def survey(
    network: Network,
    activation: str,
    subset: Subset,
    step: int,
    should_continue: Callable[[float], bool],
) -> UnitSurvey | None:
    """Run the network once over `subset` and measure every unit.

    Calls `should_continue` with the share that is done, 0..1, before each batch; returns None if
    it answers False. `step` is the number of steps that the network was trained for.
    """
    start = perf_counter()
    load_batch = BatchLoader(subset, min(_BATCH, len(subset)))
    labels, classes = subset.labels[subset.indices], network.sizes[-1]
    counts = np.bincount(labels, minlength=classes)
    hidden = [activation] * (len(network.sizes) - 2)
    tallies = [
        _Tally(n, classes, kind)
        for n, kind in zip(network.sizes[1:], [*hidden, "logits"], strict=True)
    ]
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for begin in range(0, len(subset), _BATCH):
            if not should_continue(begin / len(subset)):
                return None
            rows = slice(begin, begin + _BATCH)
            indices, one_hot = subset.indices[rows], _one_hot(labels[rows], classes)
            for tally, A in zip(tallies, layer_outputs(network, load_batch(indices)), strict=True):
                tally.add(A, one_hot, indices)
        scales = _norm_scales(network)
        effects = _logit_effects(network, scales)
        layers = tuple(
            tally.units(linear, scale, effect, counts, step)
            for tally, linear, scale, effect in zip(
                tallies, network.linears, scales, effects, strict=True
            )
        )
    return UnitSurvey(step, len(subset), perf_counter() - start, layers)


class _Tally:
    """Running totals and top images of the n units of a layer."""

    def __init__(self, units: int, classes: int, activation: str) -> None:
        self._activation = activation
        self._sums = np.zeros((units, classes))
        self._active_counts = np.zeros(units, np.int64)
        self._top_images = np.full((units, TOP_IMAGES), -1, np.intp)
        # If a unit can be silent (output 0), only images with an output above 0 count as top.
        floor = 0.0 if activation in CAN_DIE else -np.inf
        self._top_activations = np.full((units, TOP_IMAGES), floor, np.float32)

    def add(self, A: Floats, one_hot: Floats, indices: Indices) -> None:
        """Add a batch of m images. A: (n, m) outputs; one_hot: (m, K) classes; indices: (m,)."""
        self._sums += A @ one_hot
        self._active_counts += np.count_nonzero(A > 0, axis=1)
        self._update_top(A, indices)

    def _update_top(self, A: Floats, indices: Indices) -> None:
        candidates = self._top_activations[:, -1:] < A
        if np.count_nonzero(candidates) > self._top_activations.size:
            columns = np.argpartition(-A, min(TOP_IMAGES, A.shape[1]) - 1, axis=1)[:, :TOP_IMAGES]
            best = np.zeros_like(candidates)
            np.put_along_axis(best, columns, True, axis=1)
            candidates &= best
        units, columns = np.nonzero(candidates)
        if not len(units):
            return
        # Merge the current top images of these units with the candidates and sort, per unit.
        rows, places = np.unique(units, return_inverse=True)
        owners = np.concatenate((np.repeat(np.arange(len(rows)), TOP_IMAGES), places))
        activations = np.concatenate((self._top_activations[rows].ravel(), A[units, columns]))
        images = np.concatenate((self._top_images[rows].ravel(), indices[columns]))
        order = np.lexsort((-activations, owners))
        starts = np.searchsorted(owners[order], np.arange(len(rows)))
        top = order[starts[:, None] + np.arange(TOP_IMAGES)]
        self._top_activations[rows], self._top_images[rows] = activations[top], images[top]

    def units(
        self,
        linear: Linear,
        norm_scales: Floats,
        logit_effects: Floats,
        counts: NDArray[np.int64],
        step: int,
    ) -> LayerUnits:
        """The result, in frozen arrays; counts: (K,) how many images each class has."""
        total = counts.sum()
        activity = np.full(self._sums.shape, np.nan)
        np.divide(self._sums, counts, out=activity, where=counts > 0)
        missing = self._top_images < 0
        dead = (
            (self._active_counts == 0)
            & np.isfinite(self._sums).all(axis=1)
            & (self._activation in CAN_DIE)
        )
        return LayerUnits(
            activation=self._activation,
            W=frozen(linear.W),
            b=frozen(linear.b),
            norms=frozen(lengths(linear.W)),
            norm_scales=frozen(norm_scales),
            activity=frozen(activity),
            mean=frozen(self._sums.sum(axis=1) / total),
            active_share=frozen(self._active_counts / total),
            top_images=frozen(self._top_images),
            top_activations=frozen(np.where(missing, np.float32(np.nan), self._top_activations)),
            logit_effects=frozen(logit_effects),
            dead_since=frozen(np.where(dead, step, -1)),
        )


def _one_hot(labels: NDArray[np.uint8], classes: int) -> Floats:
    """(m, K): 1 at the class of each image, else 0."""
    one_hot = np.zeros((len(labels), classes), np.float32)
    one_hot[np.arange(len(labels)), labels] = 1
    return one_hot


def _norm_scales(network: Network) -> list[Floats]:
    """For each layer (n, 1): the factor of its batch normalization; 1 without it."""
    norms = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
    scales: list[Floats] = [np.ones((n, 1), np.float32) for n in network.sizes[1:]]
    scales[: len(norms)] = [norm.gamma / np.sqrt(norm.variance + norm.epsilon) for norm in norms]
    return scales


def _logit_effects(network: Network, scales: list[Floats]) -> list[Floats]:
    """For each layer (n, K): the product of the weights of the layers above."""
    effects: list[Floats] = [np.eye(network.sizes[-1], dtype=network.parameters.dtype)]
    for linear, scale in zip(network.linears[:0:-1], scales[:0:-1], strict=True):
        effects.append(linear.W.T @ (scale * effects[-1]))
    return effects[::-1]
