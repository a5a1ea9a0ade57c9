"""The activity of every unit of a network over all training images."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from core.types import Floats, Indices, frozen

TOP_IMAGES = 12
"""How many images are kept for each unit: those that activate it most."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LayerUnits:
    """The n units of one layer, with K classes.

    activation: the layer's activation, or "logits" for the last layer.
    W: (n, inputs) weights. b: (n, 1) biases. norms: (n,) the L2 norm of each row of W.
    norm_scales: (n, 1) the factor by which batch normalization scales W x + b; 1 without it.
    activity: (n, K) mean output over the images of each class. mean: (n,) over all images.
    active_share: (n,) share of the images, 0..1, for which the output is above 0.
    top_images: (n, 12) indices into the file of training images, the most activating first;
    -1 where there are fewer. top_activations: (n, 12) the outputs for them; NaN for -1.
    logit_effects: (n, K) the change of each logit per unit of output, through the weights of the
    layers above, with their activations taken as the identity.
    dead_since: (n,) the step of the first of the surveys in a row that found the output 0 for
    every image; -1 if the unit is not dead. Only an activation in CAN_DIE has dead units: its
    gradient is 0 too, so the unit stays dead.
    """

    activation: str
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
        """(n,) whether each unit is dead."""
        return self.dead_since >= 0


@dataclass(frozen=True, slots=True, eq=False)
class UnitSurvey:
    """The units of all layers after `step` steps.

    images: how many training images were measured. seconds: how long that took.
    """

    step: int
    images: int
    seconds: float
    layers: tuple[LayerUnits, ...]

    @property
    def nbytes(self) -> int:
        """The memory of its arrays, in bytes."""
        arrays = (getattr(layer, f.name) for layer in self.layers for f in fields(layer))
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    def patterns(self, layer: int, units: Indices) -> Floats:
        """How strongly each pixel drives these units, before their activation: (m, pixels).

        In the first layer (`layer` 0) these are the weights. In a higher layer they are multiplied
        with the weights of the layers below, with their activations taken as the identity.
        """
        patterns = self.layers[layer].W[units]
        with np.errstate(over="ignore", invalid="ignore"):  # after a divergence
            for below in self.layers[:layer][::-1]:
                patterns = (patterns * below.norm_scales.T) @ below.W
        return patterns

    def following(self, before: "UnitSurvey | None") -> "UnitSurvey":
        """This survey, with `dead_since` carried over from the one before it."""
        if before is None:
            return self
        layers = []
        for now, then in zip(self.layers, before.layers, strict=True):
            carried = now.dead & then.dead & (then.dead_since < now.dead_since)
            since = frozen(np.where(carried, then.dead_since, now.dead_since))
            layers.append(replace(now, dead_since=since))
        return replace(self, layers=tuple(layers))


def lengths(W: Floats) -> Floats:
    """The L2 norm of each row of W (n, inputs): (n,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares: Floats = np.einsum("ui,ui->u", W, W)
        return np.sqrt(squares)
