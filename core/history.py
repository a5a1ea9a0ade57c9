"""What a run has been so far: events go in, an immutable snapshot for screens comes out."""

from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.config import Config
from core.events import (
    Began,
    Change,
    Evaluation,
    Event,
    Paced,
    Phase,
    Scored,
    Step,
    Turned,
    Working,
)
from core.goals import Goal
from core.lives import Lives

_SMOOTHING = 0.98  # of the running average of the training curve: about 50 batches
_SPEED_WINDOW = 1.0  # seconds of training over which the speed is measured


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Loss and accuracy after some steps, in order.

    steps: (n,) int64, rising; loss: (n,) float32 in nats; accuracy: (n,) float32 in 0..1.
    """

    steps: NDArray[np.int64]
    loss: NDArray[np.float32]
    accuracy: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.steps)


class Recorder:
    """A curve that grows by a point at a time. Curves taken before stay as they were."""

    def __init__(self) -> None:
        self._length = 0
        self._curve = _empty(1024)

    def add(self, step: int, loss: float, accuracy: float) -> None:
        curve, at = self._curve, self._length
        if at == len(curve):
            self._curve = _empty(2 * at)
            for name in ("steps", "loss", "accuracy"):
                getattr(self._curve, name)[:at] = getattr(curve, name)
            curve = self._curve
        curve.steps[at], curve.loss[at], curve.accuracy[at] = step, loss, accuracy
        self._length += 1

    @property
    def curve(self) -> Curve:
        c, n = self._curve, self._length
        return Curve(c.steps[:n], c.loss[:n], c.accuracy[:n])


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All that a screen draws of a run, at one moment.

    training: every batch; smoothed: its bias-corrected running average; watched: the held-out
    (or test) images; epochs: the last step of each epoch; lives: what was said of the watched
    images; speed: images a second.
    """

    phase: Phase = Phase.LOADING
    message: str | None = None
    goal: Goal | None = None
    pace: int | None = None
    working: Working | None = None
    began: Began | None = None
    config: Config | None = None
    step: Step | None = None
    training: Curve | None = None
    smoothed: Curve | None = None
    watched: Curve | None = None
    epochs: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    evaluation: Evaluation | None = None
    scored: Evaluation | None = None
    lives: Lives = field(default_factory=Lives)
    speed: float = 0.0

    @property
    def steps(self) -> int:
        """Batches trained so far."""
        return self.step.step if self.step else 0


class History:
    """Takes the events of a run in order. A new run (Began) clears it."""

    def __init__(self) -> None:
        self._snapshot = Snapshot()
        self._clear()

    def add(self, event: Event) -> None:
        if isinstance(event, Step):
            self._add_step(event)
        elif isinstance(event, Evaluation):
            self._add_evaluation(event)
        elif isinstance(event, Scored):
            self._set(scored=event.evaluation)
        elif isinstance(event, Change):
            config = self._snapshot.config
            assert config is not None
            changes = (*self._snapshot.changes, event)
            self._set(config=config.replace(**{event.field: event.new}), changes=changes)
        elif isinstance(event, Turned):
            self._set(phase=event.phase, message=event.message, goal=event.goal)
        elif isinstance(event, Paced):
            self._set(pace=event.pace)
        elif isinstance(event, Working):
            self._set(working=event if event.share < 1 else None)
        elif isinstance(event, Began):
            self._clear()
            before = self._snapshot
            self._snapshot = Snapshot(
                phase=before.phase, pace=before.pace, began=event, config=event.config
            )

    def snapshot(self) -> Snapshot:
        """The run as the events so far tell it."""
        self._set(
            training=self._training.curve,
            smoothed=self._smoothed.curve,
            watched=self._watched.curve,
            speed=self._speed(),
        )
        return self._snapshot

    def _clear(self) -> None:
        self._training, self._smoothed, self._watched = Recorder(), Recorder(), Recorder()
        self._average = np.zeros(2)
        self._images = 0
        self._marks: deque[tuple[float, int]] = deque([(0.0, 0)])

    def _set(self, **values: object) -> None:
        self._snapshot = replace(self._snapshot, **values)  # type: ignore[arg-type]

    def _add_step(self, step: Step) -> None:
        self._training.add(step.step, step.loss, step.accuracy)
        self._average *= _SMOOTHING
        self._average += (1 - _SMOOTHING) * np.array((step.loss, step.accuracy))
        # Divided by the weights so far, or the first points would be drawn towards 0.
        loss, accuracy = self._average / (1 - _SMOOTHING**step.step)
        self._smoothed.add(step.step, loss, accuracy)
        self._images += step.images
        self._set(step=step)
        if step.position == step.of:
            self._set(epochs=(*self._snapshot.epochs, step.step))
        if step.evaluation:
            self._add_evaluation(step.evaluation)

    def _add_evaluation(self, evaluation: Evaluation) -> None:
        self._watched.add(evaluation.step, evaluation.loss, evaluation.accuracy)
        self._set(evaluation=evaluation, lives=self._snapshot.lives.after(evaluation))

    def _speed(self) -> float:
        step = self._snapshot.step
        if step is None:
            return 0.0
        if step.seconds > self._marks[-1][0]:
            self._marks.append((step.seconds, self._images))
        while len(self._marks) > 2 and self._marks[1][0] < step.seconds - _SPEED_WINDOW:
            self._marks.popleft()
        seconds, images = self._marks[0]
        return (self._images - images) / (step.seconds - seconds)


def _empty(length: int) -> Curve:
    return Curve(
        np.empty(length, np.int64), np.empty(length, np.float32), np.empty(length, np.float32)
    )
