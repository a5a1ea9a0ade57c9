"""Faults of training, in core and in `fashion-tui train`."""

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile

import numpy as np
from datasets import make_dataset
from fault_list import command, data, fault, options, refused

from core.config.config import Config
from core.data import dataset
from core.errors import Diverged
from core.goals import Goal
from core.inspection.unit_survey import survey
from core.training.timeline import Timeline
from core.training.trainer import Trainer

CONFIG = Config(hidden=(8,), batch_size=20, validation=40, epochs=50, dropout=0.1, batch_norm=True)


def train(*arguments, **others):
    done = command("train", *arguments, "--json", "-", **others)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def timeline(config=CONFIG, steps=0, **others):
    run = Timeline(Trainer(config, make_dataset(**others)))
    for _ in range(steps):
        run.step()
    return run


def state(run):
    """Everything that decides how the run goes on."""
    trainer = run.trainer
    return (
        *(trainer.steps, trainer.epochs, trainer.position),
        *(trainer.network.parameters.tobytes(), trainer.network.statistics.tobytes()),
        *(trainer.order.tobytes(), *(m.tobytes() for m in trainer.optimizer.moments.values())),
    )


@fault("C1a", "running statistics that overflow end `train` as diverged")
def overflowing_statistics(number):
    done, events = train(
        *options(data(seed=number)), "--batch-norm", "yes", "--optimizer", "sgd",
        "--learning-rate", "1e12", "--epochs", "1",
    )  # fmt: skip
    assert (done.returncode, events[-1]["reason"]) == (3, "diverged")


@fault("C2a", "SGD at 5, 100, 1000, 1e12 or Adam at 1 without a warning", 5)
def no_warning(number):
    optimizer, rate = (("sgd", 5), ("sgd", 100), ("sgd", 1000), ("sgd", 1e12), ("adam", 1))[number]
    arguments = ("--optimizer", optimizer, "--learning-rate", str(rate), "--epochs", "2")
    done, events = train(*arguments)
    accuracy = events[-1]["test_accuracy"]
    if done.returncode == 3:
        return f"{optimizer} at {rate}: diverged"
    assert accuracy > 0.5 or events[-1]["warnings"], f"{accuracy:.0%} without a warning"
    assert accuracy > 0.5 or "warning: " in done.stderr
    return f"{optimizer} at {rate}: {accuracy:.0%}, {len(events[-1]['warnings'])} warnings"


@fault("C3", "batch normalization with a batch of one", 1)
def batch_of_one(number):
    refused(command("train", "--batch-norm", "yes", "--batch-size", "1"), "at least 2")
    run = timeline(CONFIG.replace(batch_size=50, validation=0, dropout=0), train=201)
    assert [run.step().images for _ in range(5)] == [50, 50, 50, 51, 50]


