"""Starts or resumes the run that is trained without a screen, and changes it as planned."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from core.config.config import SETTINGS
from core.errors import RunError
from core.events import BranchChanged, Change, Step
from core.runs.run import Run
from core.runs.summary import RunSummary, summarize
from core.text import counted
from core.training.rate_jump import rate_jump
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from tui.command_line import Options
from tui.headless.loading import load_data
from tui.run.keeping import OTHER_DATA, Keeping
from tui.run.plan import Plan
from tui.streams import print_error


class StartedRun(NamedTuple):
    """step: makes the next step. change: makes the changes planned before it."""

    trainer: Trainer
    step: Callable[[], Step]
    change: Callable[[], None]


def start(options: Options, keeping: Keeping, console: Console) -> StartedRun:
    """Starts or resumes a run, and keeps it from now on."""
    resume = options.resume
    if resume is None:
        data = load_data(options.data, options.reading, console)
        trainer = Trainer(options.config, data)
        keeping.start(trainer, trainer.started())
        if not options.plan:
            return StartedRun(trainer, trainer.step, lambda: None)
        timeline = Timeline(trainer)  # it records the changes
        change = partial(_change_as_planned, options.plan, timeline, keeping, console)
        return StartedRun(trainer, timeline.step, change)
    summary = summarize(resume.path)
    if not resume.anyway:  # a copy that continues with other data can be kept
        _check_owner(summary, keeping)
    with Run(resume.path, in_memory=summary.is_open_elsewhere) as kept:
        data = resume.dataset_of(kept)
        run = resume.with_data(kept, data)
        resumed = run.timeline(data)
        assert resumed is not None
        timeline = resumed
        trainer, steps = timeline.trainer, timeline.current_step
        rate = trainer.learning_rate
        # It may be refused, so before anything is written.
        changes = timeline.change(**resume.changes)
        if run is not kept:
            keeping.copy(trainer, run, OTHER_DATA)
        else:
            _resume(keeping, trainer, run, resume.data)
        for difference in run.differences():
            print_error(f"note: {difference}")
    if run is not kept and run.origin:
        print_error(f"note: {run.origin.notice(data.name)}")
    console.print(f"resuming {run.name} after step {steps:,}", soft_wrap=True)
    if resume.changes:
        keeping.add(timeline.moved())
    _print_changes(changes, trainer, rate, console)
    if trainer.finished:
        why = (
            "stopped early"
            if trainer.stopped
            else f"finished its {counted(trainer.config.epochs, 'epoch')}"
        )
        option = "--patience" if trainer.stopped else "--epochs"
        print_error(
            f"note: nothing is trained, because the run {why}; a larger {option} continues it"
        )
    return StartedRun(trainer, timeline.step, lambda: None)


def _resume(keeping: Keeping, trainer: Trainer, run: Run, data: Path | None) -> None:
    """Continues in the file of a run. Raises RunError if another program has it open."""
    try:
        keeping.resume(trainer, run, data)
    except RunError:  # another program may have opened it since
        _check_owner(summarize(run.path), keeping)
        raise


def _check_owner(run: RunSummary, keeping: Keeping) -> None:
    """Raises RunError if another program has the run open, and it would have to be kept twice."""
    if run.is_open_elsewhere and keeping.wanted:
        raise RunError(
            f"{run.name} is open in another program: {run.owner}; end it there first, add "
            "--no-keep to train without keeping the rest, or train a copy on the screen: "
            f"fashion-tui --resume {run.name}"
        )


def _change_as_planned(plan: Plan, timeline: Timeline, keeping: Keeping, console: Console) -> None:
    """Makes the changes planned after the current step."""
    for values in plan.take(timeline.current_step):
        rate = timeline.trainer.learning_rate
        _print_changes(timeline.change(**values), timeline.trainer, rate, console)
        keeping.add(BranchChanged(timeline.branch))
    if timeline.trainer.finished:
        for step in plan.steps:
            print_error(f"note: the run ended before step {step:,}, so --at {step} had no effect")


def _print_changes(
    changes: Sequence[Change], trainer: Trainer, rate: float, console: Console
) -> None:
    """rate: the learning rate before them."""
    for change in changes:
        setting = SETTINGS[change.field]
        console.print(
            f"after step {change.step:,}: {setting.label} {setting.write(change.old)}, now "
            f"{setting.write(change.new)}",
            soft_wrap=True,
        )
    if jump := rate_jump(changes, trainer, rate):
        console.print(jump, soft_wrap=True)
