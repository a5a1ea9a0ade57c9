"""Whether the screen answers while training runs flat out, and what training loses to it.

The program runs in a pseudo-terminal of 120×40 with the preset `default`. What it writes is
recorded as it arrives and shown to an emulated terminal afterwards, for that one is slow.

speed   Steps a second of wall time, as the status line counts them, to those of the bare
        trainer, which runs before and after it while the program is paused. Both evaluate at
        the end of each epoch; the screen also every two seconds, which counts as its cost.
keys    From a key written into the terminal to the arrival of the output that shows its effect.
idle    Share of a core that the paused program takes.
paint   From the start of the process to the status line, to an import of textual and numpy.
long    Processor time of 100 more steps, recorded and drawn by all panes, after a million
        steps to that after a thousand; and the memory that recording the million takes.
"""

import argparse
import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median, quantiles
from time import perf_counter, sleep, thread_time

import tui  # noqa: F401 - before numpy: it asks for one BLAS thread

# isort: split
import gestures
import numpy as np
from program import COLORS, COMMAND, SIZE, cpu_seconds, memory, started, step, turn
from rich.console import Console
from rich.table import Table

# isort: split
import canned  # from tests/, to which program.py shows the way
from terminal import Terminal

from core.config.config import Config
from core.config.presets import presets
from core.data import dataset
from core.events import Phase, PhaseChanged, Step
from core.training.trainer import Trainer
from tui.app import FashionApp

IMPORTS = [sys.executable, "-c", "import textual.app, numpy"]
EPOCH = 430  # steps


@dataclass(frozen=True)
class Figure:
    """What was measured, and the target for its median, and for its 95th percentile as `tail`."""

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
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default: 5)")
    parser.add_argument("--only", choices=MEASURES, metavar="NAME", help=", ".join(MEASURES))
    options = parser.parse_args()
    table = Table(
        title="The screen beside the training",
        caption=f"{options.rounds} rounds, {os.cpu_count()} cores, {SIZE[0]}×{SIZE[1]}",
    )
    for heading in ("what", "median", "min–max", "p95", "target", "reached"):
        words = heading == "what"
        table.add_column(heading, justify="left" if words else "right", no_wrap=not words)
    for name in [options.only] if options.only else MEASURES:
        print(f"measuring {name}", file=sys.stderr)  # no spinner: it would take its share
        for figure in MEASURES[name](options.rounds):
            table.add_row(*figure.cells())
    # A file or a pipe has no width of its own, and 80 columns would break the rows.
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def speed(rounds: int) -> Iterator[Figure]:
    trainer = Trainer(presets()["default"].config.replace(epochs=1000), dataset.load())
    beside, alone = [], []
    with started() as terminal:
        turn(terminal, "running")
        terminal.until("epoch 2/")  # in the first one there are more evaluations
        for _ in range(rounds):
            turn(terminal, "paused")
            before = bare_speed(trainer)
            turn(terminal, "running")
            beside.append(shown_speed(terminal))
            turn(terminal, "paused")
            alone.append((before + bare_speed(trainer)) / 2)
    ratios = [a / b for a, b in zip(beside, alone, strict=True)]
    per_second = f"{median(beside):,.0f} to {median(alone):,.0f} steps/s"
    what = f"training speed with the screen, to that without ({per_second})"
    yield Figure(what, ratios, 0.9, at_least=True)


def bare_speed(trainer: Trainer, seconds: float = 2) -> float:
    """Steps a second of wall time."""
    before, start = trainer.steps, perf_counter()
    while perf_counter() - start < seconds:
        trainer.step()
    return (trainer.steps - before) / (perf_counter() - start)


def shown_speed(terminal: Terminal, seconds: float = 4) -> float:
    """Steps a second of wall time, from the first count that was shown anew to the last."""
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


def idle(rounds: int) -> Iterator[Figure]:
    with started() as terminal:
        turn(terminal, "running")
        terminal.until("epoch 2/")
        turn(terminal, "paused")
        yield Figure("a core while paused, %", [idle_percent(terminal, 2 * rounds)], 1)
        gestures.in_a_field(terminal)
        turn(terminal, "paused")
        what = "a core while paused, with the cursor blinking in a field, %"
        yield Figure(what, [idle_percent(terminal, 2 * rounds)], 1)


def idle_percent(terminal: Terminal, seconds: float) -> float:
    terminal.record(2)
    before, start = cpu_seconds(terminal.process.pid), perf_counter()
    terminal.record(seconds)
    return 100 * (cpu_seconds(terminal.process.pid) - before) / (perf_counter() - start)


def paint(rounds: int) -> Iterator[Figure]:
    turns = [(first_paint(), imports()) for _ in range(rounds + 1)][1:]  # files are cached
    yield Figure("first paint, to importing textual and numpy", [a / b for a, b in turns], 1.5)


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
    yield Figure("a frame after 1,000,000 steps, to one after 1,000", costs, 1.2)
    yield Figure("memory for 1,000,000 steps, MB", [megabytes], 10)


async def after_a_million(rounds: int) -> tuple[list[float], float]:
    """Costs of a frame, to those of an app at its beginning; MB that recording took."""
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
    """Processor time of recording 100 steps and drawing them, the curves too."""
    start = thread_time()
    show(app, first, first + 99)
    await asyncio.sleep(0.3)
    return thread_time() - start


def show(app: FashionApp, first: int, last: int) -> None:
    app.session.events += steps(first, last)
    app.screen.fetch()


def steps(first: int, last: int) -> Iterator[Step]:
    """As training makes them, with a loss that jumps about from batch to batch."""
    noise = np.random.default_rng(first).uniform(0.7, 1.3, last - first + 1).tolist()
    for number, factor in zip(range(first, last + 1), noise, strict=True):
        step = canned.step(number, of=EPOCH, batch=128, evaluated=number % EPOCH == 0)
        yield replace(step, loss=step.loss * factor)


MEASURES = {"speed": speed, "keys": keys, "idle": idle, "paint": paint, "long": long}

if __name__ == "__main__":
    main()
