"""Training speed, compared with other implementations and under different conditions.

The speed of a machine varies by the second, so the things compared run alternately in several
rounds. The ratios within a round are more reliable than the images per second.
"""

import argparse
import importlib.util
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter, sleep

import tui  # noqa: F401 - before NumPy, because it sets one BLAS thread

# isort: split
import numpy as np
import peers
from rich.console import Console
from rich.table import Table

from core.config.config import Config
from core.data import dataset
from core.data.dataset import Dataset
from core.nn.blas_threads import usable_cores
from core.training.timeline import Timeline
from core.training.trainer import Trainer

# Without a validation set, so that all train on the same 60,000 images.
BOTH = Config(validation=0, epochs=1000)
SMALL = BOTH.replace(hidden=(30, 10), optimizer="sgd", learning_rate=0.1, batch_size=256)
USUAL = BOTH.replace(hidden=(128, 64), optimizer="adam", learning_rate=0.001, batch_size=128)
LARGE = USUAL.replace(hidden=(512, 256), batch_size=256)
LARGEST = LARGE.replace(hidden=(1024, 512))


@dataclass(frozen=True)
class Comparison:
    """Our speed divided by that of a peer, which should be at least `target`."""

    config: Config
    name: str
    peer: peers.Peer
    target: float
    module: str = "numpy"
    threads: int = usable_cores()  # of the peer


COMPARISONS = (
    Comparison(SMALL, "notebook", peers.notebook, 5),
    Comparison(SMALL, "scikit-learn", peers.scikit_learn, 2, "sklearn"),
    Comparison(SMALL, "PyTorch", peers.pytorch, 1.8, "torch"),
    Comparison(SMALL, "neural-network-digits", peers.neural_network_digits, 1.25, "nn_digits"),
    Comparison(USUAL, "scikit-learn", peers.scikit_learn, 1.8, "sklearn"),
    Comparison(USUAL, "PyTorch", peers.pytorch, 1.5, "torch"),
    Comparison(LARGE, "PyTorch", peers.pytorch, 1.05, "torch"),
    Comparison(LARGEST, "PyTorch", peers.pytorch, 1, "torch"),
)
PRODUCTS = (
    Comparison(SMALL, "matrix products alone", peers.products, 0.65),
    Comparison(USUAL, "matrix products alone", peers.products, 0.6),
)
WARM_UP = 20
RUN, JUMPS = 4300, 50  # ten epochs of batches of 128 images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=7, help="rounds of each comparison (default: 7)"
    )
    parser.add_argument("--steps", type=int, default=200, help="steps per round (default: 200)")
    options = parser.parse_args()
    # Files and pipes have no width, and the default of 80 columns would wrap the rows.
    console = Console(width=None if sys.stdout.isatty() else 110)
    data = dataset.load()
    console.print(against_peers(data, options.rounds, options.steps, console))
    console.print(against_itself(data, options.rounds, options.steps))


def against_peers(data: Dataset, rounds: int, steps: int, console: Console) -> Table:
    table = Table(
        title="Training speed compared with other implementations",
        caption=f"{rounds} rounds of {steps} steps, {usable_cores()} cores, "
        f"NumPy {np.__version__}; the ratio is our speed divided by the other",
    )
    add_columns(table, "network", "compared with", "ours, images/s", "theirs", *RATIO)
    for name in dict.fromkeys(c.name for c in COMPARISONS if not installed(c)):
        console.print(
            f"{name} is not installed; to compare with it: pip install -e '.[bench]'", markup=False
        )
    # As users have them, with a thread for each core; and with one, which is often faster.
    alone = [replace(comparison, threads=1) for comparison in (*COMPARISONS, *PRODUCTS)]
    for comparison in filter(installed, (*COMPARISONS, *alone)):
        with console.status(f"{describe(comparison.config)}: {comparison.name}"):
            speeds = [turns(comparison, data, steps) for _ in range(rounds)]
        ours, theirs = zip(*speeds, strict=True)
        table.add_row(
            describe(comparison.config),
            f"{comparison.name}, threads: {comparison.threads}",
            f"{median(ours):,.0f}",
            f"{median(theirs):,.0f}",
            *verdict([a / b for a, b in speeds], at_least=comparison.target),
        )
    return table


def installed(comparison: Comparison) -> bool:
    return importlib.util.find_spec(comparison.module) is not None


def turns(comparison: Comparison, data: Dataset, steps: int) -> tuple[float, float]:
    """Our images per second, then the peer's.

    Both start from fresh weights. With Adam some peers slow down in later epochs, because their
    moments become subnormal, so a longer benchmark would favor us.
    """
    ours = warm(peers.ours, comparison.config, data)(steps)
    with peers.threads(comparison.threads):
        return ours, warm(comparison.peer, comparison.config, data)(steps)


def warm(peer: peers.Peer, config: Config, data: Dataset) -> peers.Run:
    run = peer(config, data)
    run(WARM_UP)
    return run


