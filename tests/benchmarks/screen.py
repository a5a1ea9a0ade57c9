"""How fast the screen responds during training, and how much it slows training down.

The program runs in a pseudo-terminal of 120×40 with the preset `default`. Its output is recorded
with arrival times and sent to an emulated terminal afterwards, because the emulator is slow.

speed   Steps per second of wall time, from the status bar, relative to the bare trainer, which runs
        before and after while the program is paused. Both evaluate at the end of each epoch; the
        program also every two seconds, which counts as a cost of the screen. Also inside tmux.
keys    Time from writing a key to the terminal to the output that shows its effect.
bytes   What the program writes to the terminal while it trains at full speed, and while paused.
idle    CPU use of the paused program, as a share of a core.
paint   Time from the start of the process to the status bar, relative to importing Textual and
        NumPy.
long    CPU time to record and draw 100 steps in all panes after a million steps, relative to
        after a thousand; and the memory that recording a million steps takes.
"""

import argparse
import asyncio
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from statistics import median, quantiles
from time import perf_counter, sleep, thread_time

import tui  # noqa: F401 - before NumPy, because it sets one BLAS thread

# isort: split
import gestures
import numpy as np
from program import (
    COLORS,
    COMMAND,
    LARGE_SIZE,
    SIZE,
    cpu_seconds,
    memory,
    set_phase,
    started,
    started_in_tmux,
    step,
)
from rich.console import Console
from rich.table import Table

# isort: split
import canned  # from tests/, which program.py adds to the path
from terminal import Terminal

from core.config.config import Config
from core.config.presets import presets
from core.data import dataset
from core.events import Phase, PhaseChanged, Step
from core.training.trainer import Trainer
from tui.app import FashionApp
from tui.panes.curves.charts import Charts

IMPORTS = [sys.executable, "-c", "import textual.app, numpy"]
EPOCH = 430  # steps
SECOND_EPOCH = r"epoch ([2-9]|\d\d+)/"  # or a later one: an epoch may take a quarter of a second


@dataclass(frozen=True)
class Figure:
    """A measurement, the target for its median, and as `tail` that for its 95th percentile."""

    what: str
    values: Sequence[float]
    target: float
    at_least: bool = False
    tail: float | None = None

    def cells(self) -> tuple[str, ...]:
        middle = median(self.values)
        reached = middle >= self.target if self.at_least else middle <= self.target
        target, late = f"{'≥' if self.at_least else '≤'} {self.target:g}", ""
        if self.tail is not None:
            tail = quantiles(self.values, n=20, method="inclusive")[-1]
            reached = reached and tail <= self.tail
            target, late = f"{target}, p95 {self.tail:g}", f"{tail:.3g}"
        spread = f"{min(self.values):.3g}–{max(self.values):.3g}" if len(self.values) > 1 else ""
        return self.what, f"{middle:.3g}", spread, late, target, "yes" if reached else "no"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds of each measurement (default: 5)"
    )
    parser.add_argument("--only", choices=MEASURES, metavar="NAME", help=", ".join(MEASURES))
    options = parser.parse_args()
    table = Table(
        title="Responsiveness and cost of the screen",
        caption=f"{options.rounds} rounds, {os.cpu_count()} cores, {SIZE[0]}×{SIZE[1]}",
    )
    for heading in ("what", "median", "min–max", "p95", "target", "reached"):
        words = heading == "what"
        table.add_column(heading, justify="left" if words else "right", no_wrap=not words)
    for name in [options.only] if options.only else MEASURES:
        print(f"measuring {name}", file=sys.stderr)  # no spinner, which would take CPU time
        for figure in MEASURES[name](options.rounds):
            table.add_row(*figure.cells())
    # Files and pipes have no width, and the default of 80 columns would wrap the rows.
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def speed(rounds: int) -> Iterator[Figure]:
    yield speed_in("", started(), rounds)
    if not shutil.which("tmux"):
        print("tmux is not installed; the speed inside it is not measured", file=sys.stderr)
        return
    for size in (SIZE, LARGE_SIZE):
        place = f" in tmux, {size[0]}×{size[1]}"
        yield speed_in(place, started_in_tmux(size), rounds)


def speed_in(place: str, program: AbstractContextManager[Terminal], rounds: int) -> Figure:
    trainer = Trainer(presets()["default"].config.replace(epochs=1000), dataset.load())
    beside, alone = [], []
    with program as terminal:
        set_phase(terminal, "running")
        terminal.until(SECOND_EPOCH)  # the first epoch has more evaluations
        for _ in range(rounds):
            set_phase(terminal, "paused")
            before = bare_speed(trainer)
            set_phase(terminal, "running")
            beside.append(shown_speed(terminal))
            set_phase(terminal, "paused")
            alone.append((before + bare_speed(trainer)) / 2)
    ratios = [a / b for a, b in zip(beside, alone, strict=True)]
    per_second = f"{median(beside):,.0f} to {median(alone):,.0f} steps/s"
    what = f"training speed with the screen{place}, relative to without ({per_second})"
    return Figure(what, ratios, 0.9, at_least=True)


def bare_speed(trainer: Trainer, seconds: float = 2) -> float:
    """Steps per second of wall time."""
    before, start = trainer.steps, perf_counter()
    while perf_counter() - start < seconds:
        trainer.step()
    return (trainer.steps - before) / (perf_counter() - start)


