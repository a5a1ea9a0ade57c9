"""How fast the runs screen opens with 1,000 kept runs, and how it scrolls.

The app runs without a terminal at 120×40. Each figure is the median of several tries, as time on
the clock and as CPU time, which other programs do not lengthen.

open    From the key R to the first rows, after no run was read; all rows follow.
again   The same when the list has been read before.
down    From the key to the new picture: the cursor a row further.
page    The same, a page further.
poll    CPU time of a second in which the screen looks for changed files.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import tui  # noqa: F401 - before NumPy, because it sets one BLAS thread

# isort: split
sys.path.insert(0, str(Path(__file__).parent.parent))

import canned
from run_files import write_run

from core.runs.summary import RunList
from tui.screens.runs.screen import RunsScreen
from tui.screens.runs.table import RunTable
from tui.screens.training.screen import TrainingScreen

RUNS = 1000
TARGET = 0.5  # seconds to open


def write_runs(directory: Path) -> None:
    for number in range(RUNS):
        config = {"optimizer": "sgd" if number % 3 else "adam", "batch_size": 32 * (1 + number % 9)}
        results = {"best_accuracy": number / RUNS, "best_epochs": 2.0, "last_accuracy": 0.5}
        write_run(directory, f"run-{number:04}", config=config, age=number, step=number, **results)


async def opened(pilot, rows):
    """Presses R and waits until this many rows are painted; returns wall and CPU time."""
    wall, cpu = perf_counter(), process_time()
    pilot.app.simulate_key("R")
    while True:
        await asyncio.sleep(0.001)
        screen = pilot.app.screen
        found = screen.query(RunTable) if isinstance(screen, RunsScreen) else ()
        if any(len(table.runs) >= rows and table._line_cache for table in found):
            return perf_counter() - wall, process_time() - cpu


async def pressed(pilot, key):
    """Presses a key and waits for the table to be painted."""
    table = pilot.app.screen.query_one(RunTable)
    before, wall, cpu = table.cursor_row, perf_counter(), process_time()
    pilot.app.simulate_key(key)
    while table.cursor_row == before:
        await asyncio.sleep(0)
    await pilot._wait_for_screen()
    return perf_counter() - wall, process_time() - cpu


async def closed(pilot):
    pilot.app.simulate_key("escape")
    while not isinstance(pilot.app.screen, TrainingScreen):
        await asyncio.sleep(0.001)


async def measure(directory: Path) -> dict[str, list[tuple[float, float]]]:
    figures: dict[str, list[tuple[float, float]]] = {}
    async with canned.screen() as pilot:
        pilot.session.runs = directory
        screen = pilot.app.screen
        for _ in range(5):
            screen._runs = RunList(directory)
            figures.setdefault("open", []).append(await opened(pilot, 1))
            while len(pilot.app.screen.query_one(RunTable).runs) < RUNS:
                await asyncio.sleep(0.01)
            await closed(pilot)
            figures.setdefault("again", []).append(await opened(pilot, RUNS))
            await closed(pilot)
        await opened(pilot, RUNS)
        await pilot.pause(1)
        for key, name in (("down", "down"), ("pagedown", "page")):
            figures[name] = [await pressed(pilot, key) for _ in range(20)]
        wall, cpu = perf_counter(), process_time()
        await asyncio.sleep(5)
        figures["poll"] = [((perf_counter() - wall) / 5, (process_time() - cpu) / 5)]
    return figures


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        write_runs(Path(name))
        figures = asyncio.run(measure(Path(name)))
    for name, values in figures.items():
        wall, cpu = (1000 * median(column) for column in zip(*values, strict=True))
        print(f"{name:6} {wall:7.1f} ms on the clock {cpu:7.1f} ms of CPU")
    return int(median(wall for wall, _ in figures["open"]) > TARGET)


if __name__ == "__main__":
    sys.exit(main())
