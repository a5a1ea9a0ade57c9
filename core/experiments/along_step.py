"""The loss along a step: whether the next step of a run is too short or too long.

Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", section 3, draw the loss along a
line in the same way.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite, nan
from typing import Any

import numpy as np

from core.data.dataset import Subset
from core.inspection.along_step import LossAlongStep
from core.nn.blas_threads import one_blas_thread
from core.nn.losses import CrossEntropy
from core.nn.network import Network
from core.training.evaluation import evaluate
from core.training.trainer import Trainer
from core.types import Bytes, Floats, ShouldContinue, always

_PER_DECADE = 8
_IMAGES = 1000  # of the evaluation set


@one_blas_thread()
@np.errstate(over="ignore", invalid="ignore", under="ignore")  # a long step may diverge
def loss_along_step(
    trainer: Trainer, should_continue: ShouldContinue = always
) -> LossAlongStep | None:
    """Measures the loss for shorter and longer steps in the direction of the next step.

    With the parameters w and the update Δw that the optimizer would make next, it is

        L(w + a·Δw)  for a from 0.01 to 100

    Δw includes all that the settings ask for: learning rate, momentum or moments, weight decay, L2
    and clipping. L is the mean cross-entropy in nats, as in the charts: without label smoothing
    and without a penalty.

    The batch is that of the step in training: the images after augmentation, the same dropout
    masks at every a, and batch normalization over the batch. So L(w) is the loss of the step. The
    first 1,000 images of the evaluation set are evaluated as always: no dropout, and batch
    normalization with the running statistics before the step.

    The run is not changed. should_continue: called with the fraction done, 0..1, before each a. If
        it returns False, this function returns None.

    Raises Diverged if the step itself diverges.
    """
    copies: dict[str, Floats] = {}

    def observe(*arrays: Floats) -> None:
        if not copies:
            # In the same order in memory, because another one could change the last bits.
            copies["images"] = arrays[0].copy(order="K")
        elif arrays[0] is trainer.network.parameters:
            copies["after"] = arrays[0].copy()

    labels = trainer.training_set.labels[trainer.batch]
    preview = trainer.preview_step(observe)
    if preview.diverged:
        raise preview.diverged
    before, after = preview.before.parameters, copies["after"]
    probe = _Probe(trainer, preview.before.dropout_rng)
    change = after - before
    subset = trainer.evaluation_set
    some = replace(subset, indices=subset.indices[:_IMAGES])

    def losses(parameters: Floats) -> tuple[float, float]:
        return (
            probe.batch_loss(parameters, copies["images"], labels),
            probe.evaluated_loss(parameters, some),
        )

    powers = np.arange(-2 * _PER_DECADE, 2 * _PER_DECADE + 1)
    multiples = 10.0 ** (powers / _PER_DECADE)
    found = [losses(before)]
    for number, multiple in enumerate(multiples.tolist()):
        if not should_continue(number / len(multiples)):
            return None
        # At 1 exactly the parameters after the step, without a rounding error.
        found.append(losses(after if multiple == 1 else before + np.float32(multiple) * change))
    batch, evaluated = np.array(found).T
    return LossAlongStep(
        step=preview.before.steps + 1,
        config=preview.before.config,
        size=float(np.linalg.norm(change.astype(np.float64))),
        multiples=multiples,
        batch_loss=float(batch[0]),
        batch_losses=batch[1:],
        subset=some.name,
        images=len(some),
        subset_loss=float(evaluated[0]),
        subset_losses=evaluated[1:],
    )


class _Probe:
    """A network like that of a run, with parameters to choose.

    dropout_rng: the state of the random generator before the step.
    """

    def __init__(self, trainer: Trainer, dropout_rng: Mapping[str, Any]) -> None:
        config, original = trainer.config, trainer.network
        self._rng, self._rng_state = np.random.default_rng(), dropout_rng
        self._network = Network(
            original.sizes,
            config.activation,
            config.batch_norm,
            scale=1 / 255,
            dropout_rng=self._rng,
            pool=trainer.pool,
        )
        self._network.set_dropout(config.dropout)
        self._statistics = original.statistics.copy()
        self._loss = CrossEntropy(original.sizes[-1], original.parameters.dtype)

    def batch_loss(self, parameters: Floats, images: Floats, labels: Bytes) -> float:
        """Returns the mean loss of a batch in training. images: (pixels, m); labels: (m,)."""
        self._network.parameters[:] = parameters
        self._rng.bit_generator.state = self._rng_state
        self._loss.forward(self._network.forward(images, training=True), labels)
        return _finite(float(self._loss.unsmoothed.sum()) / len(labels))

    def evaluated_loss(self, parameters: Floats, subset: Subset) -> float:
        """Returns the mean loss of a subset outside training."""
        self._network.parameters[:] = parameters
        self._network.statistics[:] = self._statistics
        evaluation = evaluate(self._network, subset, 0, always)
        assert evaluation is not None  # nothing cancels it
        return _finite(evaluation.loss)


def _finite(loss: float) -> float:
    return loss if isfinite(loss) else nan
