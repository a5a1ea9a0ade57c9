"""Faults of memory, time and threads."""

import gzip
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from datasets import idx_bytes, make_dataset
from fault_list import command, data, fault, refused, train

from core import Config, Timeline, Trainer, load
from core.events import RunMoved, RunStarted
from core.history.history import History
from core.nn.blas_threads import VARIABLES
from core.training import limits
from core.training.tracing import trace_step


def megabytes():
    """The most memory that this process has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def fresh(function):
    """Calls a function of this file in a process of its own; returns the numbers it prints."""
    code = f"import {Path(__file__).stem} as faults; faults.{function.__name__}()"
    env = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-300:]
    return map(float, done.stdout.split())


def make_branches(count=500):
    """Makes branches as the screen does; prints how memory and the time of going back grow."""
    config = Config(hidden=(64,), batch_size=20, validation=40, epochs=5000, timeline_memory=16)
    trainer = Trainer(config, make_dataset())
    run, history = Timeline(trainer), History()
    history.add(RunStarted(config, trainer.dataset, 0, 160, "validation", 40))

    def moved():
        now = run.trainer.config, run.branch.number, run.branches
        history.add(RunMoved(run.current_step, run.last_event, *now))
        history.snapshot()

    def advance(steps):
        for _ in range(steps):
            history.add(run.step())

    def back():
        start = time.process_time()
        run.go_to(run.current_step - 10)
        moved()
        return time.process_time() - start

    advance(1000)
    before, first = megabytes(), min(back() for _ in range(5))
    for number in range(count):
        back()
        run.change(learning_rate=0.001 * (1 + number % 7))
        moved()
        advance(20)
    print(megabytes() - before, min(back() for _ in range(5)) / first)


@fault("D1", "500 branches: memory, and the time of going back", 1)
def many_branches(number):
    grown, slower = fresh(make_branches)
    note = f"{grown:.0f} MB more, going back takes {slower:.1f} times as long"
    assert grown < 200, note
    assert slower < 8, note
    return note


def use_much_memory():
    """Trains and traces a large network; prints what that takes, and what was estimated."""
    config = Config(hidden=(6200, 6200), validation=40, batch_size=20, timeline_memory=1)
    before = megabytes()
    trainer = Trainer(config, make_dataset(shape=(28, 28)))
    run = Timeline(trainer)
    run.step()
    trace = trace_step(trainer)
    run.step()
    run.go_to(1)
    assert trace
    taken, network = megabytes() - before, trainer.network
    images = len(trainer.training_set)
    needs = limits.memory(config, network.sizes, network.parameters.size, images, True)
    print(taken, sum(needs.values()) / 1e6)


@fault("D2", "the memory that is estimated for 6200,6200 units", 1)
def estimated_memory(number):
    taken, estimated = fresh(use_much_memory)
    note = f"{taken:,.0f} MB, {estimated:,.0f} estimated"
    assert taken < 1.03 * estimated, note
    return note


def memory_limit(size):
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))}


@fault("D3a", "a gzip bomb of 3 MB with less than 1.5 GB of memory", 1)
def gzip_bomb(number):
    directory = data(zipped=True)
    content = idx_bytes(make_dataset().train_images) + bytes(3_000_000_000 // 4)
    (directory / "train-images-idx3-ubyte.gz").write_bytes(
        gzip.compress(content) + gzip.compress(bytes(10**9))
    )
    refused(train(directory, **memory_limit(1_500_000_000)), "too long")


@fault("D3b", "labels.txt of 100 MB, and a class name of 10,000 characters", 2)
def long_names(number):
    directory = data(names=("a" * 10_000, "b", "c"))
    if number == 0:
        (directory / "labels.txt").write_bytes(b"a\n" * 50_000_000)
        refused(train(directory), "larger than")
        return
    done = train(directory)
    assert done.returncode == 0
    assert "a" * 50 not in done.stdout


@fault("D4b", "a failed start hides its error behind another one", 1)
def hidden_error(number):
    done = command(program=(sys.executable, "-c", """
from tui.journal import Journal
Journal().close()
"""))  # fmt: skip
    assert done.returncode == 0, done.stderr


def train_a_little():
    """Prints how many threads share a step of the README's example, and the seconds for 100."""
    trainer = Trainer(Config(), load())
    start = time.perf_counter()
    for _ in range(100):
        trainer.step()
    seconds = time.perf_counter() - start
    print(trainer.step_threads, seconds)


@fault("D5", "core alone beside busy programs: threads", 1)
def threads_of_core(number):
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        threads, seconds = fresh(train_a_little)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert threads == 1, f"{threads} threads"
    return f"{seconds:.1f} s for 100 steps"
