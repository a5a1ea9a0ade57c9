"""Continues a kept run: in its file, or as a copy if the file must stay as it is."""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from core.data.dataset import Dataset
from core.events import Evaluation
from core.history.branch_history import BranchHistory
from core.runs.owner import Owner
from core.runs.run import Run
from core.runs.summary import summarize
from core.training.timeline import Timeline
from tui.run.keeping import OTHER_DATA, READ_ONLY, Keeping
from tui.run.mailbox import Mailbox
from tui.run.progress import run_with_progress
from tui.run.resumption import Resumption


class ResumedRun(NamedTuple):
    """A kept run that continues, before the changes of its resumption.

    test_evaluation: the last on the test set. notes: sentences for the user.
    """

    timeline: Timeline
    records: Sequence[BranchHistory]
    test_evaluation: Evaluation | None
    notes: Sequence[str]


def resume(
    resumption: Resumption, current: Dataset | None, mail: Mailbox, keeping: Keeping
) -> ResumedRun:
    """Restores a kept run, and keeps it from now on.

    It continues as a copy if another program has it open or if the data is other than its own.
    current: the dataset in memory, if any.

    Raises RunError or DataError if that cannot be done.
    """
    summary = summarize(resumption.path)
    elsewhere = summary.is_open_elsewhere
    with Run(resumption.path, in_memory=elsewhere) as kept:
        data = resumption.dataset_of(kept, current)
        run = resumption.with_data(kept, data)
        timeline = run_with_progress(
            mail, f"resuming {run.name}", partial(run.timeline, data), math.inf
        )
        assert timeline is not None  # the next command waits
        notes = run.differences()
        if run is not kept and run.origin:
            notes.insert(0, run.origin.notice(data.name))
        elif elsewhere:
            notes.insert(0, _read_only(run, summary.opened_by))
        resumed = ResumedRun(timeline, run.records(), run.test_evaluation(data), notes)
        if run is not kept:
            keeping.copy(timeline.trainer, run, OTHER_DATA)
        elif elsewhere:
            keeping.copy(timeline.trainer, run, READ_ONLY, resumption.data)
        else:
            keeping.resume(timeline.trainer, run, resumption.data)
        return resumed


def _read_only(run: Run, owner: Owner | None) -> str:
    return (
        f"the run {run.name} is open in another program ({owner}): it is read-only here, as it "
        f"was after step {run.step:,}. If you train it further, the rest is kept in a copy."
    )
