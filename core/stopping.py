"""Early stopping: the end of a run whose held-out loss no longer falls, with the best weights."""

import math

import numpy as np

from core.network import Network


class EarlyStopping:
    """Remembers the weights of the epoch with the lowest held-out loss.

    Source: Prechelt 1998, "Early Stopping - But When?".
    """

    def __init__(self) -> None:
        self.best_loss = math.inf
        self.best_epoch = 0
        self._weights: list[np.ndarray] = []

    def note(self, loss: float, epoch: int, network: Network) -> None:
        """Takes note of the held-out loss at the end of an epoch."""
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, epoch
            self._weights = [network.parameters.copy(), network.statistics.copy()]

    @property
    def message(self) -> str:
        """What a person should know when the run has stopped."""
        return (
            f"stopped early: the held-out loss was lowest after epoch {self.best_epoch}, whose "
            "weights are back"
        )

    def restore(self, network: Network) -> None:
        """Puts the best weights back into the network."""
        if self._weights:
            network.parameters[:], network.statistics[:] = self._weights
