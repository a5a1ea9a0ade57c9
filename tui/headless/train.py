"""`fashion-tui train`: a whole run without a screen."""

import math
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from core.coach.coach import Coach
from core.errors import Diverged
from core.events import Evaluation, Phase, PhaseChanged, Scored
from core.metrics import balanced_accuracy
from core.runs.description import fingerprint
from core.text import counted, printable
from tui.command_line import Options
from tui.exit_codes import DIVERGED, FINISHED, OUTPUT_FAILED, SIGNALLED
from tui.headless import tables
from tui.headless.advice import advice
from tui.headless.console import make_console, readable_names
from tui.headless.interruption import interruption
from tui.headless.json_log import JsonLog
from tui.headless.report import ProgressBars, ProgressLines
from tui.headless.start import StartedRun, start
from tui.run.keeping import Keeping
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
            run = start(options, keeping, console)
            until = options.until or math.inf
            if run.trainer.steps >= until:
                print_error(
                    f"note: nothing is trained, because the run is at step {run.trainer.steps:,} "
                    f"and --until is {until}"
                )
            code = _train(run, until, keeping, options.runs, log, console, signals)
        finally:
            keeping.close()
    return code or (OUTPUT_FAILED if log.failed else FINISHED)


def _train(
    run: StartedRun,
    until: float,
    keeping: Keeping,
    directory: Path | None,
    log: JsonLog,
    console: Console,
    signals: list[int],
) -> int:
    """Trains to the end and prints the results; returns the exit code."""
    trainer = run.trainer
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
    warned: list[str] = []
    try:
        with report:
            _epochs(run, until, keeping, log, report, coach, warned, signals)
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
    if reason in ("stopped", "interrupted"):  # perhaps within an epoch
        with suppress(Diverged):
            coach.evaluate()
    found = coach.noted()
    if test and any(noted.finding.rule == "test below validation" for noted in found):
        test = replace(test, warnings=())  # the coach says why, and training is not to blame
    if test and reason != "diverged":
        _warn(test, "at the end", warned)
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
    for line in advice(found, trainer.config, trainer.steps, reason == "diverged"):
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
    run: StartedRun,
    until: float,
    keeping: Keeping,
    log: JsonLog,
    report: ProgressBars | ProgressLines,
    coach: Coach,
    warned: list[str],
    signals: list[int],
) -> None:
    """Trains until the run is finished, at step `until` or a signal arrives; raises Diverged."""
    trainer = run.trainer
    seconds, position = trainer.seconds, trainer.position  # at the start of the epoch, or here
    while not signals:
        run.change()
        if trainer.finished or trainer.steps >= until:
            return
        step = run.step()
        keeping.add(step)
        keeping.note_step()
        coach.add(step)
        report.step(step)
        if step.evaluation:
            speed = (step.position - position) / (step.seconds - seconds)
            log.epoch(step, speed)
            report.epoch(step, speed)
            _warn(step.evaluation, f"after epoch {step.epoch}", warned)
            seconds, position = step.seconds, 0


def _warn(evaluation: Evaluation, when: str, warned: list[str]) -> None:
    """Prints the warnings of an evaluation that are not in `warned`, and adds them to it."""
    for warning in evaluation.warnings:
        if warning not in warned:
            warned.append(warning)
            print_error(f"warning: {when}: {warning}")
