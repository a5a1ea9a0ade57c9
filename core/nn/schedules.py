"""Learning rate schedules: the factor of the learning rate at a given time of the run.

Time is in epochs, with fractions, so that changing the batch size does not move the schedule.
"""

import math
from collections.abc import Mapping
from typing import Any


def factor(
    schedule: str,
    time: float,
    *,
    epochs: int,
    warmup: float,
    decay_factor: float,
    decay_epochs: int,
) -> float:
    """Returns the factor of the learning rate at t = `time` epochs after the start.

    With T = `epochs`, d = `decay_factor` and E = `decay_epochs`:
    - constant: 1;
    - step: d^⌊t/E⌋;
    - exponential: d^(t/E);
    - cosine: ½ (1 + cos(π t/T)) (Loshchilov and Hutter 2017, arXiv:1608.03983);
    - one-cycle: along a cosine from 1/25 up to 1 at 0.3 T, then down to 1e-5 at T (Smith and
      Topin 2018, arXiv:1708.07120);
    - plateau: 1; `Plateau` keeps its factor.

    For the first `warmup` epochs, the factor also rises linearly from 0.01 of its value to all of
    it (Goyal et al. 2017, arXiv:1706.02677).
    """
    share = min(time / epochs, 1.0)
    match schedule:
        case "step":
            value = decay_factor ** math.floor(time / decay_epochs)
        case "exponential":
            value = decay_factor ** (time / decay_epochs)
        case "cosine":
            value = _cosine(1.0, 0.0, share)
        case "one-cycle":
            rise = 0.3
            if share < rise:
                value = _cosine(1 / 25, 1.0, share / rise)
            else:
                value = _cosine(1.0, 1e-5, (share - rise) / (1 - rise))
        case _:
            value = 1.0
    if time < warmup:
        value *= 0.01 + 0.99 * time / warmup
    return value


class Plateau:
    """Lowers the learning rate when the loss has not fallen for a number of epochs."""

    def __init__(self) -> None:
        self.factor = 1.0
        self._best = math.inf
        self._waited = 0

    def state(self) -> dict[str, float | None]:
        """Returns the factor, the lowest loss (None if there is none) and the epochs since."""
        best = self._best if math.isfinite(self._best) else None
        return {"factor": self.factor, "best_loss": best, "epochs_since": self._waited}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state` returned."""
        best = state["best_loss"]
        self.factor = float(state["factor"])
        self._best = math.inf if best is None else float(best)
        self._waited = int(state["epochs_since"])

    def note(self, loss: float, factor: float, patience: int) -> None:
        """Call it after each epoch with the loss on the evaluation set.

        After `patience` epochs without a lower loss, multiplies `self.factor` by `factor`.
        """
        if loss < self._best:
            self._best, self._waited = loss, 0
            return
        self._waited += 1
        if self._waited >= patience:
            self.factor *= factor
            self._waited = 0


def _cosine(start: float, end: float, share: float) -> float:
    """Goes from start (share 0) to end (share 1) along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
