"""Early stopping: ends a run when the validation loss stops falling, and restores the best weights.

Source: Prechelt 1998, "Early Stopping - But When?".
"""

import math
from collections.abc import Mapping
from typing import Any

from core.nn.network import Network
from core.types import Floats, frozen


class EarlyStopping:
    """Keeps a copy of the weights after the epoch with the lowest validation loss."""

    def __init__(self) -> None:
        self.best_loss = math.inf
        self.best_epoch = 0
        self.weights: tuple[Floats, ...] = ()  # parameters and statistics, read-only

    def state(self) -> dict[str, float | None]:
        """Returns the numbers, without the weights; the loss is None before the first epoch."""
        loss = self.best_loss if math.isfinite(self.best_loss) else None
        return {"best_loss": loss, "best_epoch": self.best_epoch}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes over the numbers that `state` returned."""
        loss = state["best_loss"]
        self.best_loss = math.inf if loss is None else float(loss)
        self.best_epoch = int(state["best_epoch"])

    def update(self, loss: float, epoch: int, network: Network) -> None:
        """Records the validation loss after an epoch, and the weights if it is the lowest."""
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, epoch
            self.weights = frozen(network.parameters), frozen(network.statistics)

    @property
    def message(self) -> str:
        """Tells the user why the run stopped."""
        return (
            f"Stopped early: the validation loss was lowest after epoch {self.best_epoch}; its "
            "weights are restored."
        )

    @property
    def unstopped_message(self) -> str:
        """Tells the user which weights are in use at the end of a run that did not stop early."""
        return (
            "The run ended before early stopping; it keeps the last weights. The validation loss "
            f"was lowest after epoch {self.best_epoch}."
        )

    def restore(self, network: Network) -> None:
        """Copies the best weights back into the network."""
        if self.weights:
            network.parameters[:], network.statistics[:] = self.weights
