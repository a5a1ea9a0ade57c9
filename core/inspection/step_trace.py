"""The trace of one training step: copies of the arrays that each of its stages computes.

A batch is (units, images), one column per image. `core.inspection.stages` explains the names.
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
    """The next step of a run, with the numbers it will have.

    step: its number, from 1. learning_rate: that of this step, as scheduled.
    indices: (m,) positions of the images in the training file. images: (m, height, width) uint8,
    after augmentation. labels: (m,).
    stages: the stages that were computed: all of them, or those before the step diverges.
    outputs: the arrays of each of these stages, by name.
    parameters_before: the parameters before the step, by name.
    optimizer_before, optimizer_after: the state of the optimizer, in flat vectors.
    diverged: why the step diverges, in a sentence; None if it does not.
    """

    config: Config
    step: int
    learning_rate: float
    classes: int
    indices: Indices
    images: Bytes
    labels: Bytes
    stages: tuple[Stage, ...]
    outputs: tuple[Mapping[str, Floats], ...]
    parameters_before: Mapping[str, Floats]
    optimizer_before: OptimizerState
    optimizer_after: OptimizerState
    diverged: str | None

    @property
    def shapes(self) -> dict[str, Shape]:
        """(rows, columns) of each array of the step, by name."""
        return shapes(self.config, self.images[0].size, self.classes, len(self.images))

    @property
    def targets(self) -> Floats:
        """(K, m) target probabilities: 1 at the label, less with label smoothing."""
        smoothing = self.config.label_smoothing
        targets = np.full((self.classes, len(self.labels)), smoothing / self.classes, np.float32)
        targets[self.labels, np.arange(len(self.labels))] += 1 - smoothing
        return targets

    @property
    def loss(self) -> float:
        """The mean loss of the batch in nats, including label smoothing."""
        return float(self.array("ℓ").mean(dtype=np.float64))

    def array(self, name: str, stage: Stage | None = None) -> Floats:
        """Returns the array of this name from `stage`, or from the last stage that computes it.

        A parameter is the one after the update. Raises KeyError if no such stage was computed.
        """
        if name == "X":
            X: Floats = self.images.reshape(len(self.images), -1).T / np.float32(255)
            return X
        for computed, arrays in zip(reversed(self.stages), reversed(self.outputs), strict=True):
            if name in arrays and stage in (None, computed):
                return arrays[name]
        raise KeyError(name)

    def split(self, vector: Floats) -> dict[str, Floats]:
        """Returns views into a flat vector of all parameters, by name."""
        return split(vector, self.config, self.shapes)


@dataclass(frozen=True, slots=True, eq=False)
class ImageTrace:
    """One image of the batch in a step: its column of every array.

    index: its position in the training file. picture: (height, width) uint8, after augmentation.
    activations: (units,) for each array of the forward pass, including logits and probabilities.
    targets: (K,) target probabilities. loss: the loss of this image in nats.
    gradients: (units,) dL/d(array) by name, such as "dZ2", where L is the loss of this image.
    saliency: (height, width) |dL/dx| for its pixels x, which are 0..1.

    With batch normalization the images of a batch depend on each other; L is then the sum of the
    losses of the batch.
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
    """Returns the trace of the image in this column of the batch."""
    m, picture = len(trace.images), trace.images[column]
    activations: dict[str, Floats] = {}
    gradients: dict[str, Floats] = {}
    with np.errstate(over="ignore", invalid="ignore"):  # the step may diverge
        for stage, arrays in zip(trace.stages, trace.outputs, strict=True):
            for name, array in arrays.items():
                if stage.kind in ("forward", "loss") and name != "ℓ":
                    activations[name] = array[:, column]
                elif stage.kind == "backward" and name[1] in "ZNAD":
                    # The loss of the batch is a mean, so its gradient has a factor of 1/m.
                    gradients[name] = array[:, column] * m
        # Training has no use for dX, so the step does not compute it.
        dx = trace.parameters_before["W1"].T @ gradients["dZ1"]
    last = len(trace.config.hidden) + 1
    return ImageTrace(
        index=int(trace.indices[column]),
        picture=picture,
        label=int(trace.labels[column]),
        activations=activations,
        logits=activations[f"Z{last}"],
        probabilities=activations[f"A{last}"],
        targets=trace.targets[:, column],
        loss=float(trace.array("ℓ")[0, column]),
        gradients=gradients,
        saliency=np.abs(dx).reshape(picture.shape),
    )


def weight_gradient(trace: StepTrace, column: int, layer: int) -> Floats:
    """Returns (n_out, n_in) dL/dW of a layer, from 1, for the loss L of one image: see ImageTrace.

    The mean over all images is the dW of the step, before penalty and clipping.
    """
    linear = next(s for s in trace.stages if (s.operation, s.layer) == ("linear", layer))
    dZ = trace.array(f"dZ{layer}")[:, column] * len(trace.images)
    outer: Floats = np.outer(dZ, trace.array(linear.input)[:, column])
    return outer


def split(vector: Floats, config: Config, shapes: Mapping[str, Shape]) -> dict[str, Floats]:
    """Returns views into a flat vector of all parameters, by name."""
    views, start = {}, 0
    for name in parameters(config):
        rows, columns = shapes[name]
        views[name] = vector[start : start + rows * columns].reshape(rows, columns)
        start += rows * columns
    return views
