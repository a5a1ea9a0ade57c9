"""The training loop: one run of one network on one dataset, advanced batch by batch.

The screen, the command line and the tests all call the same `step`, which returns what happened
and draws nothing. The complete state of a run is in the trainer's attributes.
"""

import math
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from itertools import pairwise
from typing import Any, overload

import numpy as np

from core.config.config import MAX_THREADS, SETTINGS, Config
from core.data.dataset import Dataset, Subset
from core.errors import ConfigError, Diverged
from core.events import Change, Evaluation, RunStarted, Step
from core.metrics import EpochAverages
from core.nn import schedules
from core.nn.blas_threads import usable_cores
from core.nn.network import Network
from core.nn.optimizers import Optimizer
from core.nn.thread_pool import ThreadPool
from core.training.checkpoint import Checkpoint
from core.training.clock import now
from core.training.early_stopping import EarlyStopping
from core.training.evaluation import evaluate
from core.training.gradient_descent import GradientDescent
from core.training.interrupts import DeferredInterrupt
from core.training.limits import batch_size, check_memory, deviations
from core.training.loss_health import LossHealth
from core.training.seeds import seeds, split
from core.training.step_preview import StepPreview
from core.training.symptoms import symptoms
from core.types import Indices, Observer, ShouldContinue, always, frozen, ignore

RESETTING = frozenset({"optimizer", "momentum", "beta2", "schedule", "patience", "epochs"})
"""Settings whose change resets or rescales a state of the run, even if it is undone before the next
step."""

_WARMUP = 100  # steps, before which a network in training may be as bad as an untrained one


