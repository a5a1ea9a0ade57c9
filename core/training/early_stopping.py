"""Early stopping: the end of a run whose held-out loss no longer falls, with the best weights."""

import math

from core.nn.network import Network
from core.types import Floats, frozen


class EarlyStopping:
    """Remembers the weights of the epoch with the lowest held-out loss.

    Source: Prechelt 1998, "Early Stopping - But When?".
    """

    def __init__(self) -> None:
        self.best_loss = math.inf
        self.best_epoch = 0
        self.weights: tuple[Floats, ...] = ()  # parameters and statistics, never written to

    def note(self, loss: float, epoch: int, network: Network) -> None:
        """Takes note of the held-out loss at the end of an epoch."""
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, epoch
            self.weights = frozen(network.parameters), frozen(network.statistics)

    @property
    def message(self) -> str:
        """What a person should know when the run has stopped."""
        return (
            f"stopped early: the held-out loss was lowest after epoch {self.best_epoch}, whose "
            "weights are back"
        )

    def restore(self, network: Network) -> None:
        """Puts the best weights back into the network."""
        if self.weights:
            network.parameters[:], network.statistics[:] = self.weights