def against_itself(data: Dataset, rounds: int, steps: int) -> Table:
    table = Table(title=f"Other measurements ({describe(USUAL)})")
    add_columns(table, "what", *RATIO)
    table.add_row(
        "time of a step in epoch 10 or later, relative to epoch 1",
        *verdict(late_to_early(data, rounds), at_most=1.1),
    )
    for config in (SMALL, USUAL, LARGE, LARGEST):
        ratios = [busy_to_quiet(config, data, steps) for _ in range(rounds)]
        table.add_row(
            f"speed beside two busy processes, relative to undisturbed: {describe(config)}",
            *verdict(ratios, at_least=0.4),
        )
    table.add_row(
        "evaluation of 10,000 images, relative to an epoch",
        *verdict([evaluation_to_epoch(data, steps) for _ in range(rounds)], at_most=0.1),
    )
    table.add_row(
        "speed with a timeline, relative to without",
        *verdict([with_timeline_to_without(data, steps) for _ in range(rounds)], at_least=0.95),
    )
    table.add_row(
        f"slowest of {JUMPS} jumps to a step of a run of {RUN:,}, seconds",
        *verdict([slowest_jump(data)], at_most=1),
    )
    if importlib.util.find_spec("resource"):  # not on Windows
        table.add_row("peak memory of one epoch, MB", *verdict([peak_memory()], at_most=170))
    return table


def late_to_early(data: Dataset, rounds: int) -> list[float]:
    """Ratios of the median step time of a trainer in epoch 10 and later to a fresh one."""
    late = Trainer(USUAL, data)
    while late.epochs < 9:
        late.step()
    ratios = []
    for _ in range(rounds):
        early = Trainer(USUAL, data)
        times = [(seconds(late), seconds(early)) for _ in range(steps_in_epoch(early))]
        ratios.append(median(a for a, _ in times) / median(b for _, b in times))
    return ratios


def busy_to_quiet(config: Config, data: Dataset, steps: int) -> float:
    run = warm(peers.ours, config, data)
    quiet = run(steps)
    with busy_processes(2):
        return run(steps) / quiet


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    loop = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(loop) for _ in range(count)]
    try:
        sleep(0.5)  # wait until all have started
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def evaluation_to_epoch(data: Dataset, steps: int) -> float:
    trainer = Trainer(USUAL, data)
    step = median(seconds(trainer) for _ in range(steps))
    start = perf_counter()
    trainer.evaluate(data.test)
    return (perf_counter() - start) / (step * steps_in_epoch(trainer))


def seconds(trainer: Trainer) -> float:
    """The time of one step, without any evaluation at the end of an epoch."""
    before = trainer.seconds
    return trainer.step().seconds - before


def steps_in_epoch(trainer: Trainer) -> int:
    return -(-len(trainer.training_set) // trainer.config.batch_size)


def with_timeline_to_without(data: Dataset, steps: int) -> float:
    """Alternates single steps, so that changes of the machine's speed affect both."""
    trainer, timeline = Trainer(USUAL, data), Timeline(Trainer(USUAL, data))
    times = []
    for _ in range(steps):
        start = perf_counter()
        trainer.step()
        between = perf_counter()
        timeline.step()
        times.append((between - start, perf_counter() - between))
    without, within = (sum(column) for column in zip(*times, strict=True))
    return without / within


def slowest_jump(data: Dataset) -> float:
    timeline = Timeline(Trainer(USUAL, data))
    while timeline.current_step < RUN:
        timeline.step()
    slowest = 0.0
    for step in np.random.default_rng(0).integers(0, RUN, JUMPS):
        start = perf_counter()
        timeline.go_to(int(step))
        slowest = max(slowest, perf_counter() - start)
    return slowest


# A process inherits the peak of its parent, so a small process starts the one to measure.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_memory() -> float:
    """Peak memory in MB of a separate `fashion-tui train --epochs 1`."""
    command = [sys.executable, "-m", "tui", "train", "--epochs", "1"]
    measure = [sys.executable, "-c", MEASURE, *command]
    peak = int(subprocess.run(measure, check=True, capture_output=True).stdout)
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


RATIO = ("ratio", "min–max", "target", "reached")


def verdict(
    values: Sequence[float], at_least: float | None = None, at_most: float | None = None
) -> tuple[str, str, str, str]:
    """The cells of the columns in RATIO for one or more measurements."""
    found = median(values)
    reached = found >= at_least if at_least is not None else found <= at_most
    target = f"≥ {at_least:g}" if at_least is not None else f"≤ {at_most:g}"
    spread = f"{min(values):.3g}–{max(values):.3g}" if len(values) > 1 else ""
    return f"{found:.3g}", spread, target, "yes" if reached else "no"


def add_columns(table: Table, *headings: str) -> None:
    for heading in headings:
        words = heading in ("network", "compared with", "what")
        table.add_column(heading, justify="left" if words else "right", no_wrap=not words)


def describe(config: Config) -> str:
    sizes = "-".join(map(str, (784, *config.hidden, 10)))
    return f"{sizes} {config.optimizer}"


if __name__ == "__main__":
    main()
