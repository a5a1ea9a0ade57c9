"""How the learning rate changes over a run: what it is multiplied by, at a time in epochs.

Time is counted in epochs, with fractions, so that a change of the batch size half-way through
does not move the schedule.
"""

import math


def factor(
    schedule: str,
    time: float,
    *,
    epochs: int,
    warmup: float,
    decay_factor: float,
    decay_epochs: int,
) -> float:
    """What the learning rate is multiplied by, `time` epochs after the start.

    With T epochs in all, d the decay factor and E the decay epochs:
    constant: 1; step: d^⌊t/E⌋; exponential: d^(t/E); cosine: ½ (1 + cos(π t/T)) (Loshchilov and
    Hutter 2017, arXiv:1608.03983); one-cycle: up from 1/25 for the first 0.3 T and down to 1e-5
    until T, both along a cosine (Smith and Topin 2018, arXiv:1708.07120). plateau: 1, the
    trainer multiplies it by d. Besides, for `warmup` epochs it rises in a line from a
    hundredth (Goyal et al. 2017, arXiv:1706.02677).
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
    """Multiplies the rate by a factor when the loss has not fallen for so many epochs."""

    def __init__(self) -> None:
        self.factor = 1.0
        self._best = math.inf
        self._waited = 0

    def note(self, loss: float, factor: float, patience: int) -> None:
        """Takes note of the held-out loss at the end of an epoch."""
        if loss < self._best:
            self._best, self._waited = loss, 0
            return
        self._waited += 1
        if self._waited >= patience:
            self.factor *= factor
            self._waited = 0


def _cosine(start: float, end: float, share: float) -> float:
    """From start to end along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
