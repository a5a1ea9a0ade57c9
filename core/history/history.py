"""The history of a run: events go in, an immutable snapshot for the screen comes out."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from core.branches import HISTORY_SHARE, departures, net_changes, owner, path_to
from core.errors import ConfigError
from core.events import (
    AlongStepMeasured,
    Answered,
    Branch,
    BranchChanged,
    Change,
    Classified,
    Evaluation,
    Event,
    Examined,
    Kept,
    LayersMeasured,
    PaceChanged,
    Phase,
    PhaseChanged,
    Progress,
    RateFound,
    RunMoved,
    RunStarted,
    Scored,
    Step,
    StepTraced,
    UnitsSurveyed,
)
from core.history.branch_history import BranchHistory, OtherBranchCurves, Result
from core.history.prediction_history import PredictionHistory
from core.history.snapshot import Snapshot

_SPEED_WINDOW = 1.0  # seconds of training over which the speed is measured
_SMALL = 8_000  # bytes of a branch's record that is not thinned any more


class History:
    """Records the events of a run, to be added in order. A RunStarted event clears it."""

    def __init__(self) -> None:
        self._snapshot = Snapshot()
        self._clear()

    def add(self, event: Event) -> None:
        if isinstance(event, Step):
            self._add_step(event)
        elif isinstance(event, Evaluation):
            self._add_evaluation(event)
        elif isinstance(event, Scored):
            self._add_test(event.evaluation, self._snapshot.branches, self._branch)
            self._set(test_evaluation=event.evaluation)
        elif isinstance(event, Change):
            self._record.changes.append(event)
            self._changed[event.field] = event.new
            config = self._snapshot.config
            assert config is not None
            with suppress(ConfigError):  # until the other changes of a group have come, too
                self._set(config=config.replace(**self._changed))
                self._changed.clear()
        elif isinstance(event, PhaseChanged):
            if event.phase is Phase.DIVERGED:
                self._record.diverged_at = self._current_step
            self._set(phase=event.phase, message=event.message, goal=event.goal)
        elif isinstance(event, PaceChanged):
            self._set(pace=event.pace)
        elif isinstance(event, Progress):
            self._set(progress=event if event.share < 1 else None)
        elif isinstance(event, (StepTraced, LayersMeasured)):
            self._record.layer_stats_history = self._record.layer_stats_history.with_stats(
                event.stats
            )
            self._set(
                layer_stats_history=self._record.layer_stats_history.until(self._current_step)
            )
            if isinstance(event, StepTraced):
                self._set(trace=event.trace)
        elif isinstance(event, UnitsSurveyed):
            self._record.survey = event.survey.following(self._record.survey)
            self._set(survey=self._record.survey)
        elif isinstance(event, AlongStepMeasured):
            self._set(along_step=event.along_step)
        elif isinstance(event, RateFound):
            self._set(found_rate=event.found)
        elif isinstance(event, Classified):
            self._set(classification=event.classification)
        elif isinstance(event, Answered):
            self._set(answers={**self._snapshot.answers, type(event.answer): event})
        elif isinstance(event, Examined):
            found = {type(event.result): event.result}
            self._set(examined={**self._snapshot.examined, **found})
        elif isinstance(event, RunMoved):
            self._move(event)
        elif isinstance(event, BranchChanged):
            branches = list(self._snapshot.branches)
            branches[event.branch.number] = event.branch
            self._set(branches=tuple(branches))
        elif isinstance(event, Kept):
            self._set(kept=event)
        elif isinstance(event, RunStarted):
            self._clear(event.records)
            old = self._snapshot
            self._snapshot = Snapshot(
                phase=old.phase,
                pace=old.pace,
                run=event,
                kept=old.kept,
                config=event.config,
                test_evaluation=event.test_evaluation,
            )

    @property
    def phase(self) -> Phase:
        """The phase after the events so far."""
        return self._snapshot.phase

    def snapshot(self) -> Snapshot:
        """Returns the run as it is after the events so far."""
        record, step = self._record, self._current_step
        other_branches = self._other_branches
        changes = tuple(record.changes)
        if step < record.end:
            other_branches += (record.curves_after(step, self._branch),)
            changes = tuple(change for change in changes if change.step <= step)
        self._set(
            step=self._step,
            training_curves=record.training_curves(step),
            recent_curves=record.recent_curves(step),
            epoch_curves=record.epoch_curves(step),
            evaluation_curves=record.evaluation_curves(step),
            best_evaluation=record.best_evaluation(step),
            end=record.end,
            diverged_at=record.diverged_at,
            other_branches=other_branches,
            changes=tuple(change for change in net_changes(changes) if change.step),
            predictions=self._predictions,
            speed=self._speed(),
        )
        return self._snapshot

    def _clear(self, records: Sequence[BranchHistory] = ()) -> None:
        self._step: Step | None = None
        self._changed: dict[str, Any] = {}  # settings that are not in the config yet
        self._records = list(records) or [BranchHistory()]  # by branch number
        self._branch = 0
        self._tests: dict[int, Evaluation] = {}  # the last on the test set, by number of the branch
        self._predictions = PredictionHistory()
        self._other_branches: tuple[OtherBranchCurves, ...] = ()
        self._curves: dict[tuple[int | None, ...], OtherBranchCurves] = {}  # of other branches
        self._restart_speed()

    @property
    def _record(self) -> BranchHistory:
        """The record of the current branch."""
        return self._records[self._branch]

    @property
    def _current_step(self) -> int:
        return self._step.step if self._step else 0

    def _set(self, **values: object) -> None:
        self._snapshot = replace(self._snapshot, **values)  # type: ignore[arg-type]

    def _add_step(self, step: Step) -> None:
        # Called thousands of times per second in the screen's thread, so it makes no snapshot.
        self._step = step
        self._images += step.images
        self._record.add_step(step)
        if step.evaluation:
            self._add_evaluation(step.evaluation)

    def _add_evaluation(self, evaluation: Evaluation) -> None:
        self._predictions = self._predictions.with_evaluation(evaluation)
        epoch = self._step.epoch if self._step else 0
        self._record.add_evaluation(evaluation, epoch, self._predictions)
        if evaluation.step < self._record.end:  # the run went back: branches may start after it
            self._share(evaluation, epoch, self._branch)
        self._set(evaluation=evaluation, result=Result.of(evaluation))

    def _share(self, evaluation: Evaluation, epoch: int, number: int) -> None:
        """Adds an evaluation to the branches that start at its step or later on this branch."""
        for branch in self._snapshot.branches:
            if branch.parent == number and branch.fork >= evaluation.step:
                result = evaluation.step, epoch, evaluation.loss, evaluation.accuracy
                self._records[branch.number].add_result(*result)
                self._share(evaluation, epoch, branch.number)

    def _add_test(self, test: Evaluation, branches: Sequence[Branch], number: int) -> None:
        """Adds an evaluation on the test set, of a step on the path to the branch `number`."""
        self._tests[owner(branches, number, test.step).number] = test

    def _test_on(self, branches: Sequence[Branch], number: int) -> Evaluation | None:
        """Returns that of a branch, or of one on the path to it if made before the fork."""
        for branch, last in path_to(branches, number):
            test = self._tests.get(branch.number)
            if test and (branch.number == number or test.step <= last):
                return test
        return None

    def _move(self, event: RunMoved) -> None:
        """Follows the run to another step or branch. A new branch copies its parent's record."""
        resumed = self._snapshot.test_evaluation
        if resumed and not self._tests:
            self._add_test(resumed, event.branches, event.branch)
        new = event.branches[len(self._records) :]
        is_here = event.current_step == self._current_step
        stays = is_here and (bool(new) or event.branch == self._branch)
        for branch in new:
            assert branch.parent is not None
            self._records.append(self._records[branch.parent].until(branch.fork))
        self._branch, self._step = event.branch, event.step
        if not new:
            self._predictions = self._record.predictions.until(event.current_step)
        # Half of it, because the snapshot has copies of the curves.
        self._fit_records(event.config.timeline_memory * 1_000_000 * HISTORY_SHARE / 2)
        self._other_branches = self._curves_of_others(event.branches)
        self._restart_speed()
        self._set(
            config=event.config,
            result=self._snapshot.result if stays else self._record.result(event.current_step),
            branch=event.branch,
            branches=event.branches,
            move_count=self._snapshot.move_count + 1,
            test_evaluation=self._test_on(event.branches, event.branch),
            trace=None,
            survey=None,
            along_step=None,
            answers={},
            layer_stats_history=self._record.layer_stats_history.until(event.current_step),
        )

    def _fit_records(self, budget: float) -> None:
        """Thins the records of other branches, the largest first, until they fit the budget."""
        others = {n: record.nbytes for n, record in enumerate(self._records) if n != self._branch}
        excess = sum(others.values()) - budget
        while excess > 0:
            largest = max(others, key=others.__getitem__)
            if others[largest] < _SMALL:
                return
            self._records[largest].thin()
            excess -= others[largest] - self._records[largest].nbytes
            others[largest] = self._records[largest].nbytes

    def _curves_of_others(self, branches: Sequence[Branch]) -> tuple[OtherBranchCurves, ...]:
        """Returns what other branches have after the run left them; copies only what changed."""
        curves: dict[tuple[int | None, ...], OtherBranchCurves] = {}
        for number, step in departures(branches, self._branch).items():
            record = self._records[number]
            key = number, step, record.end, record.nbytes, record.diverged_at
            curves[key] = self._curves.get(key) or record.curves_after(step, number)
        self._curves = curves
        return tuple(curves.values())

    def _restart_speed(self) -> None:
        self._images = 0  # since then
        seconds = self._step.seconds if self._step else 0.0
        self._speed_marks: deque[tuple[float, int]] = deque([(seconds, 0)])

    def _speed(self) -> float:
        """Returns the images per second of training over the last _SPEED_WINDOW seconds."""
        step, marks = self._step, self._speed_marks
        if step is None:
            return 0.0
        if step.seconds > marks[-1][0]:
            marks.append((step.seconds, self._images))
        while len(marks) > 2 and marks[1][0] < step.seconds - _SPEED_WINDOW:
            marks.popleft()
        seconds, images = marks[0]
        elapsed = step.seconds - seconds
        return (self._images - images) / elapsed if elapsed else 0.0
