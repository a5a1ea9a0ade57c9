"""What passes between a training thread and its screen: commands in, events out.

Each side only puts down and fetches, and none waits for the other.
"""

from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from core.events import Event

Command = Callable[[], None]
Listener = Callable[[bool], object]


class Mailbox:
    """Commands in the order in which they were given, and events in that in which they happened."""

    def __init__(self) -> None:
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._events: deque[Event] = deque()
        self._listener: Listener | None = None
        self._told = False

    def listen(self, listener: Listener) -> None:
        """Has `listener` called, from the training thread, when there are events to fetch.

        With True if someone waits for them; with False at the first event since the last time
        that they were fetched.
        """
        self._listener = listener
        listener(True)

    def drain(self) -> list[Event]:
        """The events since the last call, in order."""
        self._told = False
        return [self._events.popleft() for _ in range(len(self._events))]

    def put(self, command: Command) -> None:
        self._commands.put(command)

    def take(self, seconds: float | None) -> Command:
        """The next command, if need be after a wait of so many seconds, or without end if None.

        Raises queue.Empty if none came.
        """
        if seconds is None or seconds > 0:
            return self._commands.get(timeout=seconds)
        return self._commands.get_nowait()

    @property
    def has_commands(self) -> bool:
        return not self._commands.empty()

    def post(self, *events: Event, urgent: bool = False) -> None:
        self._events.extend(events)
        self.notify(urgent)

    def notify(self, urgent: bool) -> None:
        """Calls the listener, unless it has been called and nothing is urgent."""
        if self._listener and (urgent or not self._told):
            self._told = True
            self._listener(urgent)
