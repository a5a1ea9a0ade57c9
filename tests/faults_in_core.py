"""Faults of training, in core and in `fashion-tui train`."""

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
import pytest
from datasets import make_dataset
from fault_list import command, data, fault, options, refused
from live import Watched

from core.config.config import Config
from core.data import dataset
from core.errors import Diverged
from core.events import Phase, PhaseChanged
from core.goals import Goal
from core.inspection.surveying import survey
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from tui.__main__ import main
from tui.run.session import Session

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
    """Everything that decides how the run continues."""
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
    with pytest.raises(error):
        run.step()
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
    with pytest.raises(Diverged) as raised:
        trainer.step()
    assert raised.value.learning_rate == rate != CONFIG.learning_rate
    huge = CONFIG.replace(hidden=(1,), batch_norm=False, dropout=0, clip_norm=1, optimizer="sgd")
    trainer = Trainer(huge.replace(validation=0), make_dataset(shape=(1, 1), classes=2))
    trainer.network.parameters[:] = [1e-20, 0, 1e30, 0, 0, 0]
    assert np.isfinite(trainer.step().loss)


@fault("C8", "an accuracy goal after going back; a survey that can be written to", 1)
def stale_accuracy(number):
    watched = Watched(Session(CONFIG.replace(batch_norm=False, learning_rate=0.01), data()))
    watched.session.steps(300)
    watched.until(lambda event: isinstance(event, PhaseChanged) and event.goal)
    watched.until_phase(Phase.PAUSED)
    watched.session.go_to_step(1)
    watched.session.go_to_goal(Goal("accuracy", 0.9))
    watched.until(lambda event: isinstance(event, PhaseChanged) and event.goal)
    watched.until_phase(Phase.PAUSED)
    assert watched.session._runner.trainer.steps > 2, "it met the goal at once"
    watched.session.close(10)
    run = timeline(steps=3).trainer
    measured = survey(run.network, "relu", run.training_set, 3, lambda done: True)
    values = [getattr(measured.layers[0], name) for name in measured.layers[0].__slots__]
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    assert arrays
    assert not any(array.flags.writeable for array in arrays)


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
    assert "it keeps the last weights" in done.stdout


@fault("C9b", "the caller's streams after main()", 1)
def streams_of_the_caller(number):
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
