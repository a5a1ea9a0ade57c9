"""The network of a run with what another program must know to use it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.nn.batch_norm import BatchNorm
from core.nn.layers import Linear
from core.nn.network import Network
from core.text import printable
from core.training.trainer import Trainer

Arrays = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Model:
    """The network of a run after some steps.

    name: of the run. activation: of the hidden layers. shape: (height, width) of its images.
    """

    name: str
    network: Network
    activation: str
    class_names: tuple[str, ...]
    shape: tuple[int, int]
    steps: int

    @classmethod
    def of(cls, name: str, trainer: Trainer) -> "Model":
        """Returns the network as the trainer has it now; it is not copied."""
        _, height, width = trainer.dataset.train_images.shape
        return cls(
            printable(name),
            trainer.network,
            trainer.config.activation,
            trainer.dataset.class_names,
            (height, width),
            trainer.steps,
        )

    @property
    def description(self) -> str:
        """What it is, in a line: 784-128-64-10, relu, after 4,300 steps."""
        sizes = "-".join(map(str, self.network.sizes))
        hidden = f", {self.activation}" if len(self.network.sizes) > 2 else ""
        return f"{sizes}{hidden}, after {self.steps:,} steps"

    @property
    def has_batch_norm(self) -> bool:
        return self.network.statistics.size > 0

    def arrays(self) -> Arrays:
        """Returns the arrays by name: W1, b1, and so on, and for batch normalization gamma1,
        beta1, mean1 and variance1. W is (n_out, n_in), the others are (n,)."""
        return dict(self._arrays())

    def _arrays(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        number = 0
        for layer in self.network.layers:
            if isinstance(layer, Linear):
                number += 1
                yield f"W{number}", layer.W.astype(np.float32)
                yield f"b{number}", layer.b[:, 0].astype(np.float32)
            elif isinstance(layer, BatchNorm):
                for name in ("gamma", "beta", "mean", "variance"):
                    yield f"{name}{number}", getattr(layer, name)[:, 0].astype(np.float32)
