"""Explains what a stage of a step does, with numbers of the current batch."""

import math

import numpy as np
from numpy.typing import NDArray

from core.inspection.stages import Stage
from core.inspection.step_trace import StepTrace
from core.inspection.updates import HEALTHY, update_ratios
from core.text import significant

_ACTIVATION = {
    "relu": "ReLU replaces negative values with 0",
    "leaky-relu": "Leaky ReLU multiplies negative values by 0.01",
    "elu": "ELU maps negative values smoothly to values between -1 and 0",
    "gelu": "GELU keeps large positive values and shrinks negative ones smoothly to near 0",
    "tanh": "Tanh maps each value to a value between -1 and 1",
    "sigmoid": "The sigmoid maps each value to a value between 0 and 1",
}
_SLOPE = {
    "relu": "The gradient passes where the input was positive and becomes 0 elsewhere",
    "leaky-relu": "The gradient passes where the input was positive and is multiplied by 0.01 "
    "elsewhere",
    "elu": "The gradient passes where the input was positive; the further the input was below 0, "
    "the less of the gradient passes",
    "gelu": "The gradient passes almost unchanged where the input was well above 0, and almost "
    "none of it passes where the input was well below 0",
    "tanh": "The gradient is multiplied by the slope of tanh: 1 where the output is 0, and close "
    "to 0 where it is near -1 or 1",
    "sigmoid": "The gradient is multiplied by the slope of the sigmoid: ¼ where the output is ½, "
    "and close to 0 where it is near 0 or 1",
}
_UPDATE = {
    "sgd": "Each parameter moves against its gradient, by the learning rate α times the gradient.",
    "momentum": "Each parameter has a velocity v, a decaying sum of its gradients, and moves "
    "against it.",
    "nesterov": "Each parameter has a velocity v, a decaying sum of its gradients. It moves "
    "against the velocity that it would have after one more step with the same gradient.",
    "adagrad": "Each parameter moves against its gradient, divided by √s, where s is the sum of "
    "all its squared gradients so far.",
    "rmsprop": "Each parameter moves against its gradient, divided by √s, where s is the running "
    "mean of its squared gradients.",
    "adam": "Each parameter moves against m, the running mean of its gradients, divided by √v, "
    "where v is the running mean of their squares. c₁ and c₂ correct the bias of both means, which "
    "start at 0.",
}


def explain(trace: StepTrace, stage: Stage) -> str:
    """Returns what the stage does and what happens in this batch, in one to four sentences."""
    backward = stage.kind == "backward"
    match stage.kind, stage.operation:
        case "draw", _:
            return _draw(trace)
        case "loss", _:
            return _loss(trace)
        case "backward", "softmax":
            return _logit_gradient(trace)
        case _, "linear":
            return _linear_backward(stage) if backward else _linear(trace, stage)
        case _, "batch norm" if backward:
            return (
                f"dγ{stage.layer} and dβ{stage.layer} are sums over the images. Mean and deviation "
                "depend on the whole batch, so the mean of the gradient over the images and its "
                f"part along Ẑ{stage.layer} are subtracted."
            )
        case _, "batch norm":
            return (
                "Batch normalization gives each unit mean 0 and standard deviation 1 over the "
                f"batch, then scales it by γ{stage.layer} and shifts it by β{stage.layer}, which "
                "are trained."
            )
        case _, "dropout" if backward:
            return "The gradient passes where dropout kept the output and is 0 where it dropped it."
        case _, "dropout":
            rate = trace.config.dropout
            return (
                f"Dropout sets each output to 0 with probability {rate:g}, so that the network "
                f"does not rely on single units. It divides the others by {1 - rate:g}, which "
                "keeps the expected sum unchanged."
            )
        case "penalty", _:
            return (
                f"The L2 penalty adds {significant(trace.config.l2)} times each weight to its "
                "gradient. It pulls the weights toward 0 unless the loss needs them."
            )
        case "clip", _:
            return _clip(trace, stage)
        case "update", _:
            return _update(trace, stage)
        case _:
            effects = _SLOPE if backward else _ACTIVATION
            result = _activation_backward(trace, stage) if backward else _activation(trace, stage)
            return f"{effects[stage.operation]}{result}."


def _draw(trace: StepTrace) -> str:
    config, m = trace.config, len(trace.images)
    changes = [
        *["mirrored"] * bool(config.flip),
        *["shifted"] * bool(config.shift),
        *["partly erased"] * bool(config.erase),
    ]
    augmented = f" Some are randomly {' or '.join(changes)}." if changes else ""
    return (
        f"This batch has {m} of the shuffled training images. Each is a column of X, with pixels "
        f"from 0 (black) to 1 (white).{augmented} Y has a 1 in the row of the true class."
    )


def _linear(trace: StepTrace, stage: Stage) -> str:
    units, inputs = trace.shapes[f"W{stage.layer}"]
    if stage.layer == len(trace.config.hidden) + 1:
        return (
            f"Computes the logits: for each of the {units} classes, the weighted sum of the "
            f"{inputs} inputs, plus a bias."
        )
    return (
        f"Each of the {units} units computes the weighted sum of its {inputs} inputs, plus a bias."
    )