def shown_speed(terminal: Terminal, seconds: float = 4) -> float:
    """Steps per second of wall time, from the first change of the displayed count to the last."""
    counts = []
    for time, data in terminal.record(seconds):
        before = step(terminal)
        terminal.show(data)
        if step(terminal) != before:
            counts.append((time, step(terminal)))
    (first, low), (last, high) = counts[0], counts[-1]
    return (high - low) / (last - first)


def keys(rounds: int) -> Iterator[Figure]:
    for what, delays in gestures.delays(rounds).items():
        yield Figure(f"{what}, ms", delays, 15, tail=50)


def output(rounds: int) -> Iterator[Figure]:
    with started() as terminal:
        set_phase(terminal, "running")
        terminal.until(SECOND_EPOCH)
        running = [kilobytes(terminal) for _ in range(rounds)]
        yield Figure("output at full speed, kB/s", running, 30)
        set_phase(terminal, "paused")
        terminal.record(2)  # what was on its way
        yield Figure("output while paused, kB/s", [kilobytes(terminal)], 0)


def kilobytes(terminal: Terminal, seconds: float = 4) -> float:
    """The output of some seconds, in thousands of bytes a second."""
    return sum(len(data) for _, data in terminal.record(seconds)) / seconds / 1000


def idle(rounds: int) -> Iterator[Figure]:
    with started() as terminal:
        set_phase(terminal, "running")
        terminal.until(SECOND_EPOCH)
        set_phase(terminal, "paused")
        yield Figure("CPU use while paused, % of a core", [idle_percent(terminal, 2 * rounds)], 1)
        gestures.in_a_field(terminal)
        set_phase(terminal, "paused")
        what = "CPU use while paused in a field, % of a core"
        yield Figure(what, [idle_percent(terminal, 2 * rounds)], 1)


def idle_percent(terminal: Terminal, seconds: float) -> float:
    terminal.record(2)
    before, start = cpu_seconds(terminal.process.pid), perf_counter()
    terminal.record(seconds)
    return 100 * (cpu_seconds(terminal.process.pid) - before) / (perf_counter() - start)


def paint(rounds: int) -> Iterator[Figure]:
    turns = [(first_paint(), imports()) for _ in range(rounds + 1)][
        1:
    ]  # the first round only fills the file cache
    yield Figure(
        "time to first paint, relative to importing Textual and NumPy",
        [a / b for a, b in turns],
        1.5,
    )


def first_paint() -> float:
    start = perf_counter()
    terminal = Terminal(COMMAND, SIZE, COLORS)
    try:
        while not (b"loading" in terminal.output or b"paused" in terminal.output):
            sleep(0.002)
            terminal.receive()
        return perf_counter() - start
    finally:
        terminal.close()


def imports() -> float:
    start = perf_counter()
    subprocess.run(IMPORTS, check=True)
    return perf_counter() - start


def long(rounds: int) -> Iterator[Figure]:
    costs, megabytes = asyncio.run(after_a_million(rounds))
    yield Figure("cost of a frame after 1,000,000 steps, relative to 1,000", costs, 1.2)
    yield Figure("memory to record 1,000,000 steps, MB", [megabytes], 10)


async def after_a_million(rounds: int) -> tuple[list[float], float]:
    """Costs of a frame relative to those early in a run; memory of the recording in MB."""
    early, late = (FashionApp(canned.CannedSession(), Config(), "default") for _ in range(2))
    async with early.run_test(size=SIZE), late.run_test(size=SIZE):
        for app in (early, late):
            app.session.events = [canned.run_started(), PhaseChanged(Phase.RUNNING)]
        show(early, 1, 1_000)
        show(late, 1, 20_000)
        before = memory()
        for first in range(20_001, 1_000_000, 10_000):
            show(late, first, first + 9_999)
        megabytes = memory() - before
        gc.collect()
        costs = []
        for n in range(rounds):
            turns = []
            for first in range(1_000 * n + 1, 1_000 * (n + 1), 100):
                turns.append(
                    (await frame(late, 1_000_000 + first), await frame(early, 1_000 + first))
                )
            costs.append(median(a for a, _ in turns) / median(b for _, b in turns))
    return costs, megabytes


async def frame(app: FashionApp, first: int) -> float:
    """CPU time to record 100 steps and draw them in all panes."""
    start = thread_time()
    with app._context():  # there are two apps, and `widget.app` is that of the context
        show(app, first, first + 99)
        for charts in app.screen.query(Charts):
            charts.show()  # at full speed they wait, for a varying time
        await asyncio.sleep(0.3)
    return thread_time() - start


def show(app: FashionApp, first: int, last: int) -> None:
    app.session.events += steps(first, last)
    app.screen.fetch()


def steps(first: int, last: int) -> Iterator[Step]:
    """Steps as training makes them, with a loss that varies from batch to batch."""
    noise = np.random.default_rng(first).uniform(0.7, 1.3, last - first + 1).tolist()
    for number, factor in zip(range(first, last + 1), noise, strict=True):
        step = canned.step(number, of=EPOCH, batch=128, evaluated=number % EPOCH == 0)
        yield replace(step, loss=step.loss * factor)


MEASURES = {
    "speed": speed,
    "keys": keys,
    "bytes": output,
    "idle": idle,
    "paint": paint,
    "long": long,
}

if __name__ == "__main__":
    main()
