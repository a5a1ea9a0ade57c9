"""The stages of one training step, in order, for a given configuration.

Names only, no numbers. They are those of the notebook: X, Z1, A1, Z2, … on the forward pass and
dZ3, dW3, db3, … on the backward pass. In addition, N is the output of batch normalization and D
that of dropout.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.config.config import Config

StageKind = Literal["draw", "forward", "loss", "backward", "penalty", "clip", "update"]
Shape = tuple[int, int]

# As they are written in a sentence.
_OPTIMIZERS = {
    "sgd": "SGD",
    "momentum": "momentum",
    "nesterov": "Nesterov",
    "adagrad": "Adagrad",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
}
_PARAMETERS = {"linear": ("W", "b"), "batch norm": ("γ", "β")}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: the work of one layer, of the loss, or of all layers together.

    operation: "images", "linear", "batch norm", the name of an activation, "dropout", "softmax",
    "l2", "clip", or the name of the optimizer.
    layer: from 1, as in the notebook; 0 for all layers.
    input: the array that the operation reads on the forward pass; a backward stage names it too.
    outputs: the names of the arrays that the stage computes.
    """

    kind: StageKind
    operation: str
    layer: int
    input: str
    outputs: tuple[str, ...]

    @property
    def title(self) -> str:
        """A short title for a list of stages."""
        match self.kind:
            case "draw":
                return "draw the batch"
            case "loss":
                return "loss"
            case "penalty":
                return "L2 penalty"
            case "clip":
                return "clip the gradient"
            case "update":
                return f"update with {_OPTIMIZERS[self.operation]}"
            case _:
                return f"{self.kind} {self.layer}: {self.operation}"


def stages(config: Config) -> tuple[Stage, ...]:
    """Returns the stages of a step.

    Draw, forward, loss, backward, update; before the update also penalty and clip, if they are on.
    """
    last = len(config.hidden) + 1
    forward = tuple(_forward(config))
    trained = parameters(config)
    weight_gradients = tuple(f"dW{layer}" for layer in range(1, last + 1))
    gradients = tuple(f"d{name}" for name in trained)
    return (
        Stage("draw", "images", 0, "", ("X",)),
        *forward,
        Stage("loss", "softmax", last, f"Z{last}", (f"A{last}", "ℓ")),
        Stage("backward", "softmax", last, f"Z{last}", (f"dZ{last}",)),
        *(_backward(stage) for stage in reversed(forward)),
        *[Stage("penalty", "l2", 0, "", weight_gradients)] * bool(config.l2),
        *[Stage("clip", "clip", 0, "", gradients)] * bool(config.clip_norm),
        Stage("update", config.optimizer, 0, "", trained),
    )


def parameters(config: Config) -> tuple[str, ...]:
    """Returns the names of the parameters, in the order of the network's flat vector."""
    return tuple(
        f"{letter}{stage.layer}"
        for stage in _forward(config)
        for letter in _PARAMETERS.get(stage.operation, ())
    )


def shapes(config: Config, pixels: int, classes: int, images: int) -> dict[str, Shape]:
    """Returns (rows, columns) of each parameter and each array that a stage reads or computes."""
    sizes = (pixels, *config.hidden, classes)
    shapes = {"X": (pixels, images), "Y": (classes, images), "ℓ": (1, images)}
    for stage in _forward(config):
        units = sizes[stage.layer]
        shapes[stage.outputs[0]] = (units, images)
        for letter in _PARAMETERS.get(stage.operation, ()):
            columns = sizes[stage.layer - 1] if letter == "W" else 1
            shapes[f"{letter}{stage.layer}"] = (units, columns)
    shapes[f"A{len(sizes) - 1}"] = (classes, images)
    return shapes | {f"d{name}": shape for name, shape in shapes.items()}


def _forward(config: Config) -> Iterator[Stage]:
    previous = "X"
    for layer in range(1, len(config.hidden) + 2):
        operations = [("linear", "Z")]
        if layer <= len(config.hidden):
            operations += [("batch norm", "N")] * config.batch_norm
            operations += [(config.activation, "A")]
            operations += [("dropout", "D")] * bool(config.dropout)
        for operation, letter in operations:
            output = f"{letter}{layer}"
            yield Stage("forward", operation, layer, previous, (output,))
            previous = output


def _backward(stage: Stage) -> Stage:
    outputs = [f"d{letter}{stage.layer}" for letter in _PARAMETERS.get(stage.operation, ())]
    if stage.input != "X":  # the step has no use for the gradient of the pixels
        outputs.append(f"d{stage.input}")
    return Stage("backward", stage.operation, stage.layer, stage.input, tuple(outputs))