def _activation(trace: StepTrace, stage: Stage) -> str:
    A = trace.array(stage.outputs[0], stage)
    match stage.operation:
        case "relu":
            silent = int(np.count_nonzero(~A.any(axis=1)))
            zeros = f": {_percent(A == 0)} of the outputs are 0"
            verb = "is" if silent == 1 else "are"
            never = f"; {silent} of {len(A)} units {verb} 0 for every image of the batch"
            return zeros + never * bool(silent)
        case "tanh" | "sigmoid":
            slope = 1 - A * A if stage.operation == "tanh" else 4 * A * (1 - A)
            saturated = _percent(slope < 0.05)
            return f": {saturated} of the outputs are saturated, where the gradient is close to 0"
        case _:
            return f": {_percent(A < 0)} of the outputs are negative"


def _activation_backward(trace: StepTrace, stage: Stage) -> str:
    if stage.operation != "relu":
        return ""
    zeros = _percent(trace.array(stage.outputs[-1], stage) == 0)
    return f": {zeros} of {stage.outputs[-1]} is 0"


def _loss(trace: StepTrace) -> str:
    last, columns = len(trace.config.hidden) + 1, np.arange(len(trace.labels))
    p, logits = trace.array(f"A{last}"), trace.array(f"Z{last}")
    mean = float(p[trace.labels, columns].mean(dtype=np.float64))
    correct = int(np.count_nonzero(logits.argmax(axis=0) == trace.labels))
    smoothing = trace.config.label_smoothing
    smoothed = f" Label smoothing spreads {smoothing:g} of the target over all classes."
    return (
        "Softmax turns the logits into probabilities. The loss of an image is -log of the "
        f"probability of its true class: 0 if that is 1, {math.log(trace.classes):.2f} if all "
        f"classes are equally likely.{smoothed * bool(smoothing)} In this batch the mean "
        f"probability of the true class is {mean:.2f}, {correct} of {len(columns)} images are "
        f"classified correctly, and the mean loss is {significant(trace.loss, 4)} nats."
    )


def _logit_gradient(trace: StepTrace) -> str:
    return (
        "The gradient of each logit is its probability minus its target: negative for the true "
        "class, whose logit should grow, and usually positive for the others. It is divided by "
        f"{len(trace.images)}, because the loss is the mean over the images."
    )


def _linear_backward(stage: Stage) -> str:
    layer, x = stage.layer, stage.input
    parameters = (
        f"dW{layer} sums, over the images, the gradient of each unit times each of its inputs. "
        f"db{layer} sums the gradient of each unit."
    )
    if f"d{x}" in stage.outputs:
        return f"{parameters} d{x} passes the gradient back through the same weights to {x}."
    return f"{parameters} Backpropagation ends here: the inputs are pixels, which are not trained."


def _clip(trace: StepTrace, stage: Stage) -> str:
    earlier = trace.stages[: trace.stages.index(stage)]
    outputs = [{}, *trace.outputs[: len(earlier)]]
    latest = {name: array for arrays in outputs for name, array in arrays.items()}
    squares = (float(np.square(latest[name], dtype=np.float64).sum()) for name in stage.outputs)
    norm, max_norm = math.sqrt(sum(squares)), trace.config.clip_norm
    text = f"All gradients together, as one vector, have the norm {significant(norm, 4)}"
    if norm <= max_norm:
        return f"{text}. The maximum is {max_norm:g}, so they stay unchanged."
    return f"{text}. The maximum is {max_norm:g}, so all are scaled down to {max_norm / norm:.1%}."


def _update(trace: StepTrace, stage: Stage) -> str:
    decay = trace.config.weight_decay
    first = (
        f"First, weight decay multiplies each weight by 1 − α·{significant(decay)}. "
        if decay
        else ""
    )
    return f"{first}{_UPDATE[stage.operation.removesuffix('w')]} {_changes(trace)}"


def _changes(trace: StepTrace) -> str:
    """Returns how far the weights of each layer move."""
    ratios = update_ratios(trace)
    if not any(ratio > -math.inf for ratio in ratios):
        return "No weight changes: the gradients are 0 or too small."
    healthy = f"about 10^{HEALTHY:g} is healthy"
    if len(ratios) == 1:
        return f"The weights of layer 1 change by {_power(ratios[0])} of their norm; {healthy}."
    changes = ", ".join(map(_power, ratios))
    return f"The weights of layers 1 to {len(ratios)} change by {changes} of their norm; {healthy}."


def _power(ratio: float) -> str:
    """Returns a ratio, given as log10, as a power of ten."""
    if math.isfinite(ratio):
        return f"10^{ratio:.1f}"
    return "∞ (from 0)" if ratio > 0 else "0"  # NaN: it was 0 and stays 0


def _percent(mask: NDArray[np.bool_]) -> str:
    return f"{mask.mean():.0%}"
