"""`fashion-tui train`: a whole run without a screen."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from core.coach.coach import Coach
from core.config.config import SETTINGS
from core.errors import Diverged, RunError
from core.events import BranchChanged, Change, Phase, PhaseChanged, Scored, Step
from core.metrics import balanced_accuracy
from core.runs.description import fingerprint
from core.runs.run import Run
from core.runs.summary import RunSummary, summarize
from core.text import counted, printable
from core.training.rate_jump import rate_jump
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from tui.command_line import Options
from tui.exit_codes import DIVERGED, FINISHED, OUTPUT_FAILED, SIGNALLED
from tui.headless import tables
from tui.headless.advice import advice
from tui.headless.console import make_console, readable_names
from tui.headless.interruption import interruption
from tui.headless.json_log import JsonLog
from tui.headless.loading import load_data
from tui.headless.report import ProgressBars, ProgressLines
from tui.run.keeping import OTHER_DATA, Keeping
from tui.run.plan import Plan
from tui.streams import print_error

_PHASES = {
    "finished": Phase.FINISHED,
    "stopped": Phase.PAUSED,
    "diverged": Phase.DIVERGED,
    "interrupted": Phase.PAUSED,
}


def train(options: Options) -> int:
    """Trains to the end, scores the test set once, prints the results; returns the exit code."""
    keeping = Keeping(options.runs, options.data, print_error)
    with JsonLog(options.json, options.force) as log, interruption() as signals:
        console = make_console(stderr=log.to_stdout)
        try:
            trainer, step, change = _begin(options, keeping, console)
            until = options.until or math.inf
            if trainer.steps >= until:
                print_error(
                    f"note: nothing is trained, because the run is at step {trainer.steps:,} "
                    f"and --until is {until}"
                )
            code = _train(
                trainer, step, change, until, keeping, options.runs, log, console, signals
            )
        finally:
            keeping.close()
    return code or (OUTPUT_FAILED if log.failed else FINISHED)


def _begin(
    options: Options, keeping: Keeping, console: Console
) -> tuple[Trainer, Callable[[], Step], Callable[[], None]]:
    """Starts or resumes a run.

    Returns its trainer, what makes the next step, and what makes the changes planned before it.
    """
    resume = options.resume
    if resume is None:
        data = load_data(options.data, options.reading, console)
        trainer = Trainer(options.config, data)
        keeping.start(trainer, trainer.started())
        if not options.plan:
            return trainer, trainer.step, lambda: None
        timeline = Timeline(trainer)  # it records the changes
        change = partial(_change_as_planned, options.plan, timeline, keeping, console)
        return trainer, timeline.step, change
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
        if trainer.finished:
            print_error("note: nothing is trained, because all epochs are done; add --epochs")
    console.print(f"resuming {run.name} after step {steps:,}", soft_wrap=True)
    if resume.changes:
        keeping.add(timeline.moved())
    _print_changes(changes, trainer, rate, console)
    return trainer, timeline.step, lambda: None


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


def _train(
    trainer: Trainer,
    step: Callable[[], Step],
    change: Callable[[], None],
    until: float,
    keeping: Keeping,
    directory: Path | None,
    log: JsonLog,
    console: Console,
    signals: list[int],
) -> int:
    """Trains to the end and prints the results; returns the exit code."""
    begun = trainer.steps
    for note in trainer.notes:
        console.print(note, soft_wrap=True)
    log.start(trainer)
    keeping.add(PhaseChanged(Phase.RUNNING))
    coach = Coach(trainer, keeping.add)
    report = (
        ProgressBars(trainer, console) if console.file.isatty() else ProgressLines(trainer, console)
    )
    code, reason = FINISHED, "finished"
    try:
        with report:
            _epochs(trainer, step, change, until, keeping, log, report, coach, signals)
        reason = "finished" if trainer.finished else "stopped"
    except Diverged as error:
        print_error(str(error))
        code, reason = DIVERGED, "diverged"
        coach.add(PhaseChanged(Phase.DIVERGED))
    if trainer.stopped:
        console.print(trainer.early_stopping.message, soft_wrap=True)
        keeping.add(trainer.evaluate(trainer.evaluation_set))  # with the weights it restored
    elif trainer.early_stopping.best_epoch:
        console.print(trainer.early_stopping.unstopped_message, soft_wrap=True)
    if signals:
        code, reason = SIGNALLED + signals[0], "interrupted"
    test = None
    try:
        test = trainer.evaluate(trainer.dataset.test)
    except Diverged as error:
        if not code:
            print_error(str(error))
            code, reason = DIVERGED, "diverged"
    keeping.add(PhaseChanged(_PHASES[reason]))
    if test:
        keeping.add(Scored(test))
        coach.add(Scored(test))
    path, name = keeping.path, keeping.close()
    found = coach.noted()
    log.end(trainer, reason, test, name, found)
    if test and reason != "diverged":
        names = readable_names(trainer.dataset.class_names)
        console.print(tables.per_class(test, names))
        console.print(tables.confusions(test, names), crop=False, no_wrap=True, overflow="ignore")
        console.print(
            f"after {counted(trainer.steps, 'step')}: test loss {test.loss:.4f}, "
            f"test accuracy {test.accuracy:.2%} ({counted(len(test.labels), 'image')})"
        )
        data = trainer.dataset
        console.print(f"data: {data.name}, SHA-256 {fingerprint(data)[:12]}…", soft_wrap=True)
        if data.is_unbalanced:
            console.print(f"balanced accuracy, the mean recall: {balanced_accuracy(test):.2%}")
    for line in advice(found, trainer.config):
        console.print(line, soft_wrap=True)
    if name:
        console.print(f"kept as {_place(path, name, directory)}", soft_wrap=True)
    if keeping.is_lost or (keeping.wanted and not name and trainer.steps > begun):
        print_error(f"{'the end of ' if name else ''}this run was not kept")
    return code


def _place(path: Path | None, name: str, directory: Path | None) -> str:
    """Returns how the commands find a run: by its name, or by its file in another directory."""
    if path is None or directory is None or path.parent.resolve() == directory.resolve():
        return name
    return printable(str(path.absolute()))


def _epochs(
    trainer: Trainer,
    next_step: Callable[[], Step],
    change: Callable[[], None],
    until: float,
    keeping: Keeping,
    log: JsonLog,
    report: ProgressBars | ProgressLines,
    coach: Coach,
    signals: list[int],
) -> None:
    """Trains until the run is finished, at step `until` or a signal arrives; raises Diverged."""
    seconds, position = trainer.seconds, trainer.position  # at the start of the epoch, or here
    warned: list[str] = []
    while not signals:
        change()
        if trainer.finished or trainer.steps >= until:
            return
        step = next_step()
        keeping.add(step)
        keeping.note_step()
        coach.add(step)
        report.step(step)
        if step.evaluation:
            speed = (step.position - position) / (step.seconds - seconds)
            log.epoch(step, speed)
            report.epoch(step, speed)
            for warning in step.evaluation.warnings:
                if warning not in warned:
                    warned.append(warning)
                    print_error(f"warning: after epoch {step.epoch}: {warning}")
            seconds, position = step.seconds, 0
