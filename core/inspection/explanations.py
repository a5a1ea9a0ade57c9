"""What a stage of a step means, in words, with the figures of this very batch."""

import math

import numpy as np
from numpy.typing import NDArray

from core.inspection.stages import Stage
from core.inspection.step_trace import StepTrace
from core.inspection.updates import HEALTHY, update_ratios

_ACTIVATION = {
    "relu": "Of each sum, what is negative becomes 0",
    "leaky-relu": "Of each sum, what is negative is kept at a hundredth",
    "elu": "What is negative bends towards -1, smoothly",
    "gelu": "What is negative fades to 0, smoothly",
    "tanh": "Each sum is squeezed between -1 and 1",
    "sigmoid": "Each sum is squeezed between 0 and 1",
}
_SLOPE = {
    "relu": "An error passes where the unit was above 0 and ends where it was not",
    "leaky-relu": "An error passes whole where the sum was above 0, and to a hundredth elsewhere",
    "elu": "An error passes whole where the sum was above 0, and ever less below",
    "gelu": "An error passes nearly whole where the sum was well above 0, and hardly well below",
    "tanh": "An error passes by the slope of tanh: whole at 0, hardly where it is near -1 or 1",
    "sigmoid": "An error passes by the slope of the sigmoid: a quarter at ½, hardly near 0 or 1",
}
_UPDATE = {
    "sgd": "Every parameter goes a step against its gradient.",
    "momentum": "Every parameter keeps rolling: its gradient is added to its velocity v, and it "
    "goes against that.",
    "nesterov": "Every parameter keeps rolling with its velocity v, and looks a step of it ahead.",
    "adagrad": "Every parameter goes against its gradient, the less the larger all its gradients "
    "so far were.",
    "rmsprop": "Every parameter goes against its gradient, measured by √s, how large its last "
    "ones were.",
    "adam": "Every parameter goes against m, the mean of its last gradients, measured by √v, how "
    "large they were; c₁ and c₂ make up for means that began at 0.",
}


def explain(trace: StepTrace, stage: Stage) -> str:
    """What the stage does, and what is to be seen in this batch; one to four sentences."""
    backward = stage.kind == "backward"
    match stage.kind, stage.does:
        case "draw", _:
            return _draw(trace)
        case "loss", _:
            return _loss(trace)
        case "backward", "softmax":
            return _error(trace)
        case _, "linear":
            return _sent_back(stage) if backward else _sums(trace, stage)
        case _, "batch norm" if backward:
            return (
                "γ and β get their gradients. As mean and deviation hang on all images of the "
                "batch, each error loses what it has in common with the others."
            )
        case _, "batch norm":
            return (
                "The sums of each unit get mean 0 and deviation 1 over the batch, and then the "
                f"deviation γ{stage.layer} and the mean β{stage.layer} that it learns."
            )
        case _, "dropout" if backward:
            return "The errors pass where the outputs were kept, and end where they were dropped."
        case _, "dropout":
            rate = trace.config.dropout
            return (
                f"Each output becomes 0 with probability {rate:g}, so that none is relied on too "
                f"much; the others are divided by {1 - rate:g}, so that their sum stays about the "
                "same."
            )
        case "penalty", _:
            return (
                f"To the gradient of each weight {trace.config.l2:g} times the weight is added: "
                "it shrinks unless the loss needs it."
            )
        case "clip", _:
            return _clip(trace, stage)
        case "update", _:
            return _update(trace, stage)
        case _:
            passes = _SLOPE if backward else _ACTIVATION
            seen = _ended(trace, stage) if backward else _answers(trace, stage)
            return f"{passes[stage.does]}{seen}."


def _draw(trace: StepTrace) -> str:
    config, m = trace.config, len(trace.images)
    done = [
        *["mirrored"] * bool(config.flip),
        *["shifted"] * bool(config.shift),
        *["blackened in places"] * bool(config.erase),
    ]
    changed = f" Some are {' or '.join(done)}, by chance." if done else ""
    return (
        f"The next {m} of the shuffled training images, each a column of X, its pixels from 0, "
        f"black, to 1.{changed} Y has a 1 in the row of the right class."
    )


