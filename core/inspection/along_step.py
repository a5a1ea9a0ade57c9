"""The loss along the direction of a step: what a shorter or a longer step would have done."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.config.config import Config

_AS_GOOD = 0.05  # of what the best size gains; a step that misses no more is as good


@dataclass(frozen=True, slots=True, eq=False)
class LossAlongStep:
    """The result of `core.loss_along_step`: L(w + a·Δw) in nats, for multiples a of a step Δw.

    step, config: of the step. size: ‖Δw‖, 0 if the step changes no parameter.
    multiples: (n,), from 0.01 to 100; one of them is 1.
    batch_loss: L(w) of the batch; batch_losses: (n,), along the step.
    subset: "validation" or "test", whichever the run evaluates; images: how many of its images.
    subset_loss, subset_losses: the same for these images.

    A loss that is not finite is NaN.
    """

    step: int
    config: Config
    size: float
    multiples: NDArray[np.float64]
    batch_loss: float
    batch_losses: NDArray[np.float64]
    subset: str
    images: int
    subset_loss: float
    subset_losses: NDArray[np.float64]

    @property
    def reason(self) -> str:
        """Why there is no curve to look at, in a sentence; empty if there is one."""
        if not self.size:
            return (
                f"This step changes no parameter: the batch loss stays {self.batch_loss:.3f} nats."
            )
        if not np.isfinite(self.batch_losses).any():
            return "The batch loss is not finite at any size of this step."
        return ""

    @property
    def summary(self) -> str:
        """What the step does to the loss of its batch, and which size would be best."""
        if self.reason:
            return self.reason
        taken = float(self.batch_losses[self.multiples == 1][0])
        before, after = _different(self.batch_loss, taken)
        if np.isnan(taken):
            did = f"takes the batch loss from {before} nats to a value that is not finite"
        elif before == after:
            did = f"leaves the batch loss at {before} nats"
        else:
            verb = "lowers" if taken < self.batch_loss else "raises"
            did = f"{verb} the batch loss from {before} to {after} nats"
        return f"This step {did}. In this direction, {self._best}."

    @property
    def _best(self) -> str:
        losses, multiples = self.batch_losses, self.multiples
        place = int(np.nanargmin(losses))
        lowest, taken = float(losses[place]), float(losses[multiples == 1][0])
        gain = self.batch_loss - lowest
        if gain <= 0:
            return "no size lowers it"
        before, best = _different(self.batch_loss, lowest)
        if before == best:
            return "no size up to 100 times the step lowers it noticeably"
        if taken - lowest <= _AS_GOOD * gain:
            return "its size is about the best"
        size = f"about {multiples[place]:.2g} times the step"
        if place == 0:
            size = "a hundredth of the step, the smallest size tried"
        elif place == len(multiples) - 1:
            size = "100 times the step, the largest size tried"
        return f"the lowest loss is {best}, at {size}"


def _different(first: float, second: float) -> tuple[str, str]:
    """The numbers with as many decimals as show that they differ: three to six."""
    for decimals in range(3, 7):
        texts = f"{first:.{decimals}f}", f"{second:.{decimals}f}"
        if texts[0] != texts[1]:
            break
    else:
        texts = f"{first:.3f}", f"{second:.3f}"
    return texts
