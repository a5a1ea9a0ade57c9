"""A training session that was prepared: the same events every time, no thread; and its screen."""

import math
import time
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import numpy as np
from textual.screen import Screen
from textual.widgets import Input

from core.config.config import Config
from core.data.dataset import Dataset
from core.events import Change, Evaluation, Phase, PhaseChanged, RunStarted, Step
from tui.app import FashionApp
from tui.panes.curves.charts import Charts
from tui.panes.line_pane import LinePane
from tui.panes.settings.form import Form

NAMES = ("Ring", "Square", "Cross", "Bar", "Dot")


def pictures(count=50):
    """28×28 pictures of a few shapes, one class a shape."""
    y, x = np.mgrid[-14:14, -14:14] + 0.5
    shapes = [
        (np.abs(np.hypot(x, y) - 9) < 2.5),
        (np.maximum(abs(x), abs(y)) < 10),
        (np.minimum(abs(x), abs(y)) < 3),
        (np.abs(x) < 4),
        (np.hypot(x, y) < 6),
    ]
    labels = (np.arange(count) % len(shapes)).astype(np.uint8)
    shade = np.hypot(x, y)
    gray = np.clip(255 - shade * 10, 40, 255)
    images = np.stack([np.where(shapes[label], gray, 0) for label in labels]).astype(np.uint8)
    return images, labels


def dataset():
    return Dataset(*pictures(), *pictures(20), NAMES)


def evaluation(step, accuracy=0.6, part="validation"):
    """Every third image is taken for the next class, the surer the lower its index."""
    _, labels = pictures(20)
    predicted = np.where(np.arange(20) % 3 == 0, (labels + 1) % len(NAMES), labels)
    probabilities = np.full((20, len(NAMES)), 0.05, np.float32)
    probabilities[np.arange(20), predicted] = np.linspace(0.79, 0.5, 20)
    return Evaluation(
        step, part, 1 / (1 + step / 10), accuracy, np.arange(20), labels, probabilities
    )


def step(number, of=10, batch=5, evaluated=False):
    """One batch of a smooth run; `of` batches an epoch."""
    loss = 2.3 * math.exp(-number / 15) + 0.1
    start, decay = (number - 1) // of * of, math.exp(-1 / 15)
    total = 2.3 * (decay ** (start + 1) - decay ** (number + 1)) / (1 - decay)
    epoch_loss = total / (number - start) + 0.1
    return Step(
        step=number,
        epoch=(number - 1) // of + 1,
        position=((number - 1) % of + 1) * batch,
        epoch_size=of * batch,
        images=batch,
        loss=loss,
        accuracy=1 - loss / 3,
        learning_rate=0.001,
        seconds=number * 0.01,
        evaluation=evaluation(number, 1 - loss / 2.8) if evaluated else None,
        epoch_loss=epoch_loss,
        epoch_accuracy=1 - epoch_loss / 3,
    )


def run_started(config=None):
    return RunStarted(config or Config(), dataset(), 109_386, 50, "validation", 20)


def run(steps=35, of=10):
    """The events of a run that was paused after so many steps."""
    events = [
        run_started(Config(learning_rate=0.01)),
        PhaseChanged(Phase.PAUSED),
        evaluation(0, 0.2),
    ]
    for number in range(1, steps + 1):
        events.append(step(number, of, evaluated=number % of == 0))
        if number == 20:
            events.append(Change(20, "learning_rate", 0.01, 0.001))
    return events


COMMANDS = (
    "toggle",
    "step",
    "steps",
    "epoch",
    "go_to_goal",
    "change_pace",
    "restart",
    "change",
    "score",
    "trace_step",
    "measure_along_step",
    "classify",
    "ask",
    "stop_asking",
    "examine",
    "find_rate",
    "stop_finding_rate",
    "survey",
    "step_back",
    "go_to_step",
    "switch_branch",
    "resume",
    "rename",
    "open_data",
)


