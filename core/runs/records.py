"""What was recorded on each branch of a kept run, as the screen shows it."""

import numpy as np

from core.errors import RunError
from core.events import Branch, Phase
from core.history.branch_history import BranchHistory
from core.history.prediction_history import EvaluationPredictions
from core.metrics import EpochAverages
from core.runs.content import RunContent
from core.runs.reader import Columns
from core.runs.step_events import step_events


def records(run: RunContent) -> tuple[BranchHistory, ...]:
    """Returns what was recorded on each branch, for the screen."""
    found: list[BranchHistory] = []
    forks = {branch.fork for branch in run.branches}
    # By branch and step, where other branches start.
    sums = {(0, run.branches[0].fork): EpochAverages()}
    for branch in run.branches:
        record = (
            BranchHistory(branch.fork)
            if branch.parent is None
            else found[branch.parent].until(branch.fork)
        )
        columns = run.reader.steps(branch.number, branch.end)
        parent = branch.parent or 0
        own = sums.get((parent, branch.fork), EpochAverages()).copy()
        sums[branch.number, branch.fork] = own.copy()
        for step in step_events(columns, run.meta["training_images"], own):
            record.add_step(step)
            if step.step in forks:
                sums[branch.number, step.step] = own.copy()
        _add_evaluations(run, record, branch, columns)
        _add_layer_stats(run, record, branch)
        record.changes.extend(branch.changes)
        found.append(record)
    if run.meta.get("phase") == Phase.DIVERGED.value:
        found[run.branch].diverged_at = run.step
    return tuple(found)


def _add_evaluations(
    run: RunContent, record: BranchHistory, branch: Branch, steps: Columns
) -> None:
    """Adds the evaluations of a branch. steps: those of the branch itself."""
    rows = run.reader.evaluations(branch.number, run.meta["evaluation_set"])
    images = run.meta["evaluation_images"]
    for step, loss, accuracy, predicted, probability in rows:
        place = int(np.searchsorted(steps["step"], step, side="right"))
        # An evaluation where the branch starts is in an epoch of the branch before.
        epoch = steps["epoch"][place - 1] if place else record.epoch_at(step)
        if step == run.start_step > 0:  # which no step of this run has
            epoch = run.reader.checkpoint(0, step).epochs
        record.add_result(step, int(epoch), loss, accuracy)
        if step < branch.fork:  # the run went back to before the branch
            continue
        if predicted is not None and len(predicted) == len(probability) == images:
            new = EvaluationPredictions(0, step, predicted, probability)
            record.predictions = record.predictions.with_predictions(new)


def _add_layer_stats(run: RunContent, record: BranchHistory, branch: Branch) -> None:
    for stats in run.reader.layer_stats(branch.number):
        if len(stats.layers) != len(run.config.hidden) + 1:
            raise RunError(f"{run.path} is damaged: it has statistics of other layers")
        record.layer_stats_history = record.layer_stats_history.with_stats(stats)
