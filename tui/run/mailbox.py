"""The queues between the training thread and the screen: commands in, events out.

Neither side waits for the other, except that the training thread may wait for a command. If the
screen does not fetch the events for long, older ones are thinned out, so that memory stays bounded.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from queue import SimpleQueue
from typing import cast

from core.events import Evaluation, Event, Step
from core.types import ignore

Command = Callable[[], None]
Listener = Callable[[bool], object]

_MAX_STEPS = 20_000  # that wait for the screen; several seconds of the fastest training
_MAX_EVALUATIONS = 20  # with their probabilities, up to megabytes each


class Mailbox:
    """A queue of commands and a queue of events, both first in, first out."""

    def __init__(self) -> None:
        self._commands: SimpleQueue[tuple[Command, bool]] = SimpleQueue()
        self._cancelling = 0  # commands in the queue
        self._events: list[Event] = []
        # Held for a moment, to exchange or extend the list, or to count.
        self._lock = threading.Lock()
        self._steps = self._evaluations = 0  # in the list
        self._listener: Listener | None = None
        self.recorder: Callable[[Event], None] = ignore  # is given every event
        self._notified = False  # since the events were last fetched

    def listen(self, listener: Listener) -> None:
        """Sets a function that the training thread calls when there are events to fetch.

        Its argument tells whether the user is waiting for them. Otherwise it is called only once
        until the events are fetched.
        """
        self._listener = listener
        listener(True)

    def drain(self) -> list[Event]:
        """Returns the events since the last call, in order.

        After a long time without a call, only some of the older steps are among them, and only
        the latest evaluations.
        """
        self._notified = False
        with self._lock:
            events, self._events = self._events, []
            self._steps = self._evaluations = 0
        return events

    def put(self, command: Command, *, cancels: bool = True) -> None:
        """Adds a command to the queue.

        cancels: whether it cancels a task that takes long. What a pane requests does not: two of
        its requests would cancel each other forever.
        """
        with self._lock:
            self._cancelling += cancels
        self._commands.put((command, cancels))

    def take(self, timeout: float | None) -> Command:
        """Returns the next command; waits for it up to `timeout` seconds, or forever if None.

        Raises queue.Empty if there is none.
        """
        wait = timeout is None or timeout > 0
        command, cancels = self._commands.get(wait, timeout if wait else None)
        with self._lock:
            self._cancelling -= cancels
        return command

    @property
    def is_cancelled(self) -> bool:
        """Whether a command waits that cancels a task."""
        return self._cancelling > 0

    def post(self, *events: Event, urgent: bool = False) -> None:
        """Adds events to the queue and notifies the listener."""
        for event in events:
            self.recorder(event)
        with self._lock:
            self._events.extend(events)
            for event in events:
                self._steps += isinstance(event, Step)
                self._evaluations += _has_evaluation(event)
            if self._steps > _MAX_STEPS or self._evaluations > 2 * _MAX_EVALUATIONS:
                self._thin_out()
        self.notify(urgent)

    def notify(self, urgent: bool) -> None:
        """Calls the listener if this is urgent or it has not been called since the last drain."""
        if self._listener and (urgent or not self._notified):
            self._notified = True
            self._listener(urgent)

    def _thin_out(self) -> None:
        """Drops all evaluations but the latest; every second step, if there are too many."""
        too_many = self._steps > _MAX_STEPS
        kept: list[Event] = []
        self._steps = self._evaluations = number = 0
        for event in reversed(self._events):
            number += isinstance(event, Step)
            if _has_evaluation(event):
                self._evaluations += 1
                if self._evaluations > _MAX_EVALUATIONS:
                    if isinstance(event, Evaluation):
                        continue
                    event = replace(cast(Step, event), evaluation=None)
            elif too_many and isinstance(event, Step) and number % 2 == 0:
                continue
            kept.append(event)
            self._steps += isinstance(event, Step)
        self._evaluations = min(self._evaluations, _MAX_EVALUATIONS)
        self._events = kept[::-1]


def _has_evaluation(event: Event) -> bool:
    return isinstance(event, Evaluation) or (
        isinstance(event, Step) and event.evaluation is not None
    )
