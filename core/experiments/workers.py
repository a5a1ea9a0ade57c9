"""Processes that train the runs of a sweep, one after the other, for the program that asked.

A worker that loses its program, because that was killed, stops at once and removes its half run.
"""

import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from core.config.config import Config
from core.data import dataset
from core.data.reading import Reading
from core.errors import CoreError, RunError
from core.events import Step
from core.experiments.trained_run import Keep, TrainedRun, train_run
from core.runs import editing
from core.runs.names import SUFFIX

_WAIT = 10.0  # seconds for a worker to stop when asked, until it is killed
_NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Named:
    """The run of a worker is about to have a file with this name. It waits for `Worker.noted`."""

    name: str


@dataclass(frozen=True, slots=True)
class Epoch:
    """A worker has completed an epoch. It waits for an answer: whether to continue."""

    epoch: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class NotKept:
    """A run cannot be written for now: a sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A run could not be trained: a sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class Killed:
    """The process of a worker is gone. code: its exit code; minus the number of a signal."""

    code: int

    def __str__(self) -> str:
        try:
            return f"was killed by {signal.Signals(-self.code).name}"
        except ValueError:
            return f"ended with exit code {self.code}"


Message = Named | Epoch | NotKept | Failed | Killed | TrainedRun


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What all workers have in common. directory: where to keep runs; None: nowhere."""

    data: Path
    directory: Path | None
    threads: int
    reading: Reading = field(default_factory=Reading)  # how to read the data


class Worker:
    """A process that trains one run at a time. It starts at once, and loads the data."""

    def __init__(self, setup: WorkerSetup) -> None:
        context = multiprocessing.get_context("spawn")  # a copy would lack the parent's threads
        self.connection, remote = context.Pipe()
        self._process = context.Process(
            target=_work, args=(remote, setup), name="trial", daemon=True
        )
        self._process.start()
        remote.close()

    def train(self, config: Config) -> None:
        """Starts a run, whose progress and result come as messages."""
        self._send(config)

    def answer(self, should_continue: bool) -> None:
        """Answers the message `Epoch`."""
        self._send(should_continue)

    def noted(self) -> None:
        """Answers the message `Named`."""
        self._send(_NOTED)

    def stop(self) -> None:
        """Stops the run within a step or two; the message is a `TrainedRun` that is "stopped"."""
        self._send(None)

    def receive(self) -> Message:
        """Returns the next message. Call it if there is one, or the process is gone."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self._process.join(_WAIT)
            return Killed(self._process.exitcode or 0)

    def close(self) -> None:
        """Ends the process."""
        self.connection.close()
        self._process.join(_WAIT)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _send(self, value: object) -> None:
        with suppress(OSError):  # it is gone, which `receive` reports
            self.connection.send(value)


def messages(workers: dict[Worker, Any], timeout: float) -> Iterator[tuple[Worker, Message]]:
    """Yields the messages that have come, after at most `timeout` seconds."""
    by_connection = {worker.connection: worker for worker in workers}
    for ready in wait(list(by_connection), timeout):
        worker = by_connection[ready]  # type: ignore[index]
        yield worker, worker.receive()


class _Orders:
    """What the program has sent, received in a thread, so that a step never waits for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._arrived = threading.Condition()
        self._sending = threading.Lock()  # the keeper's thread sends, too
        self._waiting: list[Any] = []
        self._is_noted = False
        self.stopped = False
        self.is_alone = False  # the program is gone
        threading.Thread(target=self._receive, daemon=True, name="orders").start()

    def next(self) -> Any:
        """Waits for the next order, and returns it; None to stop."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._waiting or self.stopped or self.is_alone)
            return self._waiting.pop(0) if self._waiting else None

    def send(self, message: Message) -> None:
        with suppress(OSError), self._sending:
            self._connection.send(message)

    def note(self, name: str) -> bool:
        """Sends the name of the run; returns True once it is noted, and False if it must stop."""
        self._is_noted = False
        self.send(Named(name))
        with self._arrived:
            self._arrived.wait_for(lambda: self._is_noted or self.stopped)
            return self._is_noted

    def _receive(self) -> None:
        while not self.is_alone:
            try:
                order = self._connection.recv()
            except (EOFError, OSError):
                order, self.is_alone = None, True
            with self._arrived:
                if order is None:
                    self.stopped = True
                elif order == _NOTED:
                    self._is_noted = True
                else:
                    self._waiting.append(order)
                self._arrived.notify_all()


def _work(connection: Connection, setup: WorkerSetup) -> None:
    """Runs in the process of a worker until it is told to stop."""
    for name in ("SIGINT", "SIGHUP"):  # they reach the whole terminal; the program decides
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    orders = _Orders(connection)
    data = None
    while not orders.is_alone:
        config = orders.next()
        if config is None:
            return
        try:
            data = data or dataset.load(setup.data, setup.reading)
            result: Message = _train(config, data, setup, orders)
        except CoreError as error:
            result = Failed(str(error))
        except MemoryError:
            result = Failed("there is not enough memory")
        orders.send(result)


def _train(
    config: Config, data: dataset.Dataset, setup: WorkerSetup, orders: _Orders
) -> TrainedRun:
    def should_continue(step: Step) -> bool:
        if step.evaluation:
            orders.send(Epoch(step.epoch, step.evaluation.accuracy))
            return orders.next() is True
        return not orders.stopped

    noted = True

    def named(name: str) -> None:
        nonlocal noted
        noted = orders.note(name)
        if not noted:
            raise RunError("the sweep ends")

    keep = None
    if setup.directory:
        keep = Keep(setup.directory, setup.data, lambda text: orders.send(NotKept(text)))
    run = train_run(
        config, data, keep, threads=setup.threads, should_continue=should_continue, named=named
    )
    cut = orders.stopped and run.state in ("stopped", "pruned")
    if not (cut or orders.is_alone or not noted):
        return run
    if setup.directory and run.run:
        with suppress(CoreError):
            editing.remove(setup.directory / f"{run.run}{SUFFIX}")
    return replace(run, state="stopped", run=None)
