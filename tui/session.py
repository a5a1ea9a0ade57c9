"""One training run behind a screen: the thread that trains, commands in, events out.

Commands return at once; the thread carries them out between two batches, in order. Only it
touches the trainer. The screen fetches the events when it wants to.
"""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

from core import dataset
from core.config import Config
from core.dataset import Dataset
from core.errors import ConfigError, CoreError, Diverged
from core.events import Began, Event, Phase, Refused, Scored, Step, Turned
from core.trainer import Trainer

Command = Callable[[], None]

# While it runs, the watched images are evaluated at the end of each epoch. Besides, in the
# first one, when most happens, whenever the steps have doubled; and in long ones whenever this
# many seconds of training went by, or as many times what an evaluation costs.
_SECONDS_BETWEEN_EVALUATIONS = 2.0
_EVALUATIONS_SHARE = 20


class Session:
    """Starts its thread at once, which reads the data and makes a run of `config`."""

    def __init__(self, config: Config, data: Path) -> None:
        self._config = config
        self._data = data
        self._trainer: Trainer | None = None
        self._until: Callable[[Step], bool] | None = None  # None: paused
        self._evaluated_at = (-1, 0.0)  # step and seconds of training
        self._evaluation_cost = 0.0
        self._closing = False
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._events: deque[Event] = deque()
        # A daemon, so that not even a step that takes minutes keeps the program from ending.
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._thread.start()

    def toggle(self) -> None:
        """Runs if paused, pauses if running."""
        self._commands.put(self._toggle)

    def step(self) -> None:
        """Trains on one batch, then pauses."""
        self._commands.put(self._step)

    def epoch(self) -> None:
        """Trains on to the end of the epoch, then pauses."""
        self._commands.put(partial(self._go, lambda step: step.position == step.of))

    def reset(self, config: Config) -> None:
        """Starts a new run of `config`, paused; Refused if it does not fit the data."""
        self._commands.put(partial(self._reset, config))

    def change(self, **values: object) -> None:
        """Changes settings that apply at the next batch; Refused if that cannot be done."""
        self._commands.put(partial(self._change, **values))

    def score(self) -> None:
        """Scores the test set."""
        self._commands.put(self._score)

    def close(self, timeout: float = 0.2) -> bool:
        """Ends the thread after the batch under way; whether that was within `timeout` seconds."""
        self._closing = True
        self._commands.put(lambda: None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def drain(self) -> list[Event]:
        """The events since the last call, in order."""
        return [self._events.popleft() for _ in range(len(self._events))]

    def _work(self) -> None:
        try:
            self._begin(self._config, dataset.load(self._data))
        except CoreError as error:
            self._turn(Phase.FAILED, str(error))
            return
        while not self._closing:
            try:
                if self._until is None or not self._commands.empty():
                    self._commands.get()()
                else:
                    self._advance()
            except ConfigError as error:
                self._events.append(Refused(error.field, str(error)))
            except Exception as error:
                # The thread must outlive any fault: the last healthy state stays on the screen.
                self._turn(Phase.FAILED, f"{type(error).__name__}: {error}")

    @property
    def _run(self) -> Trainer:
        assert self._trainer is not None
        return self._trainer

    def _turn(self, phase: Phase, message: str | None = None) -> None:
        if phase is not Phase.RUNNING:
            self._until = None
        self._events.append(Turned(phase, message))

    def _begin(self, config: Config, data: Dataset) -> None:
        trainer = Trainer(config, data)
        self._trainer = trainer
        self._events.append(
            Began(
                config,
                data,
                trainer.network.parameters.size,
                len(trainer.training),
                trainer.watched.name,
                len(trainer.watched),
            )
        )
        self._turn(Phase.PAUSED)
        self._evaluate()

    def _advance(self) -> None:
        try:
            step = self._run.step()
        except Diverged as error:
            self._turn(Phase.DIVERGED, str(error))
            return
        self._events.append(step)
        if step.evaluation:
            self._evaluated_at = (step.step, step.seconds)
        assert self._until is not None
        if self._run.stopped:
            self._turn(Phase.FINISHED, self._run.stopping.message)
            self._evaluate()  # the best weights are back
        elif self._run.finished:
            self._turn(Phase.FINISHED)
        elif self._until(step):
            self._pause()
        elif self._evaluation_due(step):
            self._evaluate()

    def _pause(self) -> None:
        self._turn(Phase.PAUSED)
        if self._evaluated_at[0] != self._run.steps:
            self._evaluate()

    def _evaluation_due(self, step: Step) -> bool:
        pause = max(_SECONDS_BETWEEN_EVALUATIONS, _EVALUATIONS_SHARE * self._evaluation_cost)
        last_step, last_seconds = self._evaluated_at
        doubled = step.epoch == 1 and step.step >= max(8, 2 * last_step)
        return doubled or step.seconds - last_seconds > pause

    def _evaluate(self) -> None:
        start = perf_counter()
        self._events.append(self._run.evaluate(self._run.watched))
        self._evaluation_cost = perf_counter() - start
        self._evaluated_at = (self._run.steps, self._run.seconds)

    def _toggle(self) -> None:
        if self._until is None:
            self._go(lambda step: False)
        else:
            self._pause()

    def _go(self, until: Callable[[Step], bool]) -> None:
        if self._run.finished:
            self._turn(Phase.FINISHED)
        else:
            self._until = until
            self._turn(Phase.RUNNING)

    def _step(self) -> None:
        # At once, so that two presses of a key are two steps, and what follows comes after.
        self._go(lambda step: True)
        if self._until is not None:
            self._advance()

    def _reset(self, config: Config) -> None:
        self._begin(config, self._run.dataset)

    def _change(self, **values: object) -> None:
        self._events.extend(self._run.change(**values))
        if self._until is None and not self._run.finished:
            self._turn(Phase.PAUSED)

    def _score(self) -> None:
        self._events.append(Scored(self._run.evaluate(self._run.dataset.test)))
