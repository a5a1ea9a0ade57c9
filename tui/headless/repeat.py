"""`fashion-tui train --seeds N`: the same settings with several seeds."""

from rich.console import Console
from rich.progress import Progress

from core.events import Step
from core.experiments.repeat import Repeats, repeat, seeds_from
from core.experiments.spread import FEWEST
from core.experiments.sweep_request import decisions
from core.experiments.trained_run import Keep, TrainedRun
from core.text import capitalized, counted
from tui.command_line import Options
from tui.exit_codes import DIVERGED, FINISHED, OUTPUT_FAILED, SIGNALLED, USAGE_ERROR
from tui.headless.console import make_console
from tui.headless.interruption import interruption
from tui.headless.json_log import JsonLog
from tui.headless.loading import load_data
from tui.streams import print_error


def train_seeds(options: Options, count: int) -> int:
    """Trains a run for each seed, prints mean and range; returns the exit code."""
    seeds = seeds_from(options.config, count)
    keep = Keep(options.runs, options.data, print_error) if options.runs else None
    with JsonLog(options.json, options.force) as log, interruption() as signals:
        console = make_console(stderr=log.to_stdout)
        data = load_data(options.data, options.reading, console)
        for note in decisions(options.config, data):
            console.print(note, soft_wrap=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task(
                counted(count, "seed"), total=float(count * options.config.epochs)
            )

            warnings: tuple[str, ...] = ()  # of the last epoch

            def should_continue(step: Step) -> bool:
                nonlocal warnings
                if step.evaluation:
                    warnings = step.evaluation.warnings
                    progress.advance(task)
                return not signals

            def finished(run: TrainedRun) -> None:
                nonlocal warnings
                console.print(capitalized(_line(run, options.runs is not None)), soft_wrap=True)
                for warning in warnings:
                    print_error(f"warning: seed {run.config.seed}: {warning}")
                log.write(
                    event="seed",
                    seed=run.config.seed,
                    state=run.state,
                    validation_accuracy=run.accuracy,
                    epochs=run.epochs,
                    run=run.run,
                    warnings=warnings,
                )
                warnings = ()

            result = repeat(
                options.config,
                seeds,
                data,
                keep,
                should_continue=should_continue,
                finished=finished,
            )
        _end(result, count, console, log)
    if signals:
        return SIGNALLED + signals[0]
    if keep and any(run.run is None for run in result.runs):
        return USAGE_ERROR
    if any(run.state == "diverged" for run in result.runs):
        return DIVERGED
    return OUTPUT_FAILED if log.failed else FINISHED


def _line(run: TrainedRun, is_kept: bool) -> str:
    where = f", kept as {run.run}" if run.run else ", not kept" if is_kept else ""
    seed = f"seed {run.config.seed}"
    if run.state == "diverged":
        return f"{seed}: {run.message}{where}"
    accuracy = "no epoch is complete" if run.accuracy is None else f"{run.accuracy:.2%}"
    end = "" if run.state == "complete" else f", interrupted after {counted(run.epochs, 'epoch')}"
    return f"{seed}: best validation accuracy {accuracy}{end}{where}"


def _end(result: Repeats, count: int, console: Console, log: JsonLog) -> None:
    spread = result.spread
    if spread:
        console.print(f"Best validation accuracy: {spread}", soft_wrap=True)
        if spread.seeds >= FEWEST:
            points = 100 * (spread.highest - spread.lowest)
            console.print(f"Differences below {points:.2f} points may be chance.")
    missing = count - (spread.seeds if spread else 0)
    if missing:
        have = "has" if missing == 1 else "have"
        print_error(f"{missing} of {counted(count, 'seed')} {have} no result")
    log.write(
        event="end",
        seeds=spread.seeds if spread else 0,
        mean=spread.mean if spread else None,
        lowest=spread.lowest if spread else None,
        highest=spread.highest if spread else None,
    )
