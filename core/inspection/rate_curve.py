"""Suggests a learning rate from the losses of batches at growing rates.

Source: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.text import significant

_WIDTH = 0.05  # of a Gaussian that smooths the curve, as a share of the batches
_CLEAR = 0.1  # how much the loss has to fall, as a share of the loss at the start
_FALLEN = 0.97  # the share of the fall at the suggested rate
_RISEN = 1.5  # times the loss at the start, when it falls at no rate
_SMALLEST_SHARE = 0.01  # of the setting, for a suggestion
_FEWEST = 10  # batches to read a curve from
_ALL_ZERO = "its weights are all 0 and get no gradient. Restart with another initialization."
_NO_GRADIENT = (
    "hardly any gradient reaches its weights, for example because all units of a layer are dead. "
    "Restart with a lower learning rate, or with another initialization or activation."
)


@dataclass(frozen=True, slots=True, eq=False)
class FoundRate:
    """The result of `core.find_rate`.

    rates, losses, smoothed: for each batch, its learning rate, its loss in nats, and the loss
        averaged over its neighbors: (n,).
    suggested: the rate by which the loss has nearly reached its lowest; cautious: a tenth of
        the rate with the lowest loss, at most the suggested one. For a network that no longer
        improves within a few batches, a tenth and a thirtieth of the rate at which the loss has
        risen by half. Both are None if nothing can be found.
    reason: says why, in one or two sentences.
    share: of the setting that the schedule of the run uses at most from here on. The suggestions
        are for the setting; this share of them is a rate on the curve.
    """

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    smoothed: NDArray[np.float64]
    suggested: float | None
    cautious: float | None
    reason: str
    share: float = 1.0

    def for_schedule(self, share: float, schedule: str) -> "FoundRate":
        """Returns the suggestions for a setting if the schedule uses at most `share` of it."""
        if self.suggested is None or self.cautious is None or share == 1:
            return self
        if share < _SMALLEST_SHARE:
            reason = (
                f"No suggestion: from here on, the {schedule} schedule uses less than "
                f"{_SMALLEST_SHARE:.0%} of the learning rate, so a new value has almost no effect. "
                "Search again at the start of a new run."
            )
            return replace(self, suggested=None, cautious=None, reason=reason)
        suggested, cautious = _rounded(self.suggested / share), _rounded(self.cautious / share)
        reason = (
            f"{self.reason} The {schedule} schedule uses at most {share:.0%} of the setting from "
            f"here on, so set the learning rate to {significant(suggested)} to reach "
            f"{significant(self.suggested)}. A new run uses all of it; search again at its start."
        )
        return replace(self, suggested=suggested, cautious=cautious, reason=reason, share=share)


def nothing_found(reason: str) -> FoundRate:
    """The result of a search that could not begin."""
    none = np.empty(0)
    return FoundRate(none, none, none, None, None, reason)


def read_curve(
    rates: NDArray[np.float64],
    losses: NDArray[np.float64],
    guessing: float,
    zeros: bool = False,
) -> FoundRate:
    """Reads a suggestion off the losses at growing rates.

    guessing: the loss of equal probabilities, ln(classes). A network that is not better and
    improves at no rate cannot learn. zeros: whether all its weights are 0, which is the reason.
    """
    smoothed = _smooth(losses) if len(losses) else losses
    found = partial(FoundRate, rates, losses, smoothed)
    if len(losses) < _FEWEST:
        return found(
            None,
            None,
            "The loss diverges at once. No rate helps these weights: go back, or restart.",
        )
    start, lowest = float(smoothed[0]), int(smoothed.argmin())
    fall = start - float(smoothed[lowest])
    if fall > _CLEAR * start:
        place = int(np.argmax(smoothed <= start - _FALLEN * fall))
        cautious = min(rates[lowest] / 10, rates[place])
        reason = (
            f"The training loss falls from {start:.2f} to {smoothed[lowest]:.2f} nats up to a rate "
            f"of {_text(rates[lowest])}. Suggested: the rate that reaches {_FALLEN:.0%} of this "
            f"drop. Cautious: a tenth of {_text(rates[lowest])}, at most the suggested rate."
        )
        return found(_rounded(rates[place]), _rounded(cautious), reason)
    risen = smoothed > _RISEN * start
    if start > (1 - _CLEAR) * guessing or not risen.any():
        reason = (
            "The training loss does not fall at any learning rate. The network cannot learn as it "
            "is: " + (_ALL_ZERO if zeros else _NO_GRADIENT)
        )
        return found(None, None, reason)
    limit = float(rates[int(risen.argmax())])
    reason = (
        f"The network has been trained, and within a few batches no rate lowers its training "
        f"loss. At {significant(limit, 2)} it has risen by half; the suggested rate is a tenth of "
        "that, the cautious one a thirtieth."
    )
    return found(_rounded(limit / 10), _rounded(limit / 30), reason)


def _smooth(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Averages each loss with its neighbors on both sides, so that nothing moves to the right."""
    width = max(1.0, _WIDTH * len(losses))
    offsets = np.arange(-int(3 * width), int(3 * width) + 1)
    weights = np.exp(-0.5 * (offsets / width) ** 2)
    reach = len(offsets) // 2
    total = np.convolve(losses, weights)[reach : reach + len(losses)]
    return total / np.convolve(np.ones_like(losses), weights)[reach : reach + len(losses)]


def _rounded(rate: float) -> float:
    """Two significant digits."""
    return float(f"{rate:.1e}")


def _text(rate: float) -> str:
    """At most two significant digits: 0.013 or 10, not 1e+01."""
    return significant(rate, 2)
