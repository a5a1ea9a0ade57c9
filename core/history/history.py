"""What a run has been so far: events go in, an immutable snapshot for screens comes out."""

from collections import deque
from dataclasses import replace

from core.branches import departures, net_changes
from core.events import (
    BranchChanged,
    Change,
    Evaluation,
    Event,
    PaceChanged,
    PhaseChanged,
    Progress,
    RunMoved,
    RunStarted,
    Scored,
    Step,
    StepTraced,
    UnitsSurveyed,
)
from core.history.branch_history import BranchHistory, OtherBranchCurves
from core.history.prediction_history import PredictionHistory
from core.history.snapshot import Snapshot

_SPEED_WINDOW = 1.0  # seconds of training over which the speed is measured


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
            self._set(test_evaluation=event.evaluation)
        elif isinstance(event, Change):
            config = self._snapshot.config
            assert config is not None
            self._course.changes.append(event)
            self._set(config=config.replace(**{event.field: event.new}))
        elif isinstance(event, PhaseChanged):
            self._set(phase=event.phase, message=event.message, goal=event.goal)
        elif isinstance(event, PaceChanged):
            self._set(pace=event.pace)
        elif isinstance(event, Progress):
            self._set(progress=event if event.share < 1 else None)
        elif isinstance(event, StepTraced):
            self._course.past = self._course.past.after(event.stats)
            self._set(trace=event.trace, past=self._course.past.until(self._at))
        elif isinstance(event, UnitsSurveyed):
            self._course.survey = event.survey.following(self._course.survey)
            self._set(survey=self._course.survey)
        elif isinstance(event, RunMoved):
            self._go(event)
        elif isinstance(event, BranchChanged):
            branches = list(self._snapshot.branches)
            branches[event.branch.number] = event.branch
            self._set(branches=tuple(branches))
        elif isinstance(event, RunStarted):
            self._clear()
            before = self._snapshot
            self._snapshot = Snapshot(
                phase=before.phase, pace=before.pace, run=event, config=event.config
            )

    def snapshot(self) -> Snapshot:
        """The run as the events so far tell it."""
        course, at = self._course, self._at
        back = at < course.end
        self._set(
            step=self._step,
            training_curves=course.curves(at),
            recent_curves=course.recent(at),
            evaluation_curves=course.points(at),
            end=course.end,
            other_branches=(*self._elsewhere, *[course.other_branches(self._number, at)] * back),
            changes=net_changes(c for c in course.changes if c.step <= at or not back),
            predictions=self._predictions,
            speed=self._speed(),
        )
        return self._snapshot

    def _clear(self) -> None:
        self._step: Step | None = None
        self._courses = [BranchHistory()]
        self._number = 0
        self._predictions = PredictionHistory()
        self._elsewhere: tuple[OtherBranchCurves, ...] = ()
        self._forget_speed()

    @property
    def _course(self) -> BranchHistory:
        """That of the branch on which the run stands."""
        return self._courses[self._number]

    @property
    def _at(self) -> int:
        return self._step.step if self._step else 0

    def _set(self, **values: object) -> None:
        self._snapshot = replace(self._snapshot, **values)  # type: ignore[arg-type]

    def _add_step(self, step: Step) -> None:
        # Thousands of times a second, in the screen's thread: so no snapshot is made here.
        self._step = step
        self._images += step.images
        self._course.add_step(step)
        if step.evaluation:
            self._add_evaluation(step.evaluation)

    def _add_evaluation(self, evaluation: Evaluation) -> None:
        self._predictions = self._predictions.after(evaluation)
        self._course.add_evaluation(evaluation, self._predictions)
        self._set(evaluation=evaluation)

    def _go(self, event: RunMoved) -> None:
        """To another step; on to a branch that is new, with what its parent has up to its fork."""
        new = event.branches[len(self._courses) :]
        for branch in new:
            assert branch.parent is not None
            self._courses.append(self._courses[branch.parent].until(branch.fork))
        self._number, self._step = event.branch, event.step
        if not new:
            self._predictions = self._course.predictions.until(event.current_step)
        self._elsewhere = tuple(
            self._courses[branch].other_branches(branch, since)
            for branch, since in departures(event.branches, event.branch).items()
        )
        self._forget_speed()
        move_count = self._snapshot.move_count + 1
        self._set(
            config=event.config, branch=event.branch, branches=event.branches, move_count=move_count
        )
        self._set(trace=None, survey=None, past=self._course.past.until(event.current_step))

    def _forget_speed(self) -> None:
        self._images = 0
        self._marks: deque[tuple[float, int]] = deque(
            [(self._step.seconds if self._step else 0.0, 0)]
        )

    def _speed(self) -> float:
        step = self._step
        if step is None:
            return 0.0
        if step.seconds > self._marks[-1][0]:
            self._marks.append((step.seconds, self._images))
        while len(self._marks) > 2 and self._marks[1][0] < step.seconds - _SPEED_WINDOW:
            self._marks.popleft()
        seconds, images = self._marks[0]
        spent = step.seconds - seconds
        return (self._images - images) / spent if spent else 0.0
