"""One training run behind a screen: the thread that trains, commands in, events out.

Commands return at once; the thread carries them out between two batches, in order. Only it
touches the run. The screen fetches the events when it wants to.
"""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import Empty
from time import perf_counter
from typing import TypeVar

from core import dataset
from core.config import Config
from core.dataset import Dataset, Part
from core.dissection import take_apart
from core.errors import ConfigError, CoreError, Diverged
from core.events import (
    Apart,
    Began,
    Evaluation,
    Event,
    Paced,
    Phase,
    Refused,
    Scored,
    Step,
    Turned,
    Went,
    Working,
)
from core.goals import Goal
from core.timeline import Timeline
from core.trainer import Trainer
from tui.mailbox import Listener, Mailbox
from tui.observation import Observation

PACES = (1, 2, 5, 20, None)
"""Batches a second; None: as many as it can."""

_LONG = 0.3  # seconds after which work tells how far it is, and may be given up for a command
_APART_SHARE = 50  # times what it costs go by until a step of a running run is taken apart again

Result = TypeVar("Result")
GoOn = Callable[[float], bool]


class Session:
    """Starts its thread at once, which reads the data and makes a run of `config`."""

    def __init__(self, config: Config, data: Path) -> None:
        self._config = config
        self._data = data
        self._timeline: Timeline | None = None
        self._running = False
        self._diverged = False
        self._goal: Goal | None = None  # where to pause; None: at the end
        self._pace: int | None = None  # batches a second; None: as many as it can
        self._due = 0.0  # when the next batch is, at that pace
        self._observation = Observation()
        self._destination = 0  # the step that is gone to
        self._apart_due = 0.0  # when a step is to be taken apart again
        self._closing = False
        self._mail = Mailbox()
        # A daemon, so that not even a step that takes minutes keeps the program from ending.
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._thread.start()

    def listen(self, listener: Listener) -> None:
        """Has `listener` called, from the training thread, when there are events to fetch.

        With True after a command, whose answer someone waits for; with False at the first
        event since the last time that they were fetched.
        """
        self._mail.listen(listener)

    def drain(self) -> list[Event]:
        """The events since the last call, in order."""
        return self._mail.drain()

    def toggle(self) -> None:
        """Runs if paused, pauses if running."""
        self._mail.put(self._toggle)

    def step(self) -> None:
        """Trains on one batch, then pauses."""
        self._mail.put(self._step)

    def steps(self, count: int) -> None:
        """Trains on `count` batches, those still to do from the last call besides, then pauses."""
        self._mail.put(partial(self._steps, count))

    def epoch(self) -> None:
        """Trains on to the end of the epoch, then pauses."""
        self._mail.put(self._epoch)

    def go(self, goal: Goal) -> None:
        """Trains on to the goal, then pauses; goes back to a step that lies behind. Refused if
        another goal does."""
        self._mail.put(partial(self._go_to, goal))

    def back(self, count: int) -> None:
        """Goes back by so many batches; of a run that diverged, to its last healthy step."""
        self._mail.put(partial(self._back, count))

    def travel(self, step: int) -> None:
        """Goes to a step of this branch, back or forth, and pauses. Of several that are called
        one after the other, the last counts."""
        self._destination = step
        self._mail.put(self._travel)

    def switch(self, branch: int) -> None:
        """Goes to the end of another branch, and pauses."""
        self._mail.put(partial(self._switch, branch))

    def change_pace(self, by: int) -> None:
        """Slow motion: so many places up or down in PACES."""
        self._mail.put(partial(self._change_pace, by))

    def reset(self, config: Config) -> None:
        """Starts a new run of `config`, paused; Refused if it does not fit the data."""
        self._mail.put(partial(self._reset, config))

    def change(self, **values: object) -> None:
        """Changes settings that apply at the next batch; Refused if that cannot be done."""
        self._mail.put(partial(self._change, **values))

    def score(self) -> None:
        """Scores the test set."""
        self._mail.put(self._score)

    def take_apart(self) -> None:
        """Shows the next step from within; while it runs flat out, only now and then."""
        self._mail.put(self._take_apart)

    def close(self, timeout: float = 0.2) -> bool:
        """Ends the thread after the batch under way; whether that was within `timeout` seconds."""
        self._closing = True
        self._mail.put(lambda: None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._begin(self._config, dataset.load(self._data))
        except CoreError as error:
            self._turn(Phase.FAILED, str(error))
            return
        while not self._closing:
            try:
                self._next()
            except ConfigError as error:
                self._mail.tell(Refused(error.field, str(error)), urgent=True)
            except Exception as error:
                # The thread must outlive any fault: the last healthy state stays on the screen.
                self._turn(Phase.FAILED, f"{type(error).__name__}: {error}")

    def _next(self) -> None:
        """Carries out a command, or else trains on a batch if it is time, or else evaluates."""
        try:
            command = self._mail.take(self._wait())
        except Empty:
            if self._running:
                self._advance()
            else:
                self._evaluate()
            return
        try:
            command()
        finally:
            self._mail.notify(urgent=True)

    def _wait(self) -> float | None:
        """The seconds until there is something to do if no command comes; None: there is not."""
        if self._running:
            return self._due - perf_counter() if self._pace else 0.0
        return None if self._observation.is_of(self._trainer.steps) else 0.0

    @property
    def _past(self) -> Timeline:
        assert self._timeline is not None
        return self._timeline

    @property
    def _trainer(self) -> Trainer:
        return self._past.trainer

    def _turn(self, phase: Phase, message: str | None = None) -> None:
        self._running = phase is Phase.RUNNING
        self._diverged = phase is Phase.DIVERGED
        if not self._running:
            self._goal = None
        self._mail.tell(Turned(phase, message, self._goal), urgent=True)

    def _begin(self, config: Config, data: Dataset) -> None:
        trainer = Trainer(config, data)
        self._timeline = Timeline(trainer)
        self._mail.tell(
            Began(
                config,
                data,
                trainer.network.parameters.size,
                len(trainer.training),
                trainer.watched.name,
                len(trainer.watched),
            )
        )
        self._observation = Observation()
        self._turn(Phase.PAUSED)

    def _advance(self) -> None:
        trainer = self._trainer
        try:
            step = self._past.step()
        except Diverged as error:
            self._turn(Phase.DIVERGED, f"{error}. b goes back to {_healthy(self._past)}")
            return
        if step.evaluation:
            self._observation.note(step.evaluation, step.seconds)
        self._mail.tell(step, urgent=self._pace is not None)
        if trainer.stopped:
            self._turn(Phase.FINISHED, trainer.stopping.message)
            self._observation.forget()  # the best weights are back
        elif trainer.finished:
            self._turn(Phase.FINISHED)
        elif self._arrived(step):
            self._turn(Phase.PAUSED)
        elif self._observation.due(step, self._pace):
            self._evaluate()
            if self._arrived(step):
                self._turn(Phase.PAUSED)
        if self._pace:
            # A batch that comes late is not made up for.
            self._due = max(self._due + 1 / self._pace, perf_counter())

    def _arrived(self, step: Step) -> bool:
        accuracy = self._observation.accuracy
        return self._goal is not None and self._goal.met(step.step, step.epochs, accuracy)

    def _evaluate(self) -> None:
        start = perf_counter()
        # A command comes first; what is left out is made up for when there is time.
        evaluation = self._evaluation("evaluating", self._trainer.watched, patience=0.0)
        if evaluation is not None:
            self._observation.cost = perf_counter() - start
            self._observation.note(evaluation, self._trainer.seconds)
            self._mail.tell(evaluation, urgent=not self._running)

    def _evaluation(self, what: str, part: Part, patience: float) -> Evaluation | None:
        """None if there is a command to carry out and it took more than `patience` seconds."""
        return self._at_work(
            what, lambda go_on: self._trainer.evaluate_while(part, go_on), patience
        )

    def _at_work(self, what: str, work: Callable[[GoOn], Result], patience: float) -> Result:
        """Does work which asks, with the share that is done, whether to go on; if it takes long,
        tells how far it is. It is to end early for a command, after so many seconds."""
        begin = told = perf_counter()
        working = False

        def go_on(share: float) -> bool:
            nonlocal told, working
            now = perf_counter()
            if now - told > _LONG:
                told, working = now, True
                self._mail.tell(Working(what, share), urgent=True)
            return now - begin < patience or not self._mail.has_commands

        try:
            return work(go_on)
        finally:
            if working:
                self._mail.tell(Working(what, 1.0), urgent=True)

    def _toggle(self) -> None:
        if self._running:
            self._turn(Phase.PAUSED)
        else:
            self._go(None)

    def _go(self, goal: Goal | None) -> None:
        if self._trainer.finished:
            self._turn(Phase.FINISHED)
        else:
            self._goal = goal
            self._due = perf_counter()
            self._turn(Phase.RUNNING)

    def _step(self) -> None:
        # At once, so that two presses of a key are two steps, and what follows comes after.
        self._go(Goal("step", self._trainer.steps + 1))
        if self._running:
            self._advance()

    def _steps(self, count: int) -> None:
        now = self._trainer.steps
        going = self._goal.value if self._goal and self._goal.kind == "step" else now
        self._go(Goal("step", max(going, now) + count))

    def _epoch(self) -> None:
        self._go(Goal("epoch", self._trainer.epochs + 1))

    def _go_to(self, goal: Goal) -> None:
        trainer = self._trainer
        if goal.kind == "step" and goal.value <= trainer.steps:
            self._depart(int(goal.value))
        elif goal.met(trainer.steps, trainer.time, self._observation.accuracy):
            raise ConfigError(
                "goal", f"the run is at {goal} or past it already; b and the timeline go back"
            )
        else:
            self._go(goal)

    def _back(self, count: int) -> None:
        past = self._past
        self._depart(past.healthy if self._diverged else max(past.at - count, past.start))

    def _travel(self) -> None:
        step = min(max(self._destination, self._past.start), self._past.end)
        if self._running or step != self._past.at:
            self._depart(step)

    def _depart(self, step: int) -> None:
        what = f"going to step {step:,}"
        self._arrive(self._at_work(what, partial(self._past.go, step), patience=_LONG))

    def _switch(self, branch: int) -> None:
        what = f"going to branch {branch}"
        self._arrive(self._at_work(what, partial(self._past.switch, branch), patience=_LONG))

    def _arrive(self, arrived: bool) -> None:
        """Tells where the run stands, after a way that may have been given up."""
        if not arrived:
            raise ConfigError("step", "going there was given up for the next command")
        self._observation.forget()
        self._went()
        finished = self._trainer.finished
        self._turn(Phase.FINISHED if finished else Phase.PAUSED)

    def _went(self) -> None:
        past = self._past
        config = past.trainer.config
        self._mail.tell(Went(past.at, past.last, config, past.branch.number, past.branches))

    def _change_pace(self, by: int) -> None:
        at = PACES.index(self._pace) + by
        self._pace = PACES[min(max(at, 0), len(PACES) - 1)]
        self._due = perf_counter()
        self._mail.tell(Paced(self._pace))

    def _reset(self, config: Config) -> None:
        self._begin(config, self._trainer.dataset)

    def _change(self, **values: object) -> None:
        branch = self._past.branch.number
        changes = self._past.change(**values)
        if self._past.branch.number != branch:
            self._went()
        self._mail.tell(*changes)
        if not self._running and not self._trainer.finished:
            self._turn(Phase.PAUSED)

    def _score(self) -> None:
        test = self._trainer.dataset.test
        evaluation = self._evaluation("scoring the test set", test, patience=_LONG)
        if evaluation is None:
            raise ConfigError("test", "scoring the test set was given up for the next command")
        self._mail.tell(Scored(evaluation))

    def _take_apart(self) -> None:
        start = perf_counter()
        if self._trainer.finished or (self._running and start < self._apart_due):
            return
        self._mail.tell(Apart(take_apart(self._trainer)), urgent=True)
        now = perf_counter()
        self._apart_due = now + _APART_SHARE * (now - start)


def _healthy(past: Timeline) -> str:
    step = past.healthy
    return f"step {step:,}, the last healthy one" if step else "the start"
