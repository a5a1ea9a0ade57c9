"""The update of a step: the calculation for one parameter, and the size of each layer's change."""

from dataclasses import dataclass

import numpy as np

from core.inspection.step_trace import StepTrace
from core.nn.optimizers import Adam, RMSProp
from core.text import significant

HEALTHY = -3.0
"""A usual value of log10(‖change of W‖ / ‖W‖). Far below it a layer hardly learns, far above it
training is unstable.

Source: Karpathy, CS231n, https://cs231n.github.io/neural-networks-3/#ratio.
"""


@dataclass(frozen=True, slots=True)
class ParameterUpdate:
    """The update of one parameter, which is a single number.

    name: such as "W1[3, 17]", counted from 0. before, after: its value.
    gradient: dL/d(parameter), including L2 penalty and clipping.
    moments: (name, before, after) of each moment that the optimizer keeps for it.
    calculation: the last equation of the update with its numbers.
    """

    name: str
    before: float
    gradient: float
    moments: tuple[tuple[str, float, float], ...]
    after: float
    calculation: str

    @property
    def change(self) -> float:
        return self.after - self.before


def parameter_update(trace: StepTrace, name: str, row: int, column: int = 0) -> ParameterUpdate:
    """Returns the update of one number of "W1", "b1", …; raises KeyError if the step diverges."""
    before, after = trace.parameters_before[name], trace.array(name)
    gradient = float(trace.array(f"d{name}")[row, column])
    moments = []
    for moment, vector_before in trace.optimizer_before.moments.items():
        scale = _moment_scale(trace, moment)
        vectors = vector_before, trace.optimizer_after.moments[moment]
        old, new = (float(trace.split(vector)[name][row, column]) * scale for vector in vectors)
        moments.append((moment, old, new))
    position = f"{row}, {column}" if name.startswith("W") else f"{row}"
    old, new, rate = float(before[row, column]), float(after[row, column]), trace.learning_rate
    decay = rate * trace.config.weight_decay * name.startswith("W")
    factor = f"{1 - decay:.7g}·" if decay else ""
    direction = _direction(trace, gradient, {moment: value for moment, _, value in moments})
    return ParameterUpdate(
        name=f"{name}[{position}]",
        before=old,
        gradient=gradient,
        moments=tuple(moments),
        after=new,
        calculation=f"{significant(new)} = {factor}{_number(old, 6)} "
        f"− {significant(rate, 4)}·{direction}",
    )


def update_ratios(trace: StepTrace) -> tuple[float, ...]:
    """Returns log10(‖change of W‖ / ‖W‖) of each layer, from the first. Compare with HEALTHY.

    It is -inf if W does not change, inf if W was 0, and NaN if both are so or the step diverges.
    """
    if trace.diverged:
        return (np.nan,) * (len(trace.config.hidden) + 1)
    ratios = []
    for layer in range(1, len(trace.config.hidden) + 2):
        before = trace.parameters_before[f"W{layer}"].astype(np.float64)
        change = np.linalg.norm(trace.array(f"W{layer}") - before)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios.append(float(np.log10(change) - np.log10(np.linalg.norm(before))))
    return tuple(ratios)


def coefficients(trace: StepTrace) -> dict[str, float]:
    """Returns the constants in the equations of the update, by their letters."""
    config, t = trace.config, trace.optimizer_after.t
    letters = {"α": trace.learning_rate}
    if config.weight_decay:
        letters["λ"] = config.weight_decay
    match config.optimizer:
        case "momentum" | "nesterov":
            letters["μ"] = config.momentum
        case "rmsprop":
            letters["ρ"] = config.beta2
        case "adam" | "adamw":
            letters |= {"β₁": config.momentum, "β₂": config.beta2, "t": t}
            letters |= {"c₁": 1 - config.momentum**t, "c₂": 1 - config.beta2**t}
    if config.optimizer in ("adagrad", "rmsprop", "adam", "adamw"):
        letters["ε"] = RMSProp.epsilon
    return letters


def _moment_scale(trace: StepTrace, moment: str) -> float:
    """Returns the factor of a stored moment: Adam stores its moments without the factor 1 − β."""
    if trace.config.optimizer not in ("adam", "adamw"):
        return 1.0
    return 1 - (trace.config.momentum if moment == "m" else trace.config.beta2)


def _direction(trace: StepTrace, gradient: float, moments: dict[str, float]) -> str:
    """Returns what the learning rate is multiplied by, with numbers."""
    c = coefficients(trace)
    g = _number(gradient)
    match trace.config.optimizer:
        case "sgd":
            return g
        case "momentum":
            return _number(moments["v"])
        case "nesterov":
            return f"({g} + {c['μ']:g}·{_number(moments['v'])})"
        case "adagrad" | "rmsprop":
            return f"{g} / (√{significant(moments['s'], 4)} + {significant(c['ε'])})"
        case _:
            mean = f"({_number(moments['m'])} / {c['c₁']:.4g})"
            square = f"{significant(moments['v'], 4)} / {c['c₂']:.4g}"
            return f"{mean} / (√({square}) + {significant(Adam.epsilon)})"


def _number(value: float, digits: int = 4) -> str:
    """Returns the number as text, in parentheses if it is negative."""
    text = significant(value, digits)
    return f"({text})" if value < 0 else text
