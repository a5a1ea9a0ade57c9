"""The stages of one step, in order, as `config` has them: pure names, without any numbers.

The notebook's: X, Z1, A1, Z2, … forward, and dZ3, dW3, db3, … back. What it does not have: N is
what batch normalisation makes of Z, with γ and β; D is what dropout leaves of A.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.config.config import Config

StageKind = Literal["draw", "forward", "loss", "backward", "penalty", "clip", "update"]
Shape = tuple[int, int]

_PARAMETERS = {"linear": ("W", "b"), "batch norm": ("γ", "β")}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: arrays that come out of one layer, of the loss or of all layers together.

    does: "images", "linear", "batch norm", the name of an activation, "dropout", "softmax", "l2",
    "clip", or the name of the optimiser. layer: from 1, as the notebook counts; 0 for all of them.
    takes: the array that comes in on the way forward, also of a stage on the way back.
    gives: the names of the arrays that come out.
    """

    kind: StageKind
    does: str
    layer: int
    takes: str
    gives: tuple[str, ...]

    @property
    def title(self) -> str:
        """A few words for a list of the stages."""
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
                return f"update by {self.does}"
            case _:
                return f"{self.kind} {self.layer}: {self.does}"


def stages(config: Config) -> tuple[Stage, ...]:
    """The stages of a step: draw, forward, loss, backward, penalty and clip if on, update."""
    last = len(config.hidden) + 1
    forward = tuple(_forward(config))
    trained = parameters(config)
    weights = tuple(f"dW{number}" for number in range(1, last + 1))
    gradients = tuple(f"d{name}" for name in trained)
    return (
        Stage("draw", "images", 0, "", ("X",)),
        *forward,
        Stage("loss", "softmax", last, f"Z{last}", (f"A{last}", "ℓ")),
        Stage("backward", "softmax", last, f"Z{last}", (f"dZ{last}",)),
        *(_backward(stage) for stage in reversed(forward)),
        *[Stage("penalty", "l2", 0, "", weights)] * bool(config.l2),
        *[Stage("clip", "clip", 0, "", gradients)] * bool(config.clip_norm),
        Stage("update", config.optimizer, 0, "", trained),
    )


def parameters(config: Config) -> tuple[str, ...]:
    """The names of what is trained, in the order of the network's flat vector."""
    return tuple(
        f"{letter}{stage.layer}"
        for stage in _forward(config)
        for letter in _PARAMETERS.get(stage.does, ())
    )


def shapes(config: Config, pixels: int, classes: int, images: int) -> dict[str, Shape]:
    """(rows, columns) of every array that a stage takes or gives, and of the parameters."""
    sizes = (pixels, *config.hidden, classes)
    found = {"X": (pixels, images), "Y": (classes, images), "ℓ": (1, images)}
    for stage in _forward(config):
        units = sizes[stage.layer]
        found[stage.gives[0]] = (units, images)
        for letter in _PARAMETERS.get(stage.does, ()):
            columns = sizes[stage.layer - 1] if letter == "W" else 1
            found[f"{letter}{stage.layer}"] = (units, columns)
    found[f"A{len(sizes) - 1}"] = (classes, images)
    return found | {f"d{name}": shape for name, shape in found.items()}


def _forward(config: Config) -> Iterator[Stage]:
    takes = "X"
    for number in range(1, len(config.hidden) + 2):
        passed = [("linear", "Z")]
        if number <= len(config.hidden):
            passed += [("batch norm", "N")] * config.batch_norm
            passed += [(config.activation, "A")]
            passed += [("dropout", "D")] * bool(config.dropout)
        for does, letter in passed:
            gives = f"{letter}{number}"
            yield Stage("forward", does, number, takes, (gives,))
            takes = gives


def _backward(stage: Stage) -> Stage:
    gives = [f"d{letter}{stage.layer}" for letter in _PARAMETERS.get(stage.does, ())]
    if stage.takes != "X":  # nothing below the first layer is trained
        gives.append(f"d{stage.takes}")
    return Stage("backward", stage.does, stage.layer, stage.takes, tuple(gives))
