"""The complete state of a run after a step, as one value: restore it, compare it or save it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.config.config import SETTINGS, Config
from core.metrics import EpochAverages
from core.nn import optimizers
from core.nn.optimizers import OptimizerState
from core.nn.schedules import Plateau
from core.training.early_stopping import EarlyStopping
from core.training.loss_health import LossHealth
from core.types import Floats

_OVERHEAD = 4000  # bytes besides the arrays, for numbers and random generators, rounded up


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A run after `steps` batches. Its arrays are read-only copies.

    epochs: completed epochs; position: images of the current epoch used so far.
    seconds: time spent in training steps so far.
    stopped: whether the run ended early.
    parameters, statistics: (n,) and (s,), like those of core.nn.network.Network.
    shuffle_rng: the state of the random generator before it drew the order of the images in the
        current epoch, which takes a thousandth of the memory of the order itself.
    dropout_rng, augment_rng: the states of the random generators for dropout and augmentation.
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
    loss_health: LossHealth
    epoch_averages: EpochAverages
    shuffle_rng: Mapping[str, Any]
    dropout_rng: Mapping[str, Any]
    augment_rng: Mapping[str, Any]

    @property
    def nbytes(self) -> int:
        """An upper bound of its memory in bytes; checkpoints may share arrays."""
        arrays = (*self.optimizer_state.moments.values(), *self.early_stopping.weights)
        arrays += (self.parameters, self.statistics)
        return _OVERHEAD + sum(array.nbytes for array in arrays)

    def for_other_data(self) -> "Checkpoint":
        """Returns the state from which the run continues with other images.

        The epoch starts over, and what was measured on the previous images is dropped: the lowest
        losses, the weights that early stopping kept, and the averages.
        """
        plateau = Plateau()
        plateau.factor = self.plateau.factor
        return replace(
            self,
            position=0,
            stopped=False,
            plateau=plateau,
            early_stopping=EarlyStopping(),
            loss_health=LossHealth(),
            epoch_averages=EpochAverages(),
        )

    def fits(self, other: "Checkpoint") -> bool:
        """Whether both are of networks of the same layers, so that one run can restore both."""
        shape, state = other.parameters.shape, self.optimizer_state
        optimizer = optimizers.create(self.config.optimizer, np.zeros(1, np.float32), 0, 0)
        vectors = [self.parameters, *state.moments.values(), *self.early_stopping.weights[:1]]
        statistics = [self.statistics, *self.early_stopping.weights[1:]]
        return (
            all(vector.shape == shape for vector in vectors)
            and all(vector.shape == other.statistics.shape for vector in statistics)
            and state.moments.keys() == optimizer.moments.keys()
            and all(
                getattr(self.config, name) == getattr(other.config, name)
                for name, setting in SETTINGS.items()
                if setting.applies == "restart"
            )
        )
