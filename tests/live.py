"""A real session, on data so small that it answers at once, and its events."""

import time
from collections import deque
from contextlib import asynccontextmanager, contextmanager

from core.config.config import Config
from core.data import dataset
from core.events import LayersMeasured, PhaseChanged
from tui.app import FashionApp
from tui.run.session import Session

CONFIG = Config(hidden=(4,), batch_size=20, validation=20, epochs=3)


@asynccontextmanager
async def program(data, runs=None, size=(120, 40)):
    """The program on this data, after its first evaluation and before its first step."""
    session = Session(CONFIG, data, runs)
    app = FashionApp(session, CONFIG, "default")
    async with app.run_test(size=size) as pilot:
        deadline = time.monotonic() + 60
        while app._training.snapshot.evaluation is None and time.monotonic() < deadline:
            await pilot.pause(0.01)
        yield pilot
    session.close()


@contextmanager
def idle_session(monkeypatch, data, directory, config=CONFIG):
    """A session on this data, watched, and idle after its first evaluation.

    The layers are measured last, by a step that is undone: only then may a test change parameters.
    """
    monkeypatch.setattr(dataset, "load", lambda path, *_: data)
    watched = Watched(Session(config, directory))
    watched.until(lambda event: isinstance(event, LayersMeasured))
    yield watched
    watched.session.close(timeout=60)
    assert not watched.session._thread.is_alive()


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