def _sums(trace: StepTrace, stage: Stage) -> str:
    units, inputs = trace.shapes[f"W{stage.layer}"]
    if stage.layer == len(trace.config.hidden) + 1:
        what = f"The logits: each of the {units} classes"
    else:
        what = f"Each of the {units} units"
    return f"{what} adds up its {inputs} inputs, each times a weight of its own, and a bias."


def _answers(trace: StepTrace, stage: Stage) -> str:
    A = trace.array(stage.gives[0], stage)
    match stage.does:
        case "relu":
            silent = int(np.count_nonzero(~A.any(axis=1)))
            share = f": {_percent(A == 0)} of these numbers are 0"
            return share + f"; {silent} of {len(A)} units are so for every image" * bool(silent)
        case "tanh" | "sigmoid":
            slope = 1 - A * A if stage.does == "tanh" else 4 * A * (1 - A)
            return f"; {_percent(slope < 0.05)} are so near an end that hardly an error comes back"
        case _:
            return f": {_percent(A < 0)} of these numbers are below 0"


def _ended(trace: StepTrace, stage: Stage) -> str:
    if stage.does != "relu":
        return ""
    return f": {_percent(trace.array(stage.gives[-1], stage) == 0)} of the errors are 0 now"


def _loss(trace: StepTrace) -> str:
    n, columns = len(trace.config.hidden) + 1, np.arange(len(trace.labels))
    p, logits = trace.array(f"A{n}"), trace.array(f"Z{n}")
    truth = float(p[trace.labels, columns].mean(dtype=np.float64))
    right = int(np.count_nonzero(logits.argmax(axis=0) == trace.labels))
    smoothing = trace.config.label_smoothing
    smoothed = f" Label smoothing spreads {smoothing:g} of the target over all classes."
    return (
        "The softmax makes probabilities of the logits. The loss of an image is -log of the "
        f"probability of the right class: 0 for 1, {math.log(trace.classes):.2f} for a guess."
        f"{smoothed * bool(smoothing)} Here the right class gets {truth:.2f} on average and is "
        f"ahead in {right} of {len(columns)} images; the mean loss is {trace.loss:.4g} nats."
    )


def _error(trace: StepTrace) -> str:
    return (
        "The error of each logit: its probability, less what it should be. It asks for more of the "
        f"right class and less of all others; each of the {len(trace.images)} images has an "
        "equal share in it."
    )


def _sent_back(stage: Stage) -> str:
    n, x = stage.layer, stage.takes
    first = "" if f"d{x}" in stage.gives else " Below it nothing is learnt, so the errors end here."
    further = "" if first else f" d{x}: through the same weights, the errors go back to {x}."
    return (
        f"dW{n}: for each weight, the error at its unit times what came in by it, summed over the "
        f"images; db{n}: the errors alone.{further}{first}"
    )


def _clip(trace: StepTrace, stage: Stage) -> str:
    earlier = trace.stages[: trace.stages.index(stage)]
    found = [{}, *trace.found[: len(earlier)]]
    latest = {name: array for arrays in found for name, array in arrays.items()}
    norm = math.sqrt(sum(float(np.square(latest[d], dtype=np.float64).sum()) for d in stage.gives))
    most = trace.config.clip_norm
    length = f"All gradients together, as one vector, have the length {norm:.4g}"
    if norm <= most:
        return f"{length}, not more than {most:g}: they stay as they are."
    return f"{length}, more than {most:g}: all are shortened to {most / norm:.1%}."


def _update(trace: StepTrace, stage: Stage) -> str:
    moved = [_power(ratio) for ratio in update_ratios(trace)]
    layers = "layer 1" if len(moved) == 1 else f"layers 1 to {len(moved)}"
    decay = trace.config.weight_decay
    first = f"First every weight shrinks by α times {decay:g}. " if decay else ""
    return (
        f"{first}{_UPDATE[stage.does.removesuffix('w')]} The weights of {layers} change by "
        f"{', '.join(moved)} of their size; about {_power(HEALTHY)} is healthy."
    )


def _power(ratio: float) -> str:
    if math.isfinite(ratio):
        return f"10^{ratio:.1f}"
    return "more than all" if ratio > 0 else "nothing"  # from 0; or still


def _percent(chosen: NDArray[np.bool_]) -> str:
    return f"{chosen.mean():.0%}"
