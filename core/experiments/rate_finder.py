"""The learning-rate finder: trains a copy of a run while its learning rate grows, and suggests a
rate from the losses: see core.inspection.rate_curve.

Source: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3; the rates
grow exponentially as in fastai's `lr_find`.
"""

from math import log
from numbers import Integral

import numpy as np

from core.errors import ConfigError, Diverged
from core.inspection.rate_curve import FoundRate, read_curve
from core.training.trainer import Trainer
from core.types import ShouldContinue, always

LOWEST, HIGHEST = 1e-6, 10.0
"""The rates of the first and the last batch."""

BATCHES = 200

_DIVERGED = 4.0  # times the lowest loss so far, at which the search ends
_MEMORY = 0.9  # of the average that decides this
_TIMES, _ALL = 1000, 0.95  # of a schedule that are looked at; the share that counts as all of it
_LARGEST_EPOCHS = 1_000_000


def find_rate(
    trainer: Trainer, batches: int = BATCHES, should_continue: ShouldContinue = always
) -> FoundRate | None:
    """Suggests a learning rate for a run as it is now. The run is not changed.

    A copy of it, with its weights, optimizer and random generators, trains on its next batches. The
    rate of batch i of n is

        LOWEST · (HIGHEST / LOWEST)^(i / (n - 1))

    until the loss has clearly diverged. A schedule and early stopping are left out. If the schedule
    uses only a part of the setting from here on, the suggestions are the rates that were found,
    divided by this part.

    should_continue: called with the fraction done, 0..1, before each batch. If it returns False,
        this function returns None.

    Raises ConfigError if `batches` is not a whole number from 100 to 300.
    """
    if not (isinstance(batches, Integral) and 100 <= batches <= 300):
        raise ConfigError(
            "batches", f"batches: enter a whole number from 100 to 300 in place of {batches!r}"
        )
    probe = _copy(trainer)
    losses: list[float] = []
    rates = np.geomspace(LOWEST, HIGHEST, batches)
    average = lowest = None
    for number, rate in enumerate(rates.tolist()):
        if not should_continue(number / batches):
            return None
        probe.change(learning_rate=rate)
        try:
            loss = probe.step().loss
        except Diverged:
            break
        losses.append(loss)
        average = loss if average is None else _MEMORY * average + (1 - _MEMORY) * loss
        lowest = average if lowest is None else min(lowest, average)
        if average > _DIVERGED * lowest:
            break
    guessing = log(len(trainer.dataset.class_names))
    zeros = not any(linear.W.any() for linear in trainer.network.linears)
    found = read_curve(rates[: len(losses)], np.array(losses), guessing, zeros)
    return found.for_schedule(_share_ahead(trainer), trainer.config.schedule)


def _share_ahead(trainer: Trainer) -> float:
    """Returns the largest share of the setting that the schedule uses from the next batch on."""
    config = trainer.config
    times = np.linspace(trainer.time, max(trainer.time, config.epochs), _TIMES).tolist()
    highest = max(config.scheduled_rate(time) for time in times) / config.learning_rate
    # A rise may have its end between two of the times.
    return trainer.plateau.factor * (1.0 if highest > _ALL else highest)


def _copy(trainer: Trainer) -> Trainer:
    """Returns a trainer at the same step, whose rate is the setting itself."""
    probe = Trainer(trainer.config, trainer.dataset, trainer.pool.threads)
    probe.restore(trainer.checkpoint())
    probe.change(schedule="constant", warmup=0, patience=0, epochs=_LARGEST_EPOCHS)
    return probe
