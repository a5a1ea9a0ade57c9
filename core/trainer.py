"""The training loop: one run of one network on one dataset, advanced batch by batch.

Run, pause, single step, headless and tests all call the same `step`, which returns what
happened and draws nothing. All that a run is stands in the attributes.
"""

from time import perf_counter

import numpy as np

from core import optimizers
from core.config import SETTINGS, Config
from core.dataset import Dataset, Gather, Part
from core.errors import ConfigError, Diverged
from core.events import Change, Evaluation, Step
from core.losses import cross_entropy, cross_entropy_gradient, softmax
from core.network import Network

_EVALUATION_BATCH = 500


class Trainer:
    """A run of `config` on `dataset`. Same config, same data, same machine: same numbers.

    Raises ConfigError if the config does not fit the data.
    """

    def __init__(self, config: Config, dataset: Dataset) -> None:
        self.config = config
        self.dataset = dataset
        # One stream of random numbers for each purpose, so that none shifts another.
        seeds = np.random.SeedSequence(config.seed).spawn(3)
        splitting, weights, shuffling = map(np.random.default_rng, seeds)
        self.training, self.watched = dataset.split(config.validation, splitting)
        self._check_batch_size(config)

        classes = len(dataset.class_names)
        self.network = Network((self.training.pixels, *config.hidden, classes))
        self.network.initialize(config.initialization, weights)
        self.optimizer = optimizers.make(config, self.network.parameters)

        self.steps = 0  # batches trained so far
        self.epochs = 0  # epochs completed so far
        self.position = 0  # images of the epoch under way used so far
        self.seconds = 0.0  # time spent in training steps so far
        self.rng = shuffling
        self.order = self.rng.permutation(self.training.indices)
        self._gather = Gather(self.training, config.batch_size)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.epochs >= self.config.epochs

    def step(self) -> Step:
        """Trains on one batch; at the end of an epoch also evaluates the watched part.

        Raises Diverged, with the parameters as before, if loss or gradient are not finite.
        """
        start = perf_counter()
        batch = self.order[self.position : self.position + self.config.batch_size]
        labels = self.training.labels[batch]
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            logits = self.network.forward(self._gather(batch))
            loss = float(cross_entropy(logits, labels).mean())
            accuracy = float(np.mean(logits.argmax(axis=1) == labels))
            self.network.backward(cross_entropy_gradient(logits, labels))
            gradient = self.network.gradient
            if not (np.isfinite(loss) and np.isfinite(gradient @ gradient)):
                raise Diverged(self.steps + 1, self.config.learning_rate)
            self.optimizer.update(self.network.parameters, gradient, self.config.learning_rate)
        self.steps += 1
        self.position += len(batch)
        epoch, position = self.epochs + 1, self.position
        if self.position == len(self.order):
            self._next_epoch()
        self.seconds += perf_counter() - start
        return Step(
            step=self.steps,
            epoch=epoch,
            position=position,
            of=len(self.order),
            images=len(batch),
            loss=loss,
            accuracy=accuracy,
            learning_rate=self.config.learning_rate,
            seconds=self.seconds,
            evaluation=self.evaluate(self.watched) if self.position == 0 else None,
        )

    def evaluate(self, part: Part) -> Evaluation:
        """How the network as it is now does on `part`; changes nothing of the run."""
        gather = Gather(part, min(_EVALUATION_BATCH, len(part)))
        labels = part.labels[part.indices]
        losses = np.empty(len(part), np.float32)
        probabilities = np.empty((len(part), len(self.dataset.class_names)), np.float32)
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            for start in range(0, len(part), _EVALUATION_BATCH):
                rows = slice(start, start + _EVALUATION_BATCH)
                logits = self.network.forward(gather(part.indices[rows]))
                losses[rows] = cross_entropy(logits, labels[rows])
                probabilities[rows] = softmax(logits)
        accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
        for array in (labels, probabilities):
            array.flags.writeable = False
        loss = float(losses.mean(dtype=np.float64))
        return Evaluation(
            self.steps, part.name, loss, accuracy, part.indices, labels, probabilities
        )

    def change(self, **values: object) -> list[Change]:
        """Changes settings that apply at the next batch; returns what really changed.

        Raises ConfigError, with nothing changed, on a wrong value or on a setting that needs
        a new network.
        """
        config = self.config.replace(**values)
        changes = [
            Change(self.steps, name, getattr(self.config, name), getattr(config, name))
            for name in values
            if getattr(self.config, name) != getattr(config, name)
        ]
        for change in changes:
            if SETTINGS[change.field].applies == "reset":
                label = SETTINGS[change.field].label
                raise ConfigError(change.field, f"{label} needs a new network: it applies at reset")
        self._check_batch_size(config)
        under_way = self.epochs + (self.position > 0)
        if config.epochs < under_way:
            raise ConfigError(
                "epochs", f"epochs must be at least {under_way}, those begun, got {config.epochs}"
            )
        if config.batch_size > self.config.batch_size:
            self._gather = Gather(self.training, config.batch_size)
        if config.optimizer != self.config.optimizer:
            self.optimizer = optimizers.make(config, self.network.parameters)
        self.config = config
        return changes

    def _next_epoch(self) -> None:
        self.epochs += 1
        self.position = 0
        self.order = self.rng.permutation(self.training.indices)

    def _check_batch_size(self, config: Config) -> None:
        if config.batch_size > len(self.training):
            raise ConfigError(
                "batch_size",
                f"batch size must be at most {len(self.training):,}, the number of training "
                f"images, got {config.batch_size:,}",
            )
