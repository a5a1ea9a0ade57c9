"""What keeping a run costs its training.

    python tests/benchmarks/cost_of_keeping.py --pairs 10

Processor time is counted for the calls that training makes and for the keeper's own thread, and
divided by that of the whole. Other programs hardly affect it, because the keeper's intervals are
stretched as much as they slow the training: it writes as often per step as on a quiet machine.
Pairs of blocks of steps with and without the keeper also show what the interruptions by its thread
cost, but need that quiet machine.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import tui  # noqa: F401 - before NumPy, because it sets one BLAS thread

# isort: split
from rich.console import Console
from rich.table import Table
from throughput import RATIO, add_columns, verdict

from core.assets import FASHION_MNIST
from core.config.config import Config
from core.data import dataset
from core.data.dataset import Dataset
from core.events import LayersMeasured
from core.inspection.layer_stats import layer_stats
from core.runs import keeper as keeper_module
from core.runs.description import describe
from core.runs.keeper import Keeper
from core.training.tracing import trace_step
from core.training.trainer import Trainer

DEFAULT = Config(epochs=1000)
BLOCK = 2000  # steps
_STEPS_PER_EVALUATION = 200  # with the statistics of the layers, as on the screen
_INTERVAL = keeper_module._INTERVAL


class Cost(NamedTuple):
    """Shares of processor time that the calls of the keeper and its thread take."""

    calls: float
    thread: float


class KeptTraining:
    """A default run with its keeper, which is told of a step only if it should be."""

    def __init__(self, data: Dataset, directory: Path) -> None:
        self.trainer = Trainer(DEFAULT, data)
        describe_run = partial(describe, self.trainer.started(), FASHION_MNIST)
        self.keeper = Keeper(directory, describe_run, print)
        self._stats = layer_stats(trace_step(self.trainer))
        self.run(200, True)
        while not self.keeper.path:
            time.sleep(0.1)
        time.sleep(2 * keeper_module._INTERVAL)

    def run(self, steps: int, kept: bool) -> float:
        """Makes some steps; returns the seconds of processor time that calls of the keeper took,
        and the clock."""
        spent = 0.0
        for _ in range(steps):
            step = self.trainer.step()
            before = time.thread_time()
            if kept:
                self.keeper.add(step)
                if step.step % _STEPS_PER_EVALUATION == 0:
                    stats = replace(self._stats, step=step.step)
                    self.keeper.add(LayersMeasured(stats))
                if self.keeper.due(self.trainer.steps):
                    self.keeper.add_checkpoint(self.trainer.checkpoint())
            spent += time.thread_time() - before
        return spent

    def speed(self, kept: bool) -> float:
        """Steps per second over a block."""
        start = time.perf_counter()
        self.run(BLOCK, kept)
        seconds = time.perf_counter() - start
        time.sleep(2 * _INTERVAL)  # so that the keeper does not write during the next block
        return BLOCK / seconds

    @property
    def thread(self) -> float:
        """Seconds of processor time of the keeper's thread."""
        number = self.keeper._thread.ident
        assert number is not None
        return time.clock_gettime(time.pthread_getcpuclockid(number))


def processor_share(training: KeptTraining, blocks: int) -> Cost:
    clock, calls, part = training.run(BLOCK, False) / BLOCK, 0.0, 100
    thread, whole = training.thread, time.process_time()
    for _ in range(blocks * BLOCK // part):
        wall, processor = time.perf_counter(), time.process_time()
        calls += training.run(part, True) - part * clock
        slowed = (time.perf_counter() - wall) / (time.process_time() - processor)
        keeper_module._INTERVAL = _INTERVAL * max(slowed, 1.0)
    thread, whole = training.thread - thread, time.process_time() - whole
    keeper_module._INTERVAL = _INTERVAL
    return Cost(calls / whole, thread / whole)


def add_rows(table: Table, data: Dataset, pairs: int, directory: Path) -> None:
    """Measures, and adds rows to a table with the columns in RATIO."""
    training = KeptTraining(data, directory)
    costs = [processor_share(training, 2) for _ in range(3)]
    speeds = []
    for number in range(pairs):  # in turn with the kept block first and last
        found = {kept: training.speed(kept) for kept in (number % 2 == 0, number % 2 == 1)}
        speeds.append(found[True] / found[False])
    training.keeper.close()
    calls, thread = (sorted(part)[len(costs) // 2] for part in zip(*costs, strict=True))
    table.add_row(
        f"processor time for keeping the default run, % (calls {calls:.2%}, thread {thread:.2%})",
        *verdict([100 * sum(cost) for cost in costs], at_most=1),
    )
    table.add_row("its speed, relative to not kept", *verdict(speeds, at_least=0.99))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=10, help="pairs of blocks (default: 10)")
    pairs, data = parser.parse_args().pairs, dataset.load()
    table = Table(title="what keeping a run costs")
    add_columns(table, "what", *RATIO)
    with tempfile.TemporaryDirectory() as directory:
        add_rows(table, data, pairs, Path(directory))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
