"""One step taken apart: the arrays that came out of its stages, frozen, to look at and to ask.

A batch is (units, images), a column an image, and the names are those of core.stages.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.config.config import Config
from core.inspection.stages import Shape, Stage, parameters, shapes
from core.nn.optimizers import OptimizerState
from core.types import Bytes, Floats, Indices


@dataclass(frozen=True, slots=True, eq=False)
class StepTrace:
    """The step that comes next, whose numbers are those it will have; nothing of it has happened.

    step: its number, from 1. learning_rate: what the schedule makes of it now.
    indices: (m,) into the file of training images; images: (m, height, width) uint8, as they are
    learnt from, flipped or shifted; labels: (m,).
    stages: those that were made, all but if it diverges; found: what came out of each, by name.
    before: the parameters before the step, by name; memory, remembered: what the optimiser
    remembers before and after, in flat vectors.
    diverged: why the step cannot be made, in a sentence; None if it can.
    """

    config: Config
    step: int
    learning_rate: float
    classes: int
    indices: Indices
    images: Bytes
    labels: Bytes
    stages: tuple[Stage, ...]
    found: tuple[Mapping[str, Floats], ...]
    parameters_before: Mapping[str, Floats]
    optimizer_before: OptimizerState
    optimizer_after: OptimizerState
    diverged: str | None

    @property
    def shapes(self) -> dict[str, Shape]:
        """(rows, columns) of every array of the step, by name."""
        return shapes(self.config, self.images[0].size, self.classes, len(self.images))

    @property
    def targets(self) -> Floats:
        """(K, m) what the probabilities should be: 1 at the label, less with label smoothing."""
        smoothing = self.config.label_smoothing
        targets = np.full((self.classes, len(self.labels)), smoothing / self.classes, np.float32)
        targets[self.labels, np.arange(len(self.labels))] += 1 - smoothing
        return targets

    @property
    def loss(self) -> float:
        """The mean loss of the batch in nats, with label smoothing, if on."""
        return float(self.array("ℓ").mean(dtype=np.float64))

    def array(self, name: str, stage: Stage | None = None) -> Floats:
        """What came out under this name, of that stage or else of the last that gave it.

        Weights are those after the update. KeyError if nothing did.
        """
        if name == "X":
            X: Floats = self.images.reshape(len(self.images), -1).T / np.float32(255)
            return X
        for made, found in zip(reversed(self.stages), reversed(self.found), strict=True):
            if name in found and stage in (None, made):
                return found[name]
        raise KeyError(name)

    def split(self, vector: Floats) -> dict[str, Floats]:
        """Views into a flat vector of the network, by the names of the parameters."""
        return split(vector, self.config, self.shapes)


@dataclass(frozen=True, slots=True, eq=False)
class ImageTrace:
    """One image of the batch on its way through a step: a column of every array.

    picture: (height, width) uint8 as it was learnt from, `index` its place in the file.
    passed: (units,) for every array on the way forward, the logits too, and in the end the
    probabilities; targets: (K,) what these should be; loss: its own, in nats.
    gradients: (units,) dL/d(array) for its own loss L, by names as "dZ2"; saliency: (height, width)
    |dL/dx| for its pixels x, 0..1. With batch normalisation, where every image has to do with
    every other, L is the sum of the losses of the batch.
    """

    index: int
    picture: Bytes
    label: int
    activations: Mapping[str, Floats]
    logits: Floats
    probabilities: Floats
    targets: Floats
    loss: float
    gradients: Mapping[str, Floats]
    saliency: Floats


def trace_image(trace: StepTrace, column: int) -> ImageTrace:
    """The image in this column of the batch, by itself."""
    m, picture = len(trace.images), trace.images[column]
    passed: dict[str, Floats] = {}
    gradients: dict[str, Floats] = {}
    with np.errstate(over="ignore", invalid="ignore"):  # of a step that diverges
        for stage, found in zip(trace.stages, trace.found, strict=True):
            for name, array in found.items():
                if stage.kind in ("forward", "loss") and name != "ℓ":
                    passed[name] = array[:, column]
                elif stage.kind == "backward" and name[1] in "ZNAD":
                    # The loss of the batch is a mean: of it, each image has an m-th.
                    gradients[name] = array[:, column] * m
        # The step itself leaves this out, as nothing below the first layer is trained.
        dx = trace.parameters_before["W1"].T @ gradients["dZ1"]
    last = len(trace.config.hidden) + 1
    return ImageTrace(
        index=int(trace.indices[column]),
        picture=picture,
        label=int(trace.labels[column]),
        activations=passed,
        logits=passed[f"Z{last}"],
        probabilities=passed[f"A{last}"],
        targets=trace.targets[:, column],
        loss=float(trace.array("ℓ")[0, column]),
        gradients=gradients,
        saliency=np.abs(dx).reshape(picture.shape),
    )


def weight_gradient(trace: StepTrace, column: int, layer: int) -> Floats:
    """(n_out, n_in) dL/dW of that layer, from 1, for the loss of this image alone, as in
    OneImage: the mean of those of all images is the dW of the step, before penalty and clip."""
    linear = next(s for s in trace.stages if (s.does, s.layer) == ("linear", layer))
    dZ = trace.array(f"dZ{layer}")[:, column] * len(trace.images)
    outer: Floats = np.outer(dZ, trace.array(linear.takes)[:, column])
    return outer


def split(vector: Floats, config: Config, sizes: Mapping[str, Shape]) -> dict[str, Floats]:
    """Views into a flat vector of the network, by the names of the parameters."""
    views, start = {}, 0
    for name in parameters(config):
        rows, columns = sizes[name]
        views[name] = vector[start : start + rows * columns].reshape(rows, columns)
        start += rows * columns
    return views
