"""The steps that a run file has, as the events that the trainer posted."""

from collections.abc import Iterator
from math import nan

from core.events import Step
from core.metrics import EpochAverages
from core.runs.reader import STEP_COLUMNS, Columns


def step_events(
    columns: Columns, epoch_size: int, averages: EpochAverages | None = None
) -> Iterator[Step]:
    """Yields the events of steps. averages: of the epoch before the first one, to continue with."""
    for row in zip(*(columns[name].tolist() for name in STEP_COLUMNS), strict=True):
        step, epoch, position, images, loss, accuracy, rate, seconds = row
        if averages:
            averages.add(epoch, images, loss, accuracy)
        yield Step(
            *(step, epoch, position, epoch_size, images, loss, accuracy, rate, seconds),
            evaluation=None,
            epoch_loss=averages.loss if averages else nan,
            epoch_accuracy=averages.accuracy if averages else nan,
        )
