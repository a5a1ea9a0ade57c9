"""The training loop: one run of one network on one dataset, advanced batch by batch.

Run, pause, single step, headless and tests all call the same `step`, which returns what
happened and draws nothing. All that a run is stands in the attributes.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter

import numpy as np

from core import augmentation, optimizers, schedules
from core.config import SETTINGS, Config
from core.dataset import Dataset, Gather, Part
from core.errors import ConfigError, Diverged
from core.events import Change, Evaluation, Step
from core.losses import CrossEntropy
from core.network import Network
from core.stopping import EarlyStopping
from core.types import Bytes, Indices

_EVALUATION_BATCH = 500
_MOST_PARAMETERS = 50_000_000  # with gradient and two moments, 800 MB


class Trainer:
    """A run of `config` on `dataset`. Same config, same data, same machine: same numbers.

    Raises ConfigError if the config does not fit the data.
    """

    def __init__(self, config: Config, dataset: Dataset) -> None:
        self.config = config
        self.dataset = dataset
        # One stream of random numbers for each purpose, so that none shifts another.
        seeds = np.random.SeedSequence(config.seed).spawn(5)
        splitting, weights, shuffling, dropping, changing = map(np.random.default_rng, seeds)
        self.training, self.watched = dataset.split(config.validation, splitting)
        self._check_batch_size(config)
        self._check_memory(config)

        classes = len(dataset.class_names)
        sizes = (self.training.pixels, *config.hidden, classes)
        self.network = Network(
            sizes, config.activation, config.batch_norm, scale=1 / 255, dropout=dropping
        )
        self.network.initialize(config.initialization, weights, config.deviation)
        self.optimizer = optimizers.make(config, self.network.parameters)
        self.plateau = schedules.Plateau()
        self.stopping = EarlyStopping()

        self.steps = 0  # batches trained so far
        self.epochs = 0  # epochs completed so far
        self.position = 0  # images of the epoch under way used so far
        self.seconds = 0.0  # time spent in training steps so far
        self.stopped = False  # whether the run ended early
        self.shuffling = shuffling
        self.changing = changing
        self.order = self.shuffling.permutation(self.training.indices)
        self._gather = Gather(self.training, config.batch_size)
        dtype = self.network.parameters.dtype
        self._loss = CrossEntropy(classes, dtype, config.label_smoothing)
        self._evaluation_loss = CrossEntropy(classes, dtype)
        self.network.set_dropout(config.dropout)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or the run stopped early."""
        return self.stopped or self.epochs >= self.config.epochs

    @property
    def learning_rate(self) -> float:
        """The rate in force at the next batch, as the schedule has it."""
        factor = schedules.factor(self.config, self.time)
        return self.config.learning_rate * factor * self.plateau.factor

    @property
    def time(self) -> float:
        """Epochs done so far, with the share of the one under way."""
        return self.epochs + self.position / len(self.order)

    def step(self) -> Step:
        """Trains on one batch; at the end of an epoch also evaluates the watched part.

        Raises Diverged, with the parameters as before, if loss or gradient are not finite.
        """
        start = perf_counter()
        rate = self.learning_rate
        batch = self.order[self.position : self.position + self.config.batch_size]
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            loss, accuracy = self._learn(batch, rate)
        self.steps += 1
        self.position += len(batch)
        epoch, position = self.epochs + 1, self.position
        if self.position == len(self.order):
            self.epochs += 1
            self.position = 0
            self.order = self.shuffling.permutation(self.training.indices)
        self.seconds += perf_counter() - start
        return Step(
            step=self.steps,
            epoch=epoch,
            position=position,
            of=len(self.order),
            images=len(batch),
            loss=loss,
            accuracy=accuracy,
            learning_rate=rate,
            seconds=self.seconds,
            evaluation=self._end_epoch() if self.position == 0 else None,
        )

    def evaluate(self, part: Part) -> Evaluation:
        """How the network as it is now does on `part`; changes nothing of the run."""
        evaluation = self.evaluate_while(part, lambda share: True)
        assert evaluation is not None
        return evaluation

    def evaluate_while(self, part: Part, go_on: Callable[[float], bool]) -> Evaluation | None:
        """As `evaluate`; before each of its batches asks `go_on`, with the share that is done,
        and ends with None when told not to."""
        gather = Gather(part, min(_EVALUATION_BATCH, len(part)))
        labels = part.labels[part.indices]
        losses = np.empty(len(part), np.float32)
        probabilities = np.empty((len(part), len(self.dataset.class_names)), np.float32)
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            for start in range(0, len(part), _EVALUATION_BATCH):
                if not go_on(start / len(part)):
                    return None
                rows = slice(start, start + _EVALUATION_BATCH)
                logits = self.network.forward(gather(part.indices[rows]))
                losses[rows] = self._evaluation_loss.forward(logits, labels[rows])
                probabilities[rows] = self._evaluation_loss.probabilities.T
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
        changed = {change.field for change in changes}
        for name in changed:
            if SETTINGS[name].applies == "reset":
                raise ConfigError(
                    name, f"{SETTINGS[name].label} needs a new network: it applies at reset"
                )
        self._check_batch_size(config)
        under_way = self.epochs + (self.position > 0)
        if config.epochs < under_way:
            raise ConfigError(
                "epochs", f"epochs must be at least {under_way}, those begun, got {config.epochs}"
            )
        if config.batch_size > self.config.batch_size:
            self._gather = Gather(self.training, config.batch_size)
        if "optimizer" in changed:
            self.optimizer = optimizers.make(config, self.network.parameters)
        optimizers.adjust(self.optimizer, config)
        self.network.set_dropout(config.dropout)
        self._loss.smoothing = config.label_smoothing
        if "schedule" in changed:
            self.plateau = schedules.Plateau()
        if "patience" in changed:
            self.stopping = EarlyStopping()
        if changed & {"patience", "epochs"}:
            self.stopped = False
        self.config = config
        return changes

    def _learn(self, batch: Indices, rate: float) -> tuple[float, float]:
        """Trains on the images of these indices; returns loss and accuracy before that."""
        config, network = self.config, self.network
        labels = self.training.labels[batch].astype(np.intp)  # bytes compare slowly with argmax
        augmented = config.flip or config.shift or config.erase
        images = self._gather(batch, self._augment if augmented else None)
        statistics = network.statistics.copy()
        logits = network.forward(images, training=True)
        self._loss.forward(logits, labels)
        loss = float(self._loss.plain.sum()) / len(labels)
        accuracy = np.count_nonzero(logits.argmax(axis=0) == labels) / len(labels)
        network.backward(self._loss.backward())
        gradient = network.gradient
        if config.l2:
            for layer in network.linears:
                layer.dW += config.l2 * layer.W
        square = float(gradient @ gradient)
        if not (math.isfinite(loss) and math.isfinite(square)):
            network.statistics[:] = statistics
            raise Diverged(self.steps + 1, config.learning_rate)
        if 0 < config.clip_norm < math.sqrt(square):
            gradient *= config.clip_norm / math.sqrt(square)
        if config.weight_decay and config.optimizer == "adamw":
            for layer in network.linears:
                layer.W *= 1 - rate * config.weight_decay
        self.optimizer.update(network.parameters, gradient, rate)
        return loss, accuracy

    def _augment(self, images: Bytes) -> None:
        config = self.config
        if config.flip:
            augmentation.flip(images, config.flip, self.changing)
        if config.shift:
            augmentation.shift(images, config.shift, self.changing)
        if config.erase:
            augmentation.erase(images, config.erase, self.changing)

    def _end_epoch(self) -> Evaluation:
        """Evaluates, and lets schedule and early stopping take note of the loss."""
        config = self.config
        evaluation = self.evaluate(self.watched)
        if config.schedule == "plateau":
            self.plateau.note(evaluation.loss, config.decay_factor, config.decay_epochs)
        if config.patience:
            self.stopping.note(evaluation.loss, self.epochs, self.network)
            if self.epochs - self.stopping.best_epoch >= config.patience:
                self.stopped = True
                self.stopping.restore(self.network)
        return evaluation

    def _check_batch_size(self, config: Config) -> None:
        if config.batch_size > len(self.training):
            raise ConfigError(
                "batch_size",
                f"batch size must be at most {len(self.training):,}, the number of training "
                f"images, got {config.batch_size:,}",
            )

    def _check_memory(self, config: Config) -> None:
        sizes = (self.training.pixels, *config.hidden, len(self.dataset.class_names))
        parameters = sum((i + 1) * o for i, o in pairwise(sizes))
        parameters += 2 * sum(config.hidden) * config.batch_norm
        if parameters > _MOST_PARAMETERS:
            raise ConfigError(
                "hidden",
                f"hidden must make at most {_MOST_PARAMETERS:,} parameters, "
                f"got {SETTINGS['hidden'].write(config.hidden)}, which makes {parameters:,}",
            )
