"""What a run has been so far: events go in, an immutable snapshot for screens comes out."""

from collections import deque
from dataclasses import dataclass, field, replace

from core.anatomy import Anatomy
from core.config import Config
from core.curves import Curves, Recorder, RunningAverage
from core.events import (
    Apart,
    Began,
    Change,
    Evaluation,
    Event,
    Paced,
    Phase,
    Scored,
    Step,
    Surveyed,
    Turned,
    Working,
)
from core.goals import Goal
from core.lives import Lives
from core.past import Past
from core.survey import Survey

_SMOOTHING = 0.98  # of the running average of the training curve: about 50 batches
_SPEED_WINDOW = 1.0  # seconds of training over which the speed is measured
_MOST_CHANGES = 1000  # of which the last ones are kept


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All that a screen draws of a run, at one moment.

    training: curves of every batch, "loss" (nats) and "accuracy" (0..1), of their bias-corrected
    running averages "average loss" and "average accuracy", of the "learning rate" that was in
    force and of the "epoch", from 1; recent: the same of the last batches, never merged.
    watched: "loss" and "accuracy" of the held-out (or test) images.
    changes: the last ones made by hand; lives: what was said of the watched images.
    speed: images a second; goal: where a running run will pause; pace: batches a second, if
    slowed down; working: what takes long. anatomy: the step that was last taken apart; past: the
    layers at the steps that were; survey: of all units, the last one.
    """

    phase: Phase = Phase.LOADING
    message: str | None = None
    goal: Goal | None = None
    pace: int | None = None
    working: Working | None = None
    began: Began | None = None
    config: Config | None = None
    step: Step | None = None
    training: Curves = field(default_factory=dict)
    recent: Curves = field(default_factory=dict)
    watched: Curves = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    evaluation: Evaluation | None = None
    scored: Evaluation | None = None
    lives: Lives = field(default_factory=Lives)
    speed: float = 0.0
    anatomy: Anatomy | None = None
    past: Past = field(default_factory=Past)
    survey: Survey | None = None

    @property
    def anatomy_is_next(self) -> bool:
        """Whether the step that was taken apart is the one that would come now."""
        anatomy = self.anatomy
        return (
            anatomy is not None and anatomy.step == self.steps + 1 and anatomy.config == self.config
        )

    @property
    def flat_out(self) -> bool:
        """Whether steps come as fast as they can."""
        return self.phase is Phase.RUNNING and self.pace is None

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
            self._changes.append(event)
            self._set(config=config.replace(**{event.field: event.new}))
        elif isinstance(event, Turned):
            self._set(phase=event.phase, message=event.message, goal=event.goal)
        elif isinstance(event, Paced):
            self._set(pace=event.pace)
        elif isinstance(event, Working):
            self._set(working=event if event.share < 1 else None)
        elif isinstance(event, Apart):
            past = self._snapshot.past.after(event.body)
            self._set(anatomy=event.anatomy, past=past)
        elif isinstance(event, Surveyed):
            self._set(survey=event.survey.following(self._snapshot.survey))
        elif isinstance(event, Began):
            self._clear()
            before = self._snapshot
            self._snapshot = Snapshot(
                phase=before.phase, pace=before.pace, began=event, config=event.config
            )

    def snapshot(self) -> Snapshot:
        """The run as the events so far tell it."""
        self._set(
            step=self._step,
            training=self._training.whole(),
            recent=self._training.recent(),
            watched=self._watched.whole(),
            changes=tuple(self._changes),
            speed=self._speed(),
        )
        return self._snapshot

    def _clear(self) -> None:
        self._step: Step | None = None
        self._training = Recorder(
            *("loss", "accuracy", "average loss", "average accuracy", "learning rate", "epoch")
        )
        self._watched = Recorder("loss", "accuracy")
        self._loss, self._accuracy = RunningAverage(_SMOOTHING), RunningAverage(_SMOOTHING)
        self._changes: deque[Change] = deque(maxlen=_MOST_CHANGES)
        self._images = 0
        self._marks: deque[tuple[float, int]] = deque([(0.0, 0)])

    def _set(self, **values: object) -> None:
        self._snapshot = replace(self._snapshot, **values)  # type: ignore[arg-type]

    def _add_step(self, step: Step) -> None:
        # Thousands of times a second, in the screen's thread: so no snapshot is made here.
        self._step = step
        self._images += step.images
        self._training.add(
            step.step,
            step.loss,
            step.accuracy,
            self._loss.add(step.loss),
            self._accuracy.add(step.accuracy),
            step.learning_rate,
            step.epoch,
        )
        if step.evaluation:
            self._add_evaluation(step.evaluation)

    def _add_evaluation(self, evaluation: Evaluation) -> None:
        self._watched.add(evaluation.step, evaluation.loss, evaluation.accuracy)
        self._set(evaluation=evaluation, lives=self._snapshot.lives.after(evaluation))

    def _speed(self) -> float:
        step = self._step
        if step is None:
            return 0.0
        if step.seconds > self._marks[-1][0]:
            self._marks.append((step.seconds, self._images))
        while len(self._marks) > 2 and self._marks[1][0] < step.seconds - _SPEED_WINDOW:
            self._marks.popleft()
        seconds, images = self._marks[0]
        return (self._images - images) / (step.seconds - seconds)