class CannedSession:
    """Stands in for tui.session.Session: notes the commands, hands out the events it is given."""

    runs = None  # it keeps none
    data = Path("data")
    is_resumed = False

    def __init__(self, *events):
        self.events = list(events)
        self.commands = []

    def listen(self, listener):
        """It has nothing to say of itself."""

    def close(self, timeout=0.2):
        return True

    def drain(self):
        events, self.events = self.events, []
        return events

    def __getattr__(self, name):
        if name not in COMMANDS:
            raise AttributeError(name)

        def note(*args, **values):
            self.commands.append((name, *args, *([values] if values else [])))

        return note


@asynccontextmanager
async def screen(
    *events,
    size=(120, 40),
    config=None,
    notifications=False,
    ascii=False,
    is_loading=False,
    is_covered=False,
):
    """The app after it has shown these events; it draws its toasts if asked to.

    is_loading: without events, there is no run yet. is_covered: the screen is not painted, because
    a test at once opens another one over it.
    """
    session = CannedSession(*(events or ([] if is_loading else run())))
    app = FashionApp(session, config or Config(), "default", ascii=ascii)
    async with AsyncExitStack() as stack:
        with unpainted() if is_covered else painted_once(app):
            running = app.run_test(size=size, notifications=notifications)
            pilot = await stack.enter_async_context(running)
            pilot.session = session
            await frame(pilot)
        await pilot.pause()
        yield pilot


async def frame(pilot, *events):
    """Lets the screen fetch and draw what the session has to say, once all its panes are there."""
    app = pilot.app
    app.session.events += events
    with painted_once(app):
        with app.batch_update():
            deadline = time.monotonic() + 60
            while not app.screen.query("#panes > *"):
                assert time.monotonic() < deadline, f"the panes are behind {app.screen}"
                await pilot.pause()
            app.screen.fetch()
            await pilot.pause()
            for charts in app.screen.query(Charts):
                charts.show()
            await pilot.pause()
            for pane in app.screen.query(LinePane):
                if pane.redraw_pending:
                    pane.flush_redraw()
        await pilot.pause()
    await pilot.pause()


@contextmanager
def painted_once(app):
    """The screen is laid out as often as it needs, and painted when its layout is final."""
    with unpainted():
        yield
    for screen in app.screen_stack:
        screen._compositor_refresh()


@contextmanager
def unpainted():
    paint = Screen._compositor_refresh
    Screen._compositor_refresh = lambda screen: None
    try:
        yield
    finally:
        Screen._compositor_refresh = paint


async def until(pilot, condition):
    """Waits for what comes a while later, by a timer or a thread."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        await pilot.pause()
        if condition():
            return
        await pilot.pause(0.01)
    assert condition()


def text(pilot):
    """All that stands on the screen."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


def toasts(pilot):
    return [notification.message for notification in pilot.app._notifications]


def field(pilot, name):
    return pilot.app.screen.query_one(f"#field-{name} Input", Input)


async def write(pilot, name, value, *keys):
    await pilot.app.screen.query_one(Form).reveal(name)
    field(pilot, name).focus()
    await pilot.pause()
    await pilot.press(*value, *keys)
    await pilot.pause()


async def choose(pilot, name, option):
    """Chooses an option in the list of a setting, or of the presets."""
    await pilot.app.screen.query_one(Form).focus_field(name)
    await pilot.pause()
    await pilot.press("enter", *option, "enter")
    await pilot.pause()


async def start_over(pilot, config=None):
    """Undoes all changes of settings and forgets commands and toasts, for a test's next part."""
    draft, config = pilot.app.screen.draft, config or Config()
    with painted_once(pilot.app):
        await pilot.press("escape")
        for _ in range(30):
            if draft.wanted == config:
                break
            await pilot.press("ctrl+z")
        assert draft.wanted == config
        pilot.session.commands.clear()
        pilot.app.clear_notifications()
        await pilot.press("escape")
    await pilot.pause()
