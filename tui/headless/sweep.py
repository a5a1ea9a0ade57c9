"""`fashion-tui sweep`: trains runs with several values of settings, and lists the best."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from core.config.config import SETTINGS
from core.errors import StudyError
from core.experiments import search_space
from core.experiments.search_space import describe
from core.experiments.spread import verdict_on_best
from core.experiments.study import Study
from core.experiments.study_plan import StudyPlan
from core.experiments.sweep import Note, Sweep, TrialEvent, TrialProgress
from core.experiments.sweep_request import SweepRequest, decisions, threads_per_job
from core.experiments.sweep_state import about_repeated, spreads_over_seeds
from core.experiments.trial import TrialResult
from core.text import capitalized, counted, printable
from tui.command_line import Options
from tui.exit_codes import DIVERGED, FINISHED, OUTPUT_FAILED, SIGNALLED, USAGE_ERROR
from tui.headless.console import make_console
from tui.headless.interruption import interruption
from tui.headless.json_log import JsonLog
from tui.headless.loading import load_data
from tui.streams import print_error
from tui.sweep_options import SweepOptions

_ROWS = 100


def sweep(options: Options, wanted: SweepOptions) -> int:
    """Makes the trials of a study, then prints them, the best first; returns the exit code."""
    with ExitStack() as stack:
        log = stack.enter_context(JsonLog(options.json, options.force))
        console = make_console(stderr=log.to_stdout)
        data = load_data(options.data, options.reading, console)
        request = _request(options, wanted)
        study = stack.enter_context(request.open_study(data))
        signals = stack.enter_context(interruption())
        for note in decisions(study.plan.config, data):
            console.print(note, soft_wrap=True)
        results = {result.number: result for result in study.results()}
        _print_start(study, len(results), console)
        for sentence in request.ignored(study):
            print_error(sentence)
        for result in results.values():
            _write(result, log)
        fault = _make_trials(request, study, results, console, log, lambda: bool(signals))
        _end(study, results, console, log)
        again = "show it again" if len(results) >= study.plan.trials else "continue"
        console.print(f"To {again}: {request.command(study.name)}", soft_wrap=True)
        if signals:
            return SIGNALLED + signals[0]
        states = {result.state for result in results.values()}
        if fault or "failed" in states:
            return USAGE_ERROR
        if states == {"diverged"}:
            return DIVERGED
        return OUTPUT_FAILED if log.failed else FINISHED


def _request(options: Options, wanted: SweepOptions) -> SweepRequest:
    return SweepRequest(
        wanted.space,
        options.config,
        wanted.given,
        wanted.sampler,
        wanted.trials,
        wanted.jobs,
        threads_per_job(wanted.jobs, options.config.threads),
        wanted.prune,
        wanted.study,
        wanted.storage,
        options.data,
        options.reading,
        options.runs,
    )


def _make_trials(
    request: SweepRequest,
    study: Study,
    results: dict[int, TrialResult],
    console: Console,
    log: JsonLog,
    should_stop: Callable[[], bool],
) -> bool:
    """Makes the trials that are left, and adds their results.

    Returns whether it had to end, or could not keep a run.
    """
    fault, unkept = False, 0
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = progress.add_task("trials", total=study.plan.trials, completed=len(results))

    def observe(event: TrialEvent) -> None:
        nonlocal unkept
        match event:
            case Note(text):
                print_error(text)
            case TrialResult(number) if number not in results:
                results[number] = event
                unkept += request.runs is not None and event.run is None
                _write(event, log)
                progress.update(task, completed=len(results))
                console.print(_line(event, request.runs is not None), soft_wrap=True)
            case TrialProgress(number=number, epoch=epoch, accuracy=float(accuracy)):
                progress.update(
                    task, description=f"trial {number}, epoch {epoch}: {accuracy:.1%}; trials"
                )

    with progress:
        try:
            Sweep(study, request.worker_setup, request.jobs, observe, should_stop).run()
        except StudyError as error:
            print_error(str(error))
            fault = True
    if unkept:
        print_error(f"runs that could not be kept: {unkept:,}")
    return fault or unkept > 0


def _print_start(study: Study, done: int, console: Console) -> None:
    plan, say = study.plan, partial(console.print, soft_wrap=True)
    kind = "all combinations" if plan.sampler == "grid" else f"sampler {plan.sampler}"
    say(f"study {printable(study.name)}: {counted(plan.trials, 'trial')}, {kind}")
    for one in plan.space.dimensions:
        say(f"  {one}")
    if not study.is_new:
        are = "is" if done == 1 else "are"
        say(f"{done:,} of {counted(plan.trials, 'trial')} {are} done")


def _line(result: TrialResult, is_kept: bool) -> str:
    text = f"trial {result.number}: {describe(result.settings)}: {_result_text(result)}"
    if result.run:
        return f"{text}, kept as {printable(result.run)}"
    return f"{text}, not kept" if is_kept else text


def _result_text(result: TrialResult) -> str:
    accuracy = "" if result.accuracy is None else f"{result.accuracy:.2%}"
    if result.state == "complete":
        return accuracy
    if result.state == "pruned":
        return f"{accuracy} (pruned)"
    return printable(result.message) or result.state


def _end(study: Study, results: dict[int, TrialResult], console: Console, log: JsonLog) -> None:
    """Prints the table, what is left, and how to continue."""
    ranked = sorted(results.values(), key=_rank)
    if ranked:
        width, console.width = console.width, 10_000
        console.print(_table(study.plan, ranked[:_ROWS]), crop=False, no_wrap=True)
        console.width = width
    if len(ranked) > _ROWS:
        console.print(f"and {counted(len(ranked) - _ROWS, 'trial')} with lower accuracies")
    spreads = spreads_over_seeds(study.plan, results.values())
    for name, spread in spreads[:_ROWS]:
        console.print(f"{capitalized(name) or 'These settings'}: {spread}", soft_wrap=True)
    if sentence := verdict_on_best(spreads):
        console.print(f"{capitalized(sentence)}.", soft_wrap=True)
    if repeated := about_repeated(results.values()):
        console.print(capitalized(repeated), soft_wrap=True)
    left = study.plan.trials - len(results)
    try:
        importances, elsewhere = study.importances(), study.elsewhere()
    except StudyError:  # it was reported before
        importances, elsewhere = {}, []
    if importances:
        shares = [f"{SETTINGS[name].label} {share:.0%}" for name, share in importances.items()]
        console.print(f"Importance for reaching the best 25%: {', '.join(shares)}", soft_wrap=True)
    if left > 0:
        text = f"trials left: {left:,} of {study.plan.trials:,}"
        if elsewhere:
            text += f"; of these, other programs train {len(elsewhere)} now: {elsewhere[0]}"
        print_error(text)
    best = next((result for result in ranked if result.state == "complete"), None)
    log.write(
        event="end",
        study=study.name,
        trials=len(results),
        planned=study.plan.trials,
        best=_object(best) if best else None,
        importances=importances,
    )


def _rank(result: TrialResult) -> tuple[bool, float, int]:
    """Orders by accuracy, with those that are complete first."""
    return result.state != "complete", -(result.accuracy or 0.0), result.number


def _table(plan: StudyPlan, results: list[TrialResult]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("validation accuracy", justify="right")
    for one in plan.space.dimensions:
        table.add_column(one.setting.label, justify="right")
    table.add_column("trial", justify="right")
    table.add_column("run")
    for place, result in enumerate(results):
        cells = [
            search_space.write(one.setting, result.settings[one.setting.name])
            if one.setting.name in result.settings
            else ""
            for one in plan.space.dimensions
        ]
        text = _result_text(result) if result.state in ("complete", "pruned") else result.state
        run = printable(result.run or "")
        table.add_row(
            Text(text), *cells, str(result.number), Text(run), style="bold" if not place else ""
        )
    return table


def _write(result: TrialResult, log: JsonLog) -> None:
    log.write(event="trial", **_object(result))


def _object(result: TrialResult) -> dict[str, object]:
    return {
        "number": result.number,
        "state": result.state,
        "settings": result.settings,
        "validation_accuracy": result.accuracy,
        "run": result.run,
        "message": result.message or None,
    }
