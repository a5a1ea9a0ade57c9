"""The last step with a usual loss: where to go back to after a run diverged."""

from collections.abc import Mapping
from typing import Any

from core.metrics import RunningAverage

_SMOOTHING = 0.9
_UNHEALTHY = 2.25  # times the running average


class LossHealth:
    """Finds the last step before the loss jumped.

    A step is healthy if the loss of the batch after it was at most 2.25 times the running average
    of the losses before. A larger one enters the average as if it was 2.25 times the average.
    """

    def __init__(self) -> None:
        self.last_healthy_step = 0
        self._average = RunningAverage(_SMOOTHING)

    def add(self, step: int, loss: float) -> None:
        """Adds the loss of the batch of a step, before its update."""
        limit = _UNHEALTHY * self._average.value
        if loss > limit:
            loss = limit  # or a huge loss would soon count as usual
        else:
            self.last_healthy_step = step - 1
        self._average.add(loss)

    def state(self) -> dict[str, float]:
        """Returns the step, and the state of the running average."""
        return {"last_healthy_step": self.last_healthy_step, **self._average.state()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state` returned."""
        self.last_healthy_step = int(state["last_healthy_step"])
        self._average.load_state(state)

    def copy(self) -> "LossHealth":
        other = LossHealth()
        other.last_healthy_step = self.last_healthy_step
        other._average = self._average.copy()
        return other
