"""`fashion-tui find-rate`: suggests a learning rate, without training the run."""

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from core.errors import ConfigError
from core.experiments.rate_finder import find_rate
from core.inspection.rate_curve import FoundRate
from core.runs.run import Run
from core.runs.summary import summarize
from core.text import short_exponent, significant
from core.training.trainer import Trainer
from tui.command_line import Options
from tui.exit_codes import FINISHED, OUTPUT_FAILED, SIGNALLED
from tui.headless.console import make_console
from tui.headless.interruption import interruption
from tui.headless.json_log import JsonLog
from tui.headless.loading import load_data
from tui.streams import print_error

_ROWS_PER_DECADE = 3
_BAR = 30  # characters


def find(options: Options) -> int:
    """Prints the losses at growing rates and the suggestion; returns the exit code."""
    if options.plan:
        raise ConfigError("at", "--at cannot be used with find-rate")
    with JsonLog(options.json, options.force) as log, interruption() as signals:
        console = make_console(stderr=log.to_stdout)
        trainer = _trainer(options, console)
        done = 0.0
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("finding a learning rate", total=1.0)

            def show(fraction: float) -> bool:
                nonlocal done
                done = fraction
                progress.update(task, completed=fraction)
                return not signals

            found = find_rate(trainer, should_continue=show)
        if found is None:
            print_error(f"no learning rate was found: interrupted when {done:.0%} was done")
            return SIGNALLED + signals[0]
        _print(found, console)
        log.write(
            suggested=found.suggested,
            cautious=found.cautious,
            reason=found.reason,
            rates=found.rates.tolist(),
            losses=found.losses.tolist(),
        )
        return OUTPUT_FAILED if log.failed else FINISHED


def _trainer(options: Options, console: Console) -> Trainer:
    resume = options.resume
    if resume is None:
        return Trainer(options.config, load_data(options.data, options.reading, console))
    elsewhere = summarize(resume.path).is_open_elsewhere
    with Run(resume.path, in_memory=elsewhere) as kept:
        data = resume.dataset_of(kept)
        timeline = resume.with_data(kept, data).timeline(data)
        assert timeline is not None
        timeline.change(**resume.changes)
        return timeline.trainer


def _print(found: FoundRate, console: Console) -> None:
    if len(found.rates):
        console.print(_table(found))
    console.print(found.reason)
    if found.suggested is not None and found.cautious is not None:
        console.print(f"suggested learning rate: {significant(found.suggested)}")
        console.print(f"cautious: {significant(found.cautious)}")


def _table(found: FoundRate) -> Table:
    table = Table("learning rate", "training loss (nats)", "", box=None, pad_edge=False)
    decades = np.log10(found.rates)
    wanted = np.arange(decades[0], decades[-1] + 1e-9, 1 / _ROWS_PER_DECADE)
    top = 1.5 * found.smoothed[0]
    for place in np.unique(np.abs(decades[:, None] - wanted).argmin(axis=0)):
        loss = found.smoothed[place]
        bar = "▇" * round(_BAR * min(loss / top, 1.0))
        table.add_row(short_exponent(f"{found.rates[place]:.1e}"), f"{loss:.3f}", bar)
    return table
