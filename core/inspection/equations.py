"""The equations of a step in the notebook's notation, with the shapes of this network and batch.

· is the product of two matrices, or of a number and an array; ⊙ is elementwise. Σ sums over the
images, Σₖ over the classes. ← assigns a new value. The loss is a mean over m images; its factor 1/m
is part of dZ of the last layer and reaches all other gradients from there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.inspection.stages import Stage
from core.inspection.step_trace import StepTrace
from core.inspection.updates import coefficients
from core.nn.activations import GELU, LeakyReLU
from core.nn.batch_norm import BatchNorm

# The output of an activation for its input {x}, and the gradient of {x} from that of the output.
_FORWARD = {
    "relu": "max({x}, 0)",
    "leaky-relu": f"max({{x}}, {LeakyReLU.slope}·{{x}})",
    "elu": "({x} if {x} > 0 else exp({x}) − 1)",
    "gelu": "½·{x} ⊙ (1 + {T})",
    "tanh": "tanh({x})",
    "sigmoid": "1 / (1 + exp(−{x}))",
}
_BACKWARD = {
    "relu": "{da} ⊙ ({x} > 0)",
    "leaky-relu": f"{{da}} ⊙ (1 if {{x}} > 0 else {LeakyReLU.slope})",
    "elu": "{da} ⊙ (1 if {x} > 0 else exp({x}))",
    "gelu": f"½·{{da}} ⊙ (1 + {{T}} + √(2/π)·{{x}} ⊙ (1 − {{T}}²) ⊙ (1 + {3 * GELU.k:g}·{{x}}²))",
    "tanh": "{da} ⊙ (1 − {a}²)",
    "sigmoid": "{da} ⊙ {a} ⊙ (1 − {a})",
}
# θ is the vector of all parameters, g its gradient. Weight decay applies to the weights W only.
_ADAM = (
    "m ← β₁·m + (1 − β₁)·g",
    "v ← β₂·v + (1 − β₂)·g²",
    "θ ← θ − α·(m / c₁) / (√(v / c₂) + ε)",
)
_UPDATE = {
    "momentum": ("v ← μ·v + g", "θ ← θ − α·v"),
    "nesterov": ("v ← μ·v + g", "θ ← θ − α·(g + μ·v)"),
    "adagrad": ("s ← s + g²", "θ ← θ − α·g / (√s + ε)"),
    "rmsprop": ("s ← ρ·s + (1 − ρ)·g²", "θ ← θ − α·g / (√s + ε)"),
    "adam": _ADAM,
    "adamw": _ADAM,
}


@dataclass(frozen=True, slots=True)
class Equation:
    """text: the equation. shapes: the same equation with the shape of each array, rows×columns."""

    text: str
    shapes: str


def equations(trace: StepTrace, stage: Stage) -> tuple[Equation, ...]:
    """Returns the equations of a stage, in the order of computation."""
    shapes = {name: f"{rows}×{columns}" for name, (rows, columns) in trace.shapes.items()}
    shapes |= {f"{name}ᵀ": f"{n}×{m}" for name, (m, n) in trace.shapes.items()}
    count = sum(array.size for array in trace.parameters_before.values())
    shapes |= {"θ": f"{count:,}×1", "Q": shapes["Y"], "m": str(len(trace.images))}
    # Longer names first, so that dZ1 is not read as Z1; whole names only, so that max has no m.
    names = "|".join(sorted(shapes, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)({names})(?![A-Za-z0-9])")
    return tuple(
        Equation(text, pattern.sub(lambda match: shapes[match[0]], named_shapes))
        for text, named_shapes in _rules(trace, stage)
    )


def constants(trace: StepTrace, stage: Stage) -> dict[str, float]:
    """Returns the constants in the equations of a stage, by their letters.

    M, the mask of dropout, is not among them: it is 0 with probability p and otherwise 1.
    """
    config = trace.config
    match stage.kind, stage.operation:
        case _, "batch norm":
            return {"ε": BatchNorm.epsilon}
        case _, "dropout":
            return {"p": config.dropout}
        case "loss", _ if config.label_smoothing:
            return {"s": config.label_smoothing, "K": trace.classes}
        case "penalty", _:
            return {"λ": config.l2}
        case "clip", _:
            return {"c": config.clip_norm}
        case "update", _:
            return coefficients(trace)
        case _:
            return {}


def _rules(trace: StepTrace, stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield each equation twice: as text, and with the arrays whose shapes are shown."""
    match stage.kind, stage.operation:
        case "draw", _:
            yield "X = images / 255", "X"
            yield "Y = (1 at the label, else 0)", "Y"
        case _, "linear":
            yield from _linear(stage)
        case _, "batch norm":
            yield from _batch_norm(stage)
        case _, "dropout":
            yield _dropout(stage)
        case _, "softmax":
            yield from _softmax(stage, smoothed=bool(trace.config.label_smoothing))
        case "penalty", _:
            for dW in stage.outputs:
                yield f"{dW} ← {dW} + λ·{dW[1:]}", f"{dW} ← {dW} + {dW[1:]}"
        case "clip", _:
            yield f"g = ({_list(stage.outputs)})", "θ"
            yield "‖g‖ = √(Σ g²)", "1 ← θ"
            yield "g ← g·min(1, c / ‖g‖)", "θ ← θ"
        case "update", _:
            yield from _update(stage, decays=bool(trace.config.weight_decay))
        case _:
            yield from _activation(stage)


