"""One training run behind a screen: the thread that trains, commands in, events out.

Commands return at once; the thread carries them out between two batches, in order. Only it
touches the trainer. The screen fetches the events when it wants to.
"""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter, thread_time
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
    Surveyed,
    Turned,
    Working,
)
from core.goals import Goal
from core.survey import survey
from core.trainer import Trainer

Command = Callable[[], None]
Listener = Callable[[bool], object]
_T = TypeVar("_T")

# While it runs, the watched images are evaluated at the end of each epoch. Besides, in the
# first one, when most happens, whenever the steps have doubled; and in long ones whenever this
# many seconds of training went by, or as many times what an evaluation costs.
_SECONDS_BETWEEN_EVALUATIONS = 2.0
_EVALUATIONS_SHARE = 20
_APART_SHARE = 50  # times what it costs go by until a step of a running run is taken apart again

PACES = (1, 2, 5, 20, None)
"""Batches a second; None: as many as it can."""

_LONG = 0.3  # seconds after which an evaluation tells how far it is


class Session:
    """Starts its thread at once, which reads the data and makes a run of `config`."""

    def __init__(self, config: Config, data: Path) -> None:
        self._config = config
        self._data = data
        self._trainer: Trainer | None = None
        self._running = False
        self._goal: Goal | None = None  # where to pause; None: at the end
        self._pace: int | None = None  # batches a second; None: as many as it can
        self._due = 0.0  # when the next batch is, at that pace
        self._accuracy = 0.0  # of the watched images, when last evaluated
        self._evaluated_at = (-1, 0.0)  # step and seconds of training
        self._evaluation_cost = 0.0
        self._apart_due = 0.0  # when a step is to be taken apart again
        self._survey_waits = False  # for a moment without commands
        self._closing = False
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._events: deque[Event] = deque()
        self._listener: Listener | None = None
        self._told = False
        # A daemon, so that not even a step that takes minutes keeps the program from ending.
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._thread.start()

    def listen(self, listener: Listener) -> None:
        """Has `listener` called, from the training thread, when there are events to fetch.

        With True after a command, whose answer someone waits for; with False at the first
        event since the last time that they were fetched.
        """
        self._listener = listener
        listener(True)

    def toggle(self) -> None:
        """Runs if paused, pauses if running."""
        self._commands.put(self._toggle)

    def step(self) -> None:
        """Trains on one batch, then pauses."""
        self._commands.put(self._step)

    def steps(self, count: int) -> None:
        """Trains on `count` batches, those still to do from the last call besides, then pauses."""
        self._commands.put(partial(self._steps, count))

    def epoch(self) -> None:
        """Trains on to the end of the epoch, then pauses."""
        self._commands.put(self._epoch)

    def go(self, goal: Goal) -> None:
        """Trains on to the goal, then pauses; Refused if it lies behind."""
        self._commands.put(partial(self._go_to, goal))

    def change_pace(self, by: int) -> None:
        """Slow motion: so many places up or down in PACES."""
        self._commands.put(partial(self._change_pace, by))

    def reset(self, config: Config) -> None:
        """Starts a new run of `config`, paused; Refused if it does not fit the data."""
        self._commands.put(partial(self._reset, config))

    def change(self, **values: object) -> None:
        """Changes settings that apply at the next batch; Refused if that cannot be done."""
        self._commands.put(partial(self._change, **values))

    def score(self) -> None:
        """Scores the test set."""
        self._commands.put(self._score)

    def take_apart(self) -> None:
        """Shows the next step from within; while it runs flat out, only now and then."""
        self._commands.put(self._take_apart)

    def survey(self) -> None:
        """Looks at what every unit makes of all training images, when no other command waits."""
        self._commands.put(self._survey)

    def close(self, timeout: float = 0.2) -> bool:
        """Ends the thread after the batch under way; whether that was within `timeout` seconds."""
        self._closing = True
        self._commands.put(lambda: None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def drain(self) -> list[Event]:
        """The events since the last call, in order."""
        self._told = False
        return [self._events.popleft() for _ in range(len(self._events))]

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
                self._tell(Refused(error.field, str(error)), urgent=True)
            except Exception as error:
                # The thread must outlive any fault: the last healthy state stays on the screen.
                self._turn(Phase.FAILED, f"{type(error).__name__}: {error}")

    def _next(self) -> None:
        """Carries out a command, or else trains on a batch if it is time, or else evaluates."""
        try:
            command = self._wait()
        except Empty:
            if self._running:
                self._advance()
            else:
                self._evaluate()
            return
        try:
            command()
        finally:
            self._notify(urgent=True)

    def _wait(self) -> Command:
        """The next command; Empty if there is something else to do before one comes."""
        if not self._running:
            return self._commands.get(block=self._evaluated_at[0] == self._run.steps)
        wait = self._due - perf_counter() if self._pace else 0.0
        return self._commands.get(timeout=wait) if wait > 0 else self._commands.get_nowait()

    @property
    def _run(self) -> Trainer:
        assert self._trainer is not None
        return self._trainer

    def _tell(self, *events: Event, urgent: bool = False) -> None:
        self._events.extend(events)
        self._notify(urgent)

    def _notify(self, urgent: bool) -> None:
        if self._listener and (urgent or not self._told):
            self._told = True
            self._listener(urgent)

    def _turn(self, phase: Phase, message: str | None = None) -> None:
        self._running = phase is Phase.RUNNING
        if not self._running:
            self._goal = None
        self._tell(Turned(phase, message, self._goal), urgent=True)

    def _begin(self, config: Config, data: Dataset) -> None:
        trainer = Trainer(config, data)
        self._trainer = trainer
        self._tell(
            Began(
                config,
                data,
                trainer.network.parameters.size,
                len(trainer.training),
                trainer.watched.name,
                len(trainer.watched),
            )
        )
        self._evaluated_at = (-1, 0.0)
        self._turn(Phase.PAUSED)

    def _advance(self) -> None:
        try:
            step = self._run.step()
        except Diverged as error:
            self._turn(Phase.DIVERGED, str(error))
            return
        if step.evaluation:
            self._note(step.evaluation)
        self._tell(step, urgent=self._pace is not None)
        if self._run.stopped:
            self._turn(Phase.FINISHED, self._run.stopping.message)
            self._evaluated_at = (-1, 0.0)  # the best weights are back
        elif self._run.finished:
            self._turn(Phase.FINISHED)
        elif self._goal and self._goal.met(step.step, step.epochs, self._accuracy):
            self._turn(Phase.PAUSED)
        elif self._evaluation_due(step):
            self._evaluate()
            if self._goal and self._goal.met(step.step, step.epochs, self._accuracy):
                self._turn(Phase.PAUSED)
        if self._pace:
            # A batch that comes late is not made up for.
            self._due = max(self._due + 1 / self._pace, perf_counter())

    def _evaluation_due(self, step: Step) -> bool:
        pause = max(_SECONDS_BETWEEN_EVALUATIONS, _EVALUATIONS_SHARE * self._evaluation_cost)
        last_step, last_seconds = self._evaluated_at
        if self._pace and 2 * self._evaluation_cost * self._pace < 1:
            return True  # in slow motion everything is shown, if there is time for it
        doubled = step.epoch == 1 and step.step >= max(8, 2 * last_step)
        return doubled or step.seconds - last_seconds > pause

    def _evaluate(self) -> None:
        start = perf_counter()
        # A command comes first; what is left out is made up for when there is time.
        evaluation = self._evaluation("evaluating", self._run.watched, patience=0.0)
        if evaluation is None:
            return
        self._evaluation_cost = perf_counter() - start
        self._note(evaluation)
        self._tell(evaluation, urgent=not self._running)

    def _note(self, evaluation: Evaluation) -> None:
        self._accuracy = evaluation.accuracy
        self._evaluated_at = (self._run.steps, self._run.seconds)

    def _evaluation(self, what: str, part: Part, patience: float) -> Evaluation | None:
        """Evaluates; None if it was given up, as in `_telling`."""
        return self._telling(what, partial(self._run.evaluate_while, part), patience)

    def _telling(
        self, what: str, work: Callable[[Callable[[float], bool]], _T | None], patience: float
    ) -> _T | None:
        """Does the work and, if it takes long, tells how far it is.

        None if there is a command to carry out and it took more than `patience` seconds so far.
        """
        begin = told = perf_counter()
        working = False

        def go_on(share: float) -> bool:
            nonlocal told, working
            now = perf_counter()
            if now - told > _LONG:
                told, working = now, True
                self._tell(Working(what, share), urgent=True)
            return now - begin < patience or self._commands.empty()

        done = work(go_on)
        if working:
            self._tell(Working(what, 1.0), urgent=True)
        return done

    def _toggle(self) -> None:
        if self._running:
            self._turn(Phase.PAUSED)
        else:
            self._go(None)

    def _go(self, goal: Goal | None) -> None:
        if self._run.finished:
            self._turn(Phase.FINISHED)
        else:
            self._goal = goal
            self._due = perf_counter()
            self._turn(Phase.RUNNING)

    def _step(self) -> None:
        # At once, so that two presses of a key are two steps, and what follows comes after.
        self._go(Goal("step", self._run.steps + 1))
        if self._running:
            self._advance()

    def _steps(self, count: int) -> None:
        going = self._goal.value if self._goal and self._goal.kind == "step" else self._run.steps
        self._go(Goal("step", max(going, self._run.steps) + count))

    def _epoch(self) -> None:
        self._go(Goal("epoch", self._run.epochs + 1))

    def _go_to(self, goal: Goal) -> None:
        run = self._run
        if goal.met(run.steps, run.time, self._accuracy):
            raise ConfigError("goal", f"the run is at {goal} or past it already")
        self._go(goal)

    def _change_pace(self, by: int) -> None:
        at = PACES.index(self._pace) + by
        self._pace = PACES[min(max(at, 0), len(PACES) - 1)]
        self._due = perf_counter()
        self._tell(Paced(self._pace))

    def _reset(self, config: Config) -> None:
        self._begin(config, self._run.dataset)

    def _change(self, **values: object) -> None:
        self._tell(*self._run.change(**values))
        if not self._running and not self._run.finished:
            self._turn(Phase.PAUSED)

    def _score(self) -> None:
        test = self._run.dataset.test
        evaluation = self._evaluation("scoring the test set", test, patience=_LONG)
        if evaluation is None:
            raise ConfigError("test", "scoring the test set was given up for the next command")
        self._tell(Scored(evaluation))

    def _take_apart(self) -> None:
        if (self._running and perf_counter() < self._apart_due) or self._run.finished:
            return
        # Its own time: a wait for the screen, or for another program, is no cost of it.
        start = thread_time()
        self._tell(Apart(take_apart(self._run)), urgent=True)
        self._apart_due = perf_counter() + _APART_SHARE * (thread_time() - start)

    def _survey(self, again: bool = False) -> None:
        if again:
            self._survey_waits = False
            if self._running:
                return
        run = self._run
        look = partial(survey, run.network, run.config.activation, run.training, run.steps)
        found = self._telling("looking at every unit", look, patience=0.0)
        if found is not None:
            self._tell(Surveyed(found), urgent=True)
        elif not self._running and not self._survey_waits:
            # Made up for after the commands that it gave way to; once, however often asked for.
            self._survey_waits = True
            self._commands.put(partial(self._survey, again=True))
