"""The update of a step: how a parameter gets its new value, and how far each layer moves."""

from dataclasses import dataclass

import numpy as np

from core.inspection.step_trace import StepTrace
from core.nn.optimizers import Adam, RMSProp

HEALTHY = -3.0
"""Around this, as a power of ten of the weights, an update neither crawls nor overthrows.

Source: Karpathy, CS231n, https://cs231n.github.io/neural-networks-3/#ratio.
"""


@dataclass(frozen=True, slots=True)
class Update:
    """What the step does to one parameter.

    name: as "W1[3, 17]", counted from 0; gradient: with penalty and clip, as the optimiser gets it;
    memory: (name, before, after) of what the optimiser remembers of it; worked: the last of the
    equations, with the numbers put in.
    """

    name: str
    before: float
    gradient: float
    memory: tuple[tuple[str, float, float], ...]
    after: float
    worked: str

    @property
    def change(self) -> float:
        return self.after - self.before


def update_of(trace: StepTrace, name: str, row: int, column: int = 0) -> Update:
    """The update of one number of "W1", "b1" and so on; KeyError if the step diverges."""
    before, after = trace.parameters_before[name], trace.array(name)
    gradient = float(trace.array(f"d{name}")[row, column])
    memory = []
    for moment, earlier in trace.optimizer_before.moments.items():
        unit = _unit(trace, moment)
        pair = earlier, trace.optimizer_after.moments[moment]
        was, now = (float(trace.split(each)[name][row, column]) * unit for each in pair)
        memory.append((moment, was, now))
    place = f"{row}, {column}" if name.startswith("W") else f"{row}"
    old, new, rate = float(before[row, column]), float(after[row, column]), trace.learning_rate
    decay = rate * trace.config.weight_decay * name.startswith("W")
    kept = f"{1 - decay:.7g}·" if decay else ""
    direction = _direction(trace, gradient, {moment: now for moment, _, now in memory})
    return Update(
        name=f"{name}[{place}]",
        before=old,
        gradient=gradient,
        memory=tuple(memory),
        after=new,
        worked=f"{new:.6g} = {kept}{_number(old, 6)} − {rate:.4g}·{direction}",
    )


def update_ratios(trace: StepTrace) -> tuple[float, ...]:
    """log10(‖change of W‖ / ‖W‖) of each layer, from the first; HEALTHY says what is usual.

    -inf where nothing changed, inf where all weights were 0, NaN where both or the step diverges.
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
    """The numbers in the equations of the update, by their letters there."""
    config, t = trace.config, trace.optimizer_after.t
    found = {"α": trace.learning_rate}
    if config.weight_decay:
        found["λ"] = config.weight_decay
    match config.optimizer:
        case "momentum" | "nesterov":
            found["μ"] = config.momentum
        case "rmsprop":
            found["ρ"] = config.beta2
        case "adam" | "adamw":
            found |= {"β₁": config.momentum, "β₂": config.beta2, "t": t}
            found |= {"c₁": 1 - config.momentum**t, "c₂": 1 - config.beta2**t}
    if config.optimizer in ("adagrad", "rmsprop", "adam", "adamw"):
        found["ε"] = RMSProp.epsilon
    return found


def _unit(trace: StepTrace, moment: str) -> float:
    """What a moment is to be multiplied by: Adam keeps its own without their factors 1 - β."""
    if trace.config.optimizer not in ("adam", "adamw"):
        return 1.0
    return 1 - (trace.config.momentum if moment == "m" else trace.config.beta2)


def _direction(trace: StepTrace, gradient: float, now: dict[str, float]) -> str:
    """What the learning rate is multiplied by, in numbers."""
    c = coefficients(trace)
    g = _number(gradient)
    match trace.config.optimizer:
        case "sgd":
            return g
        case "momentum":
            return _number(now["v"])
        case "nesterov":
            return f"({g} + {c['μ']:g}·{_number(now['v'])})"
        case "adagrad" | "rmsprop":
            return f"{g} / (√{now['s']:.4g} + {c['ε']:g})"
        case _:
            mean = f"({_number(now['m'])} / {c['c₁']:.4g})"
            return f"{mean} / (√({now['v']:.4g} / {c['c₂']:.4g}) + {Adam.epsilon:g})"


def _number(value: float, digits: int = 4) -> str:
    """The number, in parentheses if it is negative."""
    text = f"{value:.{digits}g}"
    return f"({text})" if value < 0 else text
