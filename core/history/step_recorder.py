"""Records the training steps of a branch as curves, with their moving averages.

Steps are collected and recorded together, because there may be thousands in a second.
"""

import numpy as np

from core.events import Step
from core.history.curves import Curves, Recorder
from core.metrics import AVERAGED, moving_average

QUANTITIES = (
    *("loss", "accuracy", "average loss", "average accuracy"),
    *("learning rate", "epoch", "images", "seconds"),
)
_WAITING = 1024  # steps that are recorded together
_LOSS, _ACCURACY, _IMAGES = 1, 2, 5  # rows of the points, after the step


class StepRecorder:
    """Adds to each step the moving averages of loss and accuracy: see core.metrics.

    Up to the capacity of a Recorder, averages are exact, also in a copy up to an earlier step.
    Beyond, a copy has only merged points for the windows of its first averages.
    """

    def __init__(self) -> None:
        self._recorder = Recorder(*QUANTITIES)
        self._waiting: list[tuple[float, ...]] = []
        self._epoch_size = 0
        # Of the last steps, which the next averages include: loss, accuracy, images of the batch.
        self._last = np.empty((3, 0))

    def add(self, step: Step) -> None:
        """Adds a step after all earlier ones."""
        # Called thousands of times per second in the screen's thread, so it makes no curves.
        self._epoch_size = step.epoch_size
        self._waiting.append(
            (
                *(step.step, step.loss, step.accuracy, step.learning_rate, step.epoch),
                *((step.epoch - 1) * step.epoch_size + step.position, step.seconds, step.images),
            )
        )
        if len(self._waiting) == _WAITING:
            self._flush()

    def whole(self, after: int = -1) -> Curves:
        """Returns the curves of all steps, like Recorder.whole."""
        return self._flush().whole(after)

    def recent(self) -> Curves:
        """Returns the curves of the latest steps, without merging."""
        return self._flush().recent()

    def thin(self) -> None:
        """Halves the memory."""
        self._flush().thin()

    @property
    def nbytes(self) -> int:
        """The memory of the recorded steps, in bytes."""
        return self._recorder.nbytes

    def until(self, step: int) -> "StepRecorder":
        """Returns a copy with the steps up to `step`, like Recorder.until."""
        other = StepRecorder()
        other._recorder = self._flush().until(step)
        other._epoch_size = self._epoch_size
        other._last = _last_steps(other._recorder)
        return other

    def _flush(self) -> Recorder:
        """Records the steps that wait, and returns the recorder."""
        if self._waiting:
            *points, images = np.array(self._waiting, np.float64).T
            self._waiting.clear()
            new = np.stack((points[_LOSS], points[_ACCURACY], images))
            seen = np.concatenate((self._last, new), axis=1)
            first = self._last.shape[1]
            loss, accuracy, batches = seen
            averages = (
                moving_average(values, batches, self._epoch_size, first)
                for values in (loss, accuracy)
            )
            self._recorder.extend(np.stack((*points[:3], *averages, *points[3:])))
            self._last = seen[:, -AVERAGED + 1 :].copy()  # or all of `seen` stays in memory
        return self._recorder


def _last_steps(recorder: Recorder) -> np.ndarray:
    """Returns loss, accuracy and batch size of the last steps: (3, n).

    The steps of a merged bucket count as equal: the middle of its extremes.
    """
    recent, whole = recorder.recent(), recorder.whole()
    exact = len(recent["loss"]) >= min(AVERAGED, len(whole["loss"]))
    curves = recent if exact else whole
    loss, accuracy, images = (curves[name] for name in ("loss", "accuracy", "images"))
    counts = (loss.last - loss.first + 1)[-AVERAGED:]
    ends = np.append(0.0 if len(loss) <= AVERAGED else [], images.high)[-len(counts) - 1 :]
    values = [
        *((curve.low + curve.high)[-AVERAGED:] / 2 for curve in (loss, accuracy)),
        np.diff(ends) / counts,
    ]
    return np.repeat(np.stack(values), counts, axis=1)[:, -AVERAGED + 1 :]
