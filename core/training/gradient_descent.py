"""Mini-batch gradient descent: the mathematics of one training step.

Draw a batch, run it forward, measure the loss, run the gradient backward, change it as the
settings ask, and update the parameters.
"""

import math
from functools import partial

import numpy as np

from core.config.config import Config
from core.data.augmentation import augment
from core.data.batches import BatchLoader
from core.data.dataset import Subset
from core.errors import Diverged
from core.nn import optimizers
from core.nn.blas_threads import one_blas_thread
from core.nn.blocks import Blocks
from core.nn.clipping import clip
from core.nn.losses import CrossEntropy
from core.nn.network import Network
from core.nn.optimizers import Optimizer
from core.types import Floats, Indices, Observer, ignore


class GradientDescent:
    """Trains `network` on batches of `training_set`.

    dropout_rng, augment_rng: draw the dropout masks and the changes of the images. The network
    draws from the same `dropout_rng`.
    """

    def __init__(
        self,
        network: Network,
        training_set: Subset,
        config: Config,
        dropout_rng: np.random.Generator,
        augment_rng: np.random.Generator,
    ) -> None:
        self.network = network
        self.dropout_rng, self.augment_rng = dropout_rng, augment_rng
        self._training_set = training_set
        self._load_batch = self._create_loader(config)
        self._loss = CrossEntropy(network.sizes[-1], network.parameters.dtype)
        self.optimizer = self._create_optimizer(config)
        self._weight_blocks: list[Blocks] = []  # those of each linear layer, for L2
        self._config = config
        self.apply(config)

    @one_blas_thread()
    @np.errstate(over="ignore", invalid="ignore", under="ignore")  # it checks itself
    def step(
        self, made: int, batch: Indices, rate: float, observe: Observer = ignore
    ) -> tuple[float, float]:
        """Trains on a batch. Returns its loss in nats and its accuracy, before the update.

        made: steps before it, for the error; batch: (m,), indices of images; rate: the learning
            rate.
        observe: called after each stage of the step, in the order of core.inspection.stages, with
            the stage's arrays. They are reused.

        Raises Diverged if the loss, the gradient or the running statistics of batch normalization
        are not finite. The update comes last and allocates no arrays: whatever is raised before it,
        the state is as before.
        """
        config, network = self._config, self.network
        augmented = bool(config.flip or config.shift or config.erase)
        generators = [self.dropout_rng] * bool(config.dropout) + [self.augment_rng] * augmented
        states = [generator.bit_generator.state for generator in generators]
        statistics = network.statistics.copy()
        try:
            loss, accuracy = self._differentiate(batch, augmented, observe)
            not_finite = self._not_finite(loss, observe)
            if not_finite:
                raise Diverged(made, rate, not_finite)
        except BaseException:
            network.statistics[:] = statistics
            for generator, state in zip(generators, states, strict=True):
                generator.bit_generator.state = state
            raise
        if config.weight_decay and config.optimizer == "adamw":
            for layer in network.linears:
                layer.W *= 1 - rate * config.weight_decay
        self.optimizer.update(network.parameters, network.gradient, rate)
        observe(network.parameters)
        return loss, accuracy

    def apply(self, config: Config) -> None:
        """Uses the settings of `config` from the next step on.

        Another optimizer than before starts with its moments at 0. Whatever is raised, nothing has
        changed: what takes memory comes first.
        """
        optimizer, loader, blocks = self.optimizer, self._load_batch, self._weight_blocks
        if config.optimizer != self._config.optimizer:
            optimizer = self._create_optimizer(config)
        if self._most_images(config) > loader.max_images:
            loader = self._create_loader(config)
        if config.l2 and not blocks:
            blocks = [
                Blocks(layer.W.size, layer.W.dtype, self.network.pool)
                for layer in self.network.linears
            ]
        self.optimizer, self._load_batch, self._weight_blocks = optimizer, loader, blocks
        optimizer.set_coefficients(config.momentum, config.beta2)
        self.network.set_dropout(config.dropout)
        self._loss.smoothing = config.label_smoothing
        self._config = config

    def _differentiate(
        self, batch: Indices, augmented: bool, observe: Observer
    ) -> tuple[float, float]:
        """Computes the gradient of the batch's loss; returns the loss and the accuracy.

        Moves the generators and the running statistics.
        """
        config, network = self._config, self.network
        # Not as bytes, which compare slowly with what argmax returns.
        labels = self._training_set.labels[batch].astype(np.intp)
        transform = partial(
            augment,
            rng=self.augment_rng,
            flip=config.flip,
            shift=config.shift,
            erase=config.erase,
        )
        images = self._load_batch(batch, transform if augmented else None)
        observe(images)
        logits = network.forward(images, training=True, observe=observe)
        losses = self._loss.forward(logits, labels)
        loss = float(self._loss.unsmoothed.sum()) / len(labels)
        accuracy = np.count_nonzero(logits.argmax(axis=0) == labels) / len(labels)
        observe(self._loss.probabilities, losses)
        dlogits = self._loss.backward()
        observe(dlogits)
        network.backward(dlogits, observe)
        if config.l2:
            for blocks, layer in zip(self._weight_blocks, network.linears, strict=True):
                blocks.run(partial(_add_penalty, config.l2), layer.dW.ravel(), layer.W.ravel())
            observe(network.gradient)
        return loss, accuracy

    def _not_finite(self, loss: float, observe: Observer) -> str:
        """Clips the gradient. Returns which part of the step is not finite, if any."""
        config, gradient = self._config, self.network.gradient
        if not math.isfinite(loss):
            return "the loss is"
        if config.clip_norm:
            if not clip(gradient, config.clip_norm):
                return "the gradient is"
            observe(gradient)
        elif not math.isfinite(float(gradient @ gradient)):
            return "the squared norm of the gradient is"
        if config.batch_norm and not np.isfinite(self.network.statistics).all():
            return "the running statistics of batch normalization are"
        return ""

    def _create_loader(self, config: Config) -> BatchLoader:
        return BatchLoader(self._training_set, self._most_images(config))

    def _most_images(self, config: Config) -> int:
        """How many images a batch can have."""
        # With batch normalization, one more image may join a batch: see Trainer.batch.
        return min(config.batch_size + config.batch_norm, len(self._training_set))

    def _create_optimizer(self, config: Config) -> Optimizer:
        return optimizers.create(
            config.optimizer,
            self.network.parameters,
            config.momentum,
            config.beta2,
            self.network.pool,
        )


def _add_penalty(l2: float, dW: Floats, W: Floats, scratch: Floats) -> None:
    """dW ← dW + λ W for a block of both."""
    dW += np.multiply(W, l2, out=scratch)