def _linear(stage: Stage) -> Iterator[tuple[str, str]]:
    n, x = stage.layer, stage.input
    if stage.kind == "forward":
        yield f"Z{n} = W{n}·{x} + b{n}", f"Z{n} = W{n} · {x} + b{n}"
        return
    yield f"dW{n} = dZ{n}·{x}ᵀ", f"dW{n} = dZ{n} · {x}ᵀ"
    yield f"db{n} = Σ dZ{n}", f"db{n} = Σ dZ{n}"
    if f"d{x}" in stage.outputs:
        yield f"d{x} = W{n}ᵀ·dZ{n}", f"d{x} = W{n}ᵀ · dZ{n}"


def _batch_norm(stage: Stage) -> Iterator[tuple[str, str]]:
    n = stage.layer
    if stage.kind == "forward":
        yield f"μ{n} = Σ Z{n} / m", f"b{n} = Σ Z{n} / m"
        yield f"σ{n}² = Σ (Z{n} − μ{n})² / m", f"b{n} = Σ (Z{n} − b{n}) / m"
        yield f"Ẑ{n} = (Z{n} − μ{n}) / √(σ{n}² + ε)", f"Z{n} = (Z{n} − b{n}) / b{n}"
        yield f"N{n} = γ{n} ⊙ Ẑ{n} + β{n}", f"N{n} = γ{n} ⊙ Z{n} + β{n}"
        return
    yield f"dγ{n} = Σ dN{n} ⊙ Ẑ{n}", f"dγ{n} = Σ dN{n} ⊙ Z{n}"
    yield f"dβ{n} = Σ dN{n}", f"dβ{n} = Σ dN{n}"
    yield (
        f"dZ{n} = γ{n} / √(σ{n}² + ε) ⊙ (dN{n} − (dβ{n} + Ẑ{n} ⊙ dγ{n}) / m)",
        f"dZ{n} = γ{n} ⊙ (dN{n} − (dβ{n} + Z{n} ⊙ dγ{n}) / m)",
    )


def _dropout(stage: Stage) -> tuple[str, str]:
    n = stage.layer
    backward = stage.kind == "backward"
    output, input = (f"dA{n}", f"dD{n}") if backward else (f"D{n}", f"A{n}")
    return f"{output} = {input} ⊙ M{n} / (1 − p)", f"{output} = {input} ⊙ A{n}"


def _softmax(stage: Stage, smoothed: bool) -> Iterator[tuple[str, str]]:
    n, target = stage.layer, "Q" if smoothed else "Y"
    if stage.kind == "backward":
        yield f"dZ{n} = (A{n} − {target}) / m", f"dZ{n} = (A{n} − {target}) / m"
        return
    yield f"A{n} = exp(Z{n}) / Σₖ exp(Z{n})", f"A{n} = Z{n} / ℓ"
    if smoothed:
        yield "Q = (1 − s)·Y + s / K", "Q = Y"
    yield f"ℓ = −Σₖ {target} ⊙ log A{n}", f"ℓ = Σₖ {target} ⊙ A{n}"
    yield "L = Σ ℓ / m", "1 = Σ ℓ / m"


def _activation(stage: Stage) -> Iterator[tuple[str, str]]:
    names = {"x": stage.input, "a": f"A{stage.layer}", "T": f"T{stage.layer}"}
    names |= {"dx": f"d{stage.input}", "da": f"dA{stage.layer}"}
    if stage.kind == "backward":
        yield (
            f"{names['dx']} = {_BACKWARD[stage.operation].format(**names)}",
            "{dx} = {da} ⊙ {x}".format(**names),
        )
        return
    if stage.operation == "gelu":
        text = f"{{T}} = tanh(√(2/π)·({{x}} + {GELU.k}·{{x}}³))"
        yield text.format(**names), "{x} = {x}".format(**names)
    yield f"{names['a']} = {_FORWARD[stage.operation].format(**names)}", "{a} = {x}".format(**names)


def _update(stage: Stage, decays: bool) -> Iterator[tuple[str, str]]:
    if stage.operation == "sgd":
        for name in stage.outputs:
            yield f"{name} ← {name} − α·d{name}", f"{name} ← {name} − d{name}"
        return
    yield f"θ = ({_list(stage.outputs)})", "θ"
    yield f"g = ({_list(tuple(f'd{name}' for name in stage.outputs))})", "θ"
    if decays:
        weights = [name for name in stage.outputs if name.startswith("W")]
        yield "W ← (1 − α·λ)·W", ", ".join(weights)
    for rule in _UPDATE[stage.operation]:
        yield rule, "θ"


def _list(names: tuple[str, ...]) -> str:
    """Join the names; of more than six, only the first and the last two."""
    if len(names) > 6:
        names = (*names[:2], "…", *names[-2:])
    return ", ".join(names)