@fault("C4", "a step that fails half-way", 4)
def half_a_step(number):
    error = (MemoryError, KeyboardInterrupt)[number % 2]
    run, straight = timeline(steps=7), timeline(steps=20)
    network = run.trainer.network
    name = ("backward", "forward")[number // 2]

    def fail(*arguments, **others):
        getattr(type(network), name)(network, *arguments, **others)
        raise error

    setattr(network, name, fail)
    try:
        run.step()
    except error:
        pass
    else:
        raise AssertionError("the step did not fail")
    delattr(network, name)
    while run.current_step < 20:
        run.step()
    assert state(run) == state(straight), "the run is no longer exact"


@fault("C5", "the last healthy step after going back and forth", 20)
def last_healthy_step(number):
    rng = np.random.default_rng(number)
    run = timeline(steps=40)
    for step in rng.integers(0, 41, 8):
        run.go_to(int(step))
        if rng.random() < 0.5 and run.current_step < 40:
            run.step()
        expected = timeline(steps=run.current_step).last_healthy_step
        assert run.last_healthy_step == expected, (run.current_step, run.last_healthy_step)
    run.go_to(40)
    assert run.last_healthy_step == 39


@fault("C7", "the rate that a divergence names; clipping of a huge gradient", 1)
def rate_and_clipping(number):
    trainer = Trainer(CONFIG.replace(warmup=2), make_dataset())
    rate = trainer.learning_rate
    trainer.network.parameters[:] = np.inf
    try:
        trainer.step()
    except Diverged as error:
        assert error.learning_rate == rate != CONFIG.learning_rate
    huge = CONFIG.replace(hidden=(1,), batch_norm=False, dropout=0, clip_norm=1, optimizer="sgd")
    trainer = Trainer(huge.replace(validation=0), make_dataset(shape=(1, 1), classes=2))
    trainer.network.parameters[:] = [1e-20, 0, 1e30, 0, 0, 0]
    assert np.isfinite(trainer.step().loss)


@fault("C8", "an accuracy goal after going back; a survey that can be written to", 1)
def stale_accuracy(number):
    from live import Watched

    from core.events import Phase, PhaseChanged
    from tui.run.session import Session

    watched = Watched(Session(CONFIG.replace(batch_norm=False, learning_rate=0.01), data()))
    watched.session.steps(300)
    watched.until(lambda event: isinstance(event, PhaseChanged) and event.goal)
    watched.until_phase(Phase.PAUSED)
    watched.session.go_to_step(1)
    watched.session.go_to_goal(Goal("accuracy", 0.9))
    watched.until(lambda event: isinstance(event, PhaseChanged) and event.goal)
    watched.until_phase(Phase.PAUSED)
    assert watched.session._driver.trainer.steps > 2, "it met the goal at once"
    watched.session.close(10)
    run = timeline(steps=3).trainer
    measured = survey(run.network, "relu", run.training_set, 3, lambda done: True)
    arrays = [value for value in vars(measured.layers[0]).values() if isinstance(value, np.ndarray)]
    assert arrays
    assert not any(array.flags.writeable for array in arrays)


@fault("D1", "500 branches: memory and the time of going back", 1)
def many_branches(number):
    code = """
import resource, sys, time
from datasets import make_dataset
from core.config.config import Config
from core.history.history import History
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.events import RunStarted, BranchChanged, RunMoved
config = Config(hidden=(64,), batch_size=20, validation=40, epochs=5000, timeline_memory=16)
trainer = Trainer(config, make_dataset())
run, history = Timeline(trainer), History()
history.add(RunStarted(config, trainer.dataset, trainer.network.parameters.size, 160, "validation", 40))
def advance(steps):
    for _ in range(steps):
        history.add(run.step())
def moved():
    history.add(RunMoved(run.current_step, run.last_event, run.trainer.config, run.branch.number, run.branches))
def back():
    start = time.perf_counter()
    run.go_to(run.current_step - 10); moved(); history.snapshot()
    return time.perf_counter() - start
advance(3000)
before, first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, min(back() for _ in range(5))
run.go_to(run.end_step); moved()
for number in range(500):
    run.go_to(run.current_step - 5); moved()
    run.change(learning_rate=0.001 * (1 + number % 7)); moved()
    advance(10)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
print(grown, min(back() for _ in range(5)) / first)
"""
    done = command(
        "-c", code, program=(sys.executable,), env={"PYTHONPATH": sys.path[0]}, seconds=300
    )
    assert done.returncode == 0, done.stderr[-300:]
    grown, slower = map(float, done.stdout.split())
    assert grown < 300, f"{grown:,.0f} MB for 500 branches"
    assert slower < 5, f"going back is {slower:.0f} times slower"
    return f"{grown:.0f} MB, going back {slower:.1f} times slower"


@fault("D2", "the memory that is estimated for a run of 6200,6200 units", 1)
def estimated_memory(number):
    code = """
import resource
from datasets import make_dataset
from core.config.config import Config
from core.training import limits
from core.training.timeline import Timeline
from core.training.tracing import trace_step
from core.training.trainer import Trainer
config = Config(hidden=(6200, 6200), validation=40, batch_size=20, timeline_memory=1)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
trainer = Trainer(config, make_dataset(shape=(28, 28)))
run = Timeline(trainer); run.step(); trace = trace_step(trainer); run.step(); run.go_to(1)
taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
network = trainer.network
print(taken, sum(limits.memory(config, network.sizes, network.parameters.size, True).values()))
"""
    done = command(
        "-c", code, program=(sys.executable,), env={"PYTHONPATH": sys.path[0]}, seconds=300
    )
    assert done.returncode == 0, done.stderr[-300:]
    taken, estimated = map(float, done.stdout.split())
    assert taken < estimated * 1.02, f"{taken / 1e9:.1f} GB, but {estimated / 1e9:.1f} estimated"
    return f"{taken / 1e9:.1f} GB of {estimated / 1e9:.1f} estimated"


@fault("D5", "core alone beside a busy program: BLAS threads", 1)
def blas_threads(number):
    code = """
import time
from core import Config, Trainer, load
trainer = Trainer(Config(), load())
from threadpoolctl import threadpool_info
start = time.perf_counter()
for _ in range(100): trainer.step()
print(max(x["num_threads"] for x in threadpool_info() if x["user_api"] == "blas"), time.perf_counter() - start)
"""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {n: v for n, v in os.environ.items() if n not in names}
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment
        )
    finally:
        for process in busy:
            process.kill()
            process.wait()
    threads, seconds = done.stdout.split()
    assert threads == "1", f"{threads} threads"
    return f"{float(seconds):.1f} s for 100 steps"


@fault("E3d", "a pipe that is full at times (EAGAIN), also with PYTHONUNBUFFERED", 2)
def full_pipe(number):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    arguments = (*options(data()), "--epochs", "300", "--json", "-")
    env = os.environ | {"PYTHONUNBUFFERED": str(number)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "train", *arguments],
        stdout=writing, stderr=subprocess.DEVNULL, env=env,
    )  # fmt: skip
    os.close(writing)
    with open(reading, "rb", buffering=0) as pipe:
        import time

        time.sleep(3)
        received = b"".join(iter(lambda: (time.sleep(0.001), pipe.read(4096))[1], b""))
    assert (process.wait(), received.count(b"\n")) == (0, 302)


@fault("E4a", "SIGHUP, SIGTERM or SIGINT to `train`: its end line", 3)
def signalled_training(number):
    way = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)[number]
    arguments = (*options(data()), "--epochs", "1000000", "--json", "-")
    with open(tempfile.mktemp(), "w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tui", "train", *arguments],
            stdout=subprocess.PIPE, stderr=errors, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        process.stdout.readline()
        process.send_signal(way)
        *_, end = process.stdout.read().splitlines()
    assert process.wait() == 128 + way
    assert json.loads(end)["reason"] == "interrupted"


@fault("E5", "early stopping that did not stop says which weights are scored", 1)
def weights_scored(number):
    done = command("train", *options(data()), "--patience", "5", "--epochs", "2")
    assert "its last weights are used" in done.stdout


@fault("C9b", "the caller's streams after main()", 1)
def streams_of_the_caller(number):
    from tui.__main__ import main

    stdout, stderr = sys.stdout, sys.stderr
    saved = os.dup(1)
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        code = main(["presets"])
        os.dup2(saved, 1)
    os.close(saved)
    gc.collect()
    assert (code, stdout.closed, stderr.closed) == (0, False, False)
    dataset.load()
