"""One training run behind a screen: the thread that trains, commands in, events out.

Commands return at once; the thread carries them out between two batches, in order. Only it
touches the run. The screen fetches the events when it wants to.
"""

import threading
from functools import partial
from pathlib import Path
from queue import Empty

from core.config.config import Config
from core.data import dataset
from core.errors import ConfigError, CoreError
from core.events import Event, Phase, Refused
from core.goals import Goal
from tui.run.driver import Driver
from tui.run.mailbox import Listener, Mailbox


class Session:
    """Starts its thread at once, which reads the data and makes a run of `config`."""

    def __init__(self, config: Config, data: Path) -> None:
        self._config = config
        self._data = data
        self._mail = Mailbox()
        self._driver = Driver(self._mail)
        self._destination = 0  # the step that is gone to
        self._closing = False
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
        self._mail.put(self._driver.toggle)

    def step(self) -> None:
        """Trains on one batch, then pauses."""
        self._mail.put(self._driver.step)

    def steps(self, count: int) -> None:
        """Trains on `count` batches, those still to do from the last call besides, then pauses."""
        self._mail.put(partial(self._driver.steps, count))

    def epoch(self) -> None:
        """Trains on to the end of the epoch, then pauses."""
        self._mail.put(self._driver.epoch)

    def go_to(self, goal: Goal) -> None:
        """Trains on to the goal, then pauses; goes back to a step that lies behind. Refused if
        another goal does."""
        self._mail.put(partial(self._driver.go_to, goal))

    def back(self, count: int) -> None:
        """Goes back by so many batches; of a run that diverged, to its last healthy step."""
        self._mail.put(partial(self._driver.back, count))

    def travel(self, step: int) -> None:
        """Goes to a step of this branch, back or forth, and pauses. Of several that are called
        one after the other, the last counts."""
        self._destination = step
        self._mail.put(lambda: self._driver.travel(self._destination))

    def switch_branch(self, branch: int) -> None:
        """Goes to the end of another branch, and pauses."""
        self._mail.put(partial(self._driver.switch_branch, branch))

    def change_pace(self, by: int) -> None:
        """Slow motion: so many places up or down in PACES."""
        self._mail.put(partial(self._driver.change_pace, by))

    def reset(self, config: Config) -> None:
        """Starts a new run of `config`, paused; Refused if it does not fit the data."""
        self._mail.put(partial(self._driver.reset, config))

    def change(self, **values: object) -> None:
        """Changes settings that apply at the next batch; Refused if that cannot be done."""
        self._mail.put(partial(self._driver.change, **values))

    def score(self) -> None:
        """Scores the test set."""
        self._mail.put(self._driver.score)

    def trace_step(self) -> None:
        """Shows the next step from within; while it runs flat out, only now and then."""
        self._mail.put(self._driver.trace_step)

    def survey(self) -> None:
        """Looks at what every unit makes of all training images, when no other command waits."""
        self._mail.put(self._driver.survey)

    def close(self, timeout: float = 0.2) -> bool:
        """Ends the thread after the batch under way; whether that was within `timeout` seconds."""
        self._closing = True
        self._mail.put(lambda: None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._driver.start_run(self._config, dataset.load(self._data))
        except CoreError as error:
            self._driver.set_phase(Phase.FAILED, str(error))
            return
        while not self._closing:
            try:
                self._next()
            except ConfigError as error:
                self._mail.post(Refused(error.field, str(error)), urgent=True)
            except Exception as error:
                # The thread must outlive any fault: the last healthy state stays on the screen.
                self._driver.set_phase(Phase.FAILED, f"{type(error).__name__}: {error}")

    def _next(self) -> None:
        """Carries out a command, or else what there is to do without one."""
        try:
            command = self._mail.take(self._driver.wait)
        except Empty:
            self._driver.proceed()
            return
        try:
            command()
        finally:
            self._mail.notify(urgent=True)
