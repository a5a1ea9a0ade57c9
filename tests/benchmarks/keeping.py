"""What it costs to keep runs, and how fast they open.

    python tests/benchmarks/keeping.py --rounds 5

See cost_of_keeping.py for how its cost is measured.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import tui  # noqa: F401 - before NumPy, because it sets one BLAS thread

# isort: split
import cost_of_keeping
from cost_of_keeping import DEFAULT
from rich.console import Console
from rich.table import Table
from throughput import MEASURE, RATIO, add_columns, verdict

from core.assets import FASHION_MNIST
from core.data import dataset
from core.data.dataset import Dataset
from core.events import Step
from core.history.history import History
from core.runs import database
from core.runs.description import describe
from core.runs.kept_file import FIRST_BRANCH
from core.runs.run import Run
from core.runs.summary import summarize
from core.runs.writer import Writer
from core.training.trainer import Trainer

LONG_RUN, RUNS = 100_000, 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each kind")
    rounds, data = parser.parse_args().rounds, dataset.load()
    with tempfile.TemporaryDirectory() as directory:
        Console(width=100).print(measure(data, rounds, Path(directory)))


def measure(data: Dataset, rounds: int, directory: Path) -> Table:
    table = Table(title="kept runs")
    add_columns(table, "what", *RATIO)
    cost_of_keeping.add_rows(table, data, rounds, directory / "cost")
    path = write_long_run(data, directory)
    table.add_row(
        f"opening a run of {LONG_RUN:,} steps with its curves, seconds",
        *verdict([opening(path, data) for _ in range(rounds)], at_most=1),
    )
    table.add_row(
        f"reading what a list of {RUNS:,} runs shows, seconds",
        *verdict([listing(path) for _ in range(rounds)], at_most=0.5),
    )
    size, kept, unkept = default_run(directory / "ten")
    table.add_row("a default run of 10 epochs on disk, MB", *verdict([size], at_most=30))
    table.add_row(
        "its peak memory beyond that of one not kept, MB", *verdict([kept - unkept], at_most=20)
    )
    return table


def write_long_run(data: Dataset, directory: Path) -> Path:
    """Writes a run with this many steps, two checkpoints and 300 evaluations."""
    trainer, path = Trainer(DEFAULT, data), directory / "long.run"
    path.touch()
    for _ in range(32):
        trainer.step()
    evaluation = trainer.evaluate(trainer.evaluation_set)
    early, connection = trainer.checkpoint(), database.open_empty(path)
    steps = [
        Step(n, n // 430 + 1, n % 430 * 128 + 1, 55_000, 128, 1 / n, 0.9, 0.001, n / 1000, None)
        for n in range(1, LONG_RUN + 1)
    ]
    late = type(early)(
        **{name: getattr(early, name) for name in type(early).__slots__} | {"steps": LONG_RUN}
    )
    with connection:
        connection.execute("BEGIN")
        database.create_tables(connection)
        writer = Writer(connection)
        values = {"name": "long", "notes": "", "star": False, "branch": 0, "step": LONG_RUN}
        writer.meta(describe(trainer.started(), FASHION_MNIST) | values)
        writer.branches([FIRST_BRANCH])
        writer.steps(0, steps)
        for number in range(300):
            late_evaluation = type(evaluation)(
                number * 300 + 32,
                *(getattr(evaluation, name) for name in type(evaluation).__slots__[1:]),
            )
            writer.evaluation(0, late_evaluation)
        writer.checkpoint(0, early)
        writer.checkpoint(0, late)
    connection.close()
    return path


def opening(path: Path, data: Dataset) -> float:
    """Seconds until a run stands where it stood and its curves can be drawn."""
    start = perf_counter()
    with Run(path) as run:
        timeline = run.timeline(data)
        history = History()
        history.add(timeline.trainer.started(run.records()))
        history.add(timeline.moved())
        assert history.snapshot().steps == LONG_RUN
    return perf_counter() - start


def listing(path: Path) -> float:
    start = perf_counter()
    for _ in range(RUNS):
        summarize(path)
    return perf_counter() - start


def default_run(directory: Path) -> tuple[float, float, float]:
    """The size of a default run in MB, its peak memory, and that of one that is not kept."""
    peaks = []
    for options in (["--runs", str(directory)], ["--no-keep"]):
        command = [sys.executable, "-m", "tui", "train", "--preset", "default", *options]
        measure = [sys.executable, "-c", MEASURE, *command]
        peak = int(subprocess.run(measure, check=True, capture_output=True).stdout)
        peaks.append(peak * (1 if sys.platform == "darwin" else 1024) / 1e6)
    [path] = directory.glob("*.run")
    return path.stat().st_size / 1e6, peaks[0], peaks[1]


if __name__ == "__main__":
    main()
