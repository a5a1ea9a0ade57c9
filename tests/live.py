"""A real session, on data so small that it answers at once, and its events."""

import time
from collections import deque

from core.config.config import Config
from core.events import PhaseChanged

CONFIG = Config(hidden=(4,), batch_size=20, validation=20, epochs=3)


class Watched:
    """A session and its events so far."""

    def __init__(self, session):
        self.session = session
        self.events = []
        self._unread = deque()

    def until(self, condition):
        """Reads to the next event that meets the condition, and returns it."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            self._unread += self.session.drain()
            while self._unread:
                self.events.append(self._unread.popleft())
                if condition(self.events[-1]):
                    return self.events[-1]
            time.sleep(0.002)
        raise AssertionError(f"no such event after {[type(e).__name__ for e in self.events]}")

    def until_phase(self, phase):
        return self.until(lambda event: isinstance(event, PhaseChanged) and event.phase is phase)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]
