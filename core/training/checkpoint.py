"""All that a run is at one moment, as one value: to go back to, to compare, to keep on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.config.config import Config
from core.nn.optimizers import OptimizerState
from core.nn.schedules import Plateau
from core.training.early_stopping import EarlyStopping
from core.types import Floats

# What the numbers and generators of a state take besides its arrays, rounded up.
_SMALL_THINGS = 4000


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A run after `steps` batches. Its arrays are copies that cannot be written to.

    parameters, statistics: (n,) and (s,), as those of core.network.Network.
    memory: what the optimiser remembers. seconds: of training on the way here.
    shuffling: the state of the random generator from which the order of the images in the epoch
    under way was drawn, which is a thousandth of the order itself; dropping, changing: those of
    the generators for dropout and for changed images.
    """

    config: Config
    steps: int
    epochs: int
    position: int
    seconds: float
    stopped: bool
    parameters: Floats
    statistics: Floats
    optimizer_state: OptimizerState
    plateau: Plateau
    early_stopping: EarlyStopping
    shuffle_rng: Mapping[str, Any]
    dropout_rng: Mapping[str, Any]
    augment_rng: Mapping[str, Any]

    @property
    def nbytes(self) -> int:
        """The memory it takes, a little more rather than less: some arrays states can share."""
        arrays = (*self.optimizer_state.moments.values(), *self.early_stopping.weights)
        arrays += (self.parameters, self.statistics)
        return _SMALL_THINGS + sum(array.nbytes for array in arrays)