class Trainer:
    """A run of `config` on `dataset`.

    The same config, data, machine and number of threads give the same numbers, bit for bit.

    threads: those of the run that this one continues; with 0, as many as `config` says.
    interlude: called before each batch of an evaluation. It may use the network for inference, for
    example on a picture that the user has drawn.

    Raises ConfigError if the config does not fit the data.
    """

    def __init__(self, config: Config, dataset: Dataset, threads: int = 0) -> None:
        self.config = config
        self.dataset = dataset
        _, weights_rng, *others = map(np.random.default_rng, seeds(config))
        self.shuffle_rng, self.dropout_rng, self.augment_rng = others
        self.training_set, self.evaluation_set = split(config, dataset)
        classes = len(dataset.class_names)
        check_memory(config, self.training_set.pixels, classes, len(self.training_set))

        sizes = (self.training_set.pixels, *config.hidden, classes)
        self.network = Network(
            sizes,
            config.activation,
            config.batch_norm,
            scale=1 / 255,
            dropout_rng=self.dropout_rng,
            pool=ThreadPool(threads or config.threads or min(usable_cores(), MAX_THREADS)),
        )
        self.network.initialize(config.initialization, weights_rng, config.deviation)
        self._descent = GradientDescent(
            self.network, self.training_set, config, self.dropout_rng, self.augment_rng
        )
        self.plateau = schedules.Plateau()
        self.early_stopping = EarlyStopping()
        self.loss_health = LossHealth()
        self.epoch_averages = EpochAverages()

        self.steps = 0  # batches trained so far
        self.epochs = 0  # completed epochs
        self.position = 0  # images of the current epoch used so far
        self.seconds = 0.0  # time spent in training steps so far
        self.stopped = False  # whether the run ended early
        self.interlude: Callable[[], object] = ignore
        self._shuffle()

    def started(self, records: Sequence[Any] = ()) -> RunStarted:
        """Returns the event that the run has started. records: see the event."""
        return RunStarted(
            self.config,
            self.dataset,
            self.network.parameters.size,
            len(self.training_set),
            self.evaluation_set.name,
            len(self.evaluation_set),
            self.pool.threads,
            self.step_threads,
            records,
            self.notes,
            evaluation_indices=self.evaluation_set.indices,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was decided about the data, and where the settings do not fit it."""
        sizes = len(self.training_set), len(self.evaluation_set)
        return self.dataset.decisions + deviations(self.config, self.dataset, *sizes)

    @property
    def pool(self) -> ThreadPool:
        """The threads that share large matrix products and updates."""
        return self.network.pool

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer, with its moments."""
        return self._descent.optimizer

    @property
    def step_threads(self) -> int:
        """The most threads that work on a step: on its largest product or on its update."""
        sizes, batch = self.network.sizes, batch_size(self.config, len(self.training_set))
        products = [self.pool.sharers(n_out, n_in, batch) for n_in, n_out in pairwise(sizes)]
        return max(*products, len(self.pool.ranges(self.network.parameters.size)))

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or the run stopped early."""
        return self.stopped or self.epochs >= self.config.epochs

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step, after the schedule."""
        config = self.config
        factor = schedules.factor(
            config.schedule,
            self.time,
            epochs=config.epochs,
            warmup=config.warmup,
            decay_factor=config.decay_factor,
            decay_epochs=config.decay_epochs,
        )
        return config.learning_rate * factor * self.plateau.factor

    @property
    def time(self) -> float:
        """Epochs trained so far, with a fraction for the current one."""
        return self.epochs + self.position / len(self.order)

    @property
    def batch(self) -> Indices:
        """The indices of the images in the next batch: (m,).

        m is `config.batch_size`, less in a smaller training set or for what is left at the end of
        an epoch. With batch normalization, a single image that would be left joins the batch
        before: it has no variance, so all its normalized values would be 0.
        """
        end = self.position + self.config.batch_size
        if self.config.batch_norm and end == len(self.order) - 1:
            end += 1
        return self.order[self.position : end]

    def step(self) -> Step:
        """Trains on one batch. At the end of an epoch, also evaluates the evaluation set.

        Raises Diverged if the loss, its gradient, the running statistics of batch normalization
        or the loss of the evaluation is not finite. Whatever it raises, the run is as before; but
        a Ctrl-C is raised after the step is complete, and what the handler of another signal
        raises may come in the middle of the update.
        """
        with DeferredInterrupt():
            if self.position + len(self.batch) < len(self.order):
                return self._step()
            before = self.checkpoint()
            try:
                return self._step()
            except BaseException:
                self.restore(before)
                raise

    def _step(self) -> Step:
        start = now()
        rate = self.learning_rate
        batch = self.batch
        loss, accuracy = self._descent.step(self.steps, batch, rate)
        self.steps += 1
        self.epoch_averages.add(self.epochs + 1, len(batch), loss, accuracy)
        self.position += len(batch)
        self.loss_health.add(self.steps, loss)
        epoch, position = self.epochs + 1, self.position
        if self.position == len(self.order):
            self.epochs += 1
            self.position = 0
            self._shuffle()
        self.seconds += now() - start
        return Step(
            step=self.steps,
            epoch=epoch,
            position=position,
            epoch_size=len(self.order),
            images=len(batch),
            loss=loss,
            accuracy=accuracy,
            learning_rate=rate,
            seconds=self.seconds,
            evaluation=self._end_epoch(rate) if self.position == 0 else None,
            epoch_loss=self.epoch_averages.loss,
            epoch_accuracy=self.epoch_averages.accuracy,
        )

    def preview_step(self, observe: Observer = ignore) -> StepPreview:
        """Computes the next step, shows it to `observe`, and undoes it: the run is as before.

        observe: called once for each stage of the step, in the order of core.inspection.stages,
            with the stage's arrays. They are reused, so copy what you keep.
        """
        before = self.checkpoint()
        diverged, optimizer_after = None, before.optimizer_state
        with DeferredInterrupt():
            try:
                self._descent.step(self.steps, self.batch, self.learning_rate, observe)
                optimizer_after = self.optimizer.state()
            except Diverged as error:
                diverged = error
            finally:
                self.restore(before)
        return StepPreview(before, optimizer_after, diverged)

    @overload
    def evaluate(self, subset: Subset) -> Evaluation: ...

    @overload
    def evaluate(self, subset: Subset, should_continue: ShouldContinue) -> Evaluation | None: ...

    def evaluate(
        self, subset: Subset, should_continue: ShouldContinue = always
    ) -> Evaluation | None:
        """Evaluates the network, as it is now, on a subset. Does not change the run.

        should_continue: called with the fraction done, 0..1, before each batch of the evaluation.
            If it returns False, this method returns None.

        Raises Diverged if the loss is not finite.
        """
        return self._evaluate(subset, self.steps, self.learning_rate, should_continue)

    def change(self, **values: object) -> list[Change]:
        """Changes settings from the next batch on. Returns the changes that had an effect.

        Raises ConfigError if a value is wrong or needs a new network. Whatever it raises, nothing
        has changed.
        """
        config = self.config.replace(**values)
        changes = [
            Change(self.steps, name, getattr(self.config, name), getattr(config, name))
            for name in values
            if getattr(self.config, name) != getattr(config, name)
        ]
        changed = {change.field for change in changes}
        for name in changed:
            if SETTINGS[name].applies == "restart":
                raise ConfigError(name, f"{SETTINGS[name].label} can only be changed in a new run")
        sizes = self.network.sizes
        check_memory(config, sizes[0], sizes[-1], len(self.training_set))
        started = self.epochs + (self.position > 0)
        if config.epochs < started:
            raise ConfigError(
                "epochs",
                f"epochs: enter at least {started:,}; epoch {started:,} has started",
            )
        self._descent.apply(config)
        self.config = config
        if "schedule" in changed:
            self.plateau = schedules.Plateau()
        if "patience" in changed:
            self.early_stopping = EarlyStopping()
        if changed & {"patience", "epochs"}:
            self.stopped = False
        return changes

    def checkpoint(self) -> Checkpoint:
        """Returns a copy of the complete state of the run."""
        return Checkpoint(
            config=self.config,
            steps=self.steps,
            epochs=self.epochs,
            position=self.position,
            seconds=self.seconds,
            stopped=self.stopped,
            parameters=frozen(self.network.parameters),
            statistics=frozen(self.network.statistics),
            optimizer_state=self.optimizer.state(),
            plateau=copy(self.plateau),
            early_stopping=copy(self.early_stopping),
            loss_health=self.loss_health.copy(),
            epoch_averages=self.epoch_averages.copy(),
            shuffle_rng=self._shuffle_state,
            dropout_rng=self.dropout_rng.bit_generator.state,
            augment_rng=self.augment_rng.bit_generator.state,
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Restores a checkpoint. The next steps are the same as after it was made, bit for bit.

        checkpoint: of this run, or of another with the same seed, data and network.
        """
        self.steps, self.epochs = checkpoint.steps, checkpoint.epochs
        self.position, self.seconds = checkpoint.position, checkpoint.seconds
        self.stopped = checkpoint.stopped
        self.network.parameters[:] = checkpoint.parameters
        self.network.statistics[:] = checkpoint.statistics
        self.config = checkpoint.config
        self._descent.apply(self.config)
        self.optimizer.load_state(checkpoint.optimizer_state)
        self.plateau = copy(checkpoint.plateau)
        self.early_stopping = copy(checkpoint.early_stopping)
        self.loss_health = checkpoint.loss_health.copy()
        self.epoch_averages = checkpoint.epoch_averages.copy()
        self.shuffle_rng.bit_generator.state = checkpoint.shuffle_rng
        self._shuffle()
        self.dropout_rng.bit_generator.state = checkpoint.dropout_rng
        self.augment_rng.bit_generator.state = checkpoint.augment_rng

    def _evaluate(
        self, subset: Subset, made: int, rate: float, should_continue: ShouldContinue = always
    ) -> Evaluation | None:
        """Evaluates a subset. made, rate: the steps and the learning rate, for the error."""

        def between(share: float) -> bool:
            self.interlude()
            return should_continue(share)

        evaluation = evaluate(self.network, subset, self.steps, between)
        if evaluation and not math.isfinite(evaluation.loss):
            raise Diverged(made, rate, f"the {subset.name} loss is")
        is_result = self.finished or subset is not self.evaluation_set
        is_trained = (is_result and self.steps) or (self.epochs and self.steps >= _WARMUP)
        if evaluation and is_trained:
            found = symptoms(evaluation, self.network, self.config.activation, subset)
            return replace(evaluation, warnings=tuple(found)) if found else evaluation
        return evaluation

    def _shuffle(self) -> None:
        """Draws the order of the images in the new epoch."""
        self._shuffle_state = self.shuffle_rng.bit_generator.state
        self.order = self.shuffle_rng.permutation(self.training_set.indices)

    def _end_epoch(self, rate: float) -> Evaluation:
        """Evaluates the evaluation set, and updates the schedule and early stopping.

        rate: the learning rate of the step before.
        """
        config = self.config
        # If it diverges, the step is undone.
        evaluation = self._evaluate(self.evaluation_set, self.steps - 1, rate)
        assert evaluation is not None
        if config.schedule == "plateau":
            self.plateau.note(evaluation.loss, config.decay_factor, config.decay_epochs)
        if config.patience:
            self.early_stopping.update(evaluation.loss, self.epochs, self.network)
            if self.epochs - self.early_stopping.best_epoch >= config.patience:
                self.stopped = True
                self.early_stopping.restore(self.network)
        return evaluation
