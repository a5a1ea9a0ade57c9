"""The queues between the training thread and the screen: commands in, events out.

Neither side waits for the other, except that the training thread may wait for a command.
"""

from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from core.events import Event

Command = Callable[[], None]
Listener = Callable[[bool], object]


class Mailbox:
    """A queue of commands and a queue of events, both first in, first out."""

    def __init__(self) -> None:
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._events: deque[Event] = deque()
        self._listener: Listener | None = None
        self._notified = False  # since the events were last fetched

    def listen(self, listener: Listener) -> None:
        """Sets a function that the training thread calls when there are events to fetch.

        Its argument tells whether the user is waiting for them. Otherwise it is called only once
        until the events are fetched.
        """
        self._listener = listener
        listener(True)

    def drain(self) -> list[Event]:
        """Returns the events since the last call, in order."""
        self._notified = False
        return [self._events.popleft() for _ in range(len(self._events))]

    def put(self, command: Command) -> None:
        """Adds a command to the queue."""
        self._commands.put(command)

    def take(self, timeout: float | None) -> Command:
        """Returns the next command; waits for it up to `timeout` seconds, or for ever if None.

        Raises queue.Empty if there is none.
        """
        if timeout is None or timeout > 0:
            return self._commands.get(timeout=timeout)
        return self._commands.get_nowait()

    @property
    def has_commands(self) -> bool:
        return not self._commands.empty()

    def post(self, *events: Event, urgent: bool = False) -> None:
        """Adds events to the queue and notifies the listener."""
        self._events.extend(events)
        self.notify(urgent)

    def notify(self, urgent: bool) -> None:
        """Calls the listener if this is urgent or it has not been called since the last drain."""
        if self._listener and (urgent or not self._notified):
            self._notified = True
            self._listener(urgent)
