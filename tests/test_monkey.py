"""Random keys, clicks and window sizes at any moment."""

import asyncio
import random
import re
import string
import sys
import time
from pathlib import Path

import pytest
from terminal import KEYS, Terminal
from textual import events
from textual.binding import Binding
from textual.keys import _character_to_key

from core.config.config import Config
from core.events import Phase, PhaseChanged
from tui.app import FashionApp
from tui.panes.status_bar import StatusBar
from tui.run.session import Session
from tui.screens.help import Help
from tui.screens.training.screen import TrainingScreen

ACTIONS = 150
COMMAND = str(Path(sys.executable).parent / "fashion-tui")
CONFIG = Config(hidden=(4,), batch_size=20, validation=20, epochs=1000)

PRINTABLE = set(string.ascii_letters + string.digits + string.punctuation) - {"q"}
LEAVING = {"q", "ctrl+q", "ctrl+c"}
SIZES = [(120, 40), (80, 24), (120, 40), (200, 60), (49, 15), (5, 24), (4, 24), (2, 5), (1, 1)]
NO_TEXT = (b"\xff", b"\xe9", b"\xc3", b"\xf0\x9f")  # not UTF-8


def random_actions(rng, keys, count=ACTIONS, sizes=SIZES):
    """Yields ("press", key), ("send", bytes), ("click", x, y) and ("resize", width, height).

    Clicks come in bursts, at one place. The first of the sizes is that of the start.
    """
    keys, characters = sorted(keys), sorted(PRINTABLE)
    size, footers = sizes[0], {height - 1 for _, height in sizes}  # a click there may mean "quit"
    for _ in range(count):
        kind = rng.random()
        if kind < 0.5:
            yield "press", rng.choice(keys)
        elif kind < 0.8:
            yield "press", rng.choice(characters)
        elif kind < 0.96:
            place = rng.randrange(size[0]), rng.randrange(size[1])
            if place[1] not in footers:
                for _ in range(rng.choice((1, 1, 2, 3))):
                    yield "click", *place
        elif kind < 0.97:
            yield "send", rng.choice(NO_TEXT)
        else:
            size = rng.choice(sizes)
            yield "resize", *size


class RecordingSession(Session):
    """A session that records its events."""

    def __init__(self, config, data):
        self.recorded = []
        super().__init__(config, data)

    def drain(self):
        drained = super().drain()
        self.recorded += drained
        return drained

    @property
    def phases(self):
        return [event.phase for event in self.recorded if isinstance(event, PhaseChanged)]


def bound(app):
    """All keys that the app, its screen or any of its widgets binds."""
    return {
        binding.key
        for node in (app, *app.screen.walk_children(with_self=True))
        for kind in type(node).__mro__
        for binding in Binding.make_bindings(vars(kind).get("BINDINGS", ()))
    }


def press(app, key):
    """Sends a key as a terminal does: at once, without waiting for the app."""
    name, character = (_character_to_key(key), key) if len(key) == 1 else (key, None)
    app.post_message(events.Key(name, " " if name == "space" else character))


def click(app, x, y):
    for kind in (events.MouseMove, events.MouseDown, events.MouseUp):
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False))


async def caught_up(app):
    """Waits until the app has handled all messages."""
    done = asyncio.Event()
    app.call_later(done.set)
    await done.wait()


@pytest.fixture
def session(tiny_directory):
    session = RecordingSession(CONFIG, tiny_directory)
    yield session
    session.close(timeout=30)


@pytest.mark.parametrize("seed", range(2))
async def test_no_keys_clicks_or_sizes_break_it_and_its_status_stays_correct(
    seed, session, monkeypatch
):
    rng = random.Random(seed)
    monkeypatch.setattr(FashionApp, "action_quit", lambda app: None)  # a command of the palette
    app = FashionApp(session, CONFIG, "default")
    async with app.run_test(size=SIZES[0]) as pilot:
        resizes = []
        for n, (what, *how) in enumerate(random_actions(rng, bound(app) - LEAVING)):
            if what == "press":
                press(app, *how)
            elif what == "click":
                click(app, *how)
            elif what == "resize":
                # Not awaited: the pilot would wait until training is over.
                resizes.append(asyncio.create_task(pilot.resize_terminal(*how)))
            await asyncio.sleep(rng.choice((0, 0, 0.01, 0.03)))
            if n % 10 == 9:  # allows bursts, but limits the queue
                await caught_up(app)
            assert app.is_running
        await asyncio.gather(*resizes, pilot.resize_terminal(*SIZES[0]))

        assert session.close(timeout=30)
        for _ in range(5):  # leave lists, fields and dialogs
            await pilot.press("escape")
        assert isinstance(app.screen, TrainingScreen)
        await pilot.press("question_mark")
        assert isinstance(app.screen, Help)
        await pilot.press("escape")
        assert isinstance(app.screen, TrainingScreen)

        app.screen.fetch()
        status = app.screen.query_one(StatusBar).render_line(0).text
        assert Phase.FAILED not in session.phases
        assert session.phases[-1].value in status
        steps = session._runner.trainer.steps
        assert re.search(rf"step {steps}\b", status.replace(",", "")), (steps, status)


def test_the_installed_command_survives_random_input_and_quits_with_q():
    rng = random.Random(0)
    terminal = Terminal([COMMAND, "--validation", "500"], SIZES[0])
    try:
        terminal.until(r"paused +epoch 0/10 .*\n not trained yet .* acc\w* +\d")
        for what, *how in random_actions(rng, (KEYS.keys() | {" "}) - LEAVING - {"ctrl+p"}):
            if what == "press":
                terminal.press(KEYS.get(*how, *how))
            else:
                getattr(terminal, what)(*how)
            terminal.record(rng.choice((0, 0.02, 0.05, 0.1)))
            assert terminal.process.poll() is None, terminal.output[-2000:]
        terminal.resize(*SIZES[0])
        deadline = time.monotonic() + 120
        while terminal.process.poll() is None and time.monotonic() < deadline:
            for key in ("\x1b", "\x1b", "\x1b", "q"):  # leave lists, fields and dialogs
                terminal.press(key)
                terminal.record(0.4)
        assert terminal.wait() == 0
        assert b"Traceback" not in terminal.output
    finally:
        terminal.close()
