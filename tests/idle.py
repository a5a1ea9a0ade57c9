"""An event loop that knows when it is idle, so that no test of the screen sleeps.

Textual's pilot waits until the process has used little CPU for 20 milliseconds, twice per key.
"""

import asyncio
import selectors
import time
from contextvars import copy_context
from functools import partial

import textual._compositor
import textual._wait
import textual.app
import textual.constants
import textual.pilot
import textual.screen
import textual.strip

_SOON = 0.02  # seconds; a timer due within them counts as work
_MAX_WAIT = 30.0  # seconds after which a test goes on although the app is never idle
_LATEST = 0.2  # seconds after which a screen is painted although the app never pauses


class _Selector(selectors.DefaultSelector):
    """Paints the screens and wakes the waiters when the loop has nothing else to do."""

    def __init__(self):
        super().__init__()
        self.waiters = []  # for the screen as it is painted
        self.unpainted_waiters = []  # for messages only
        self.elsewhere = set()  # futures of other threads
        self.paintings = {}  # screens: functions
        self.paint_by = 0.0

    def select(self, timeout=None):
        idle = timeout is None or timeout > _SOON
        pauses = timeout is None or timeout > 2 * textual.screen.UPDATE_PERIOD
        if self.unpainted_waiters and idle and not self.elsewhere:
            timeout = 0
            _wake(self.unpainted_waiters)
        elif self.paintings and (pauses or time.monotonic() > self.paint_by):
            timeout = 0
            for paint in self.paintings.values():
                paint()
            self.paintings.clear()
        elif self.waiters and idle and not self.elsewhere:
            timeout = 0
            _wake(self.waiters)
        return super().select(timeout)


def _wake(waiters):
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)
    waiters.clear()


class Loop(asyncio.SelectorEventLoop):
    """A loop whose coroutines can wait until it is idle."""

    def __init__(self):
        self._watching = _Selector()
        super().__init__(self._watching)

    def run_in_executor(self, executor, func, *args):
        future = super().run_in_executor(executor, func, *args)
        self._watching.elsewhere.add(future)
        future.add_done_callback(self._watching.elsewhere.discard)
        return future

    def when_idle(self, screen, paint):
        """Paints a screen once, when nothing is left that could change it."""
        selector = self._watching
        if not selector.paintings:
            selector.paint_by = time.monotonic() + _LATEST
        selector.paintings[screen] = partial(self.call_soon, paint, context=copy_context())

    async def idle(self, painted=True):
        """Waits until nothing is left to do and nothing is due soon."""
        waiter, watching = self.create_future(), self._watching
        (watching.waiters if painted else watching.unpainted_waiters).append(waiter)
        await asyncio.wait([waiter], timeout=_MAX_WAIT)


_by_cpu_time = textual._wait.wait_for_idle


async def wait_for_idle(min_sleep=0.0, max_sleep=1.0, painted=True):
    """Replaces Textual's function of this name."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, Loop):
        await loop.idle(painted)
    else:
        await _by_cpu_time(min_sleep, max_sleep)


_by_messages = textual.pilot.Pilot._wait_for_screen


async def wait_for_screen(pilot, timeout=30.0):
    """Replaces the pilot's method, which sends a message to every widget and waits for all.

    A loop with nothing to do has no message left to handle.
    """
    if not isinstance(asyncio.get_running_loop(), Loop):
        return await _by_messages(pilot, timeout)
    await wait_for_idle()
    return not pilot.app._exception_event.is_set()


_compositor_refresh = textual.screen.Screen._compositor_refresh


def _paint(screen):
    """Renders the widgets that are to be painted anew.

    Textual also puts them together, which only a terminal needs. Tests that read the screen ask the
    compositor for its lines.
    """
    app, compositor = screen.app, screen._compositor
    if app.screen is not screen or not app.is_headless:
        _compositor_refresh(screen)
        return
    regions, compositor._dirty_regions = compositor._dirty_regions, set()
    if regions:
        textual._compositor.visible_screen_stack.set(app._background_screens)
        for widget, (region, clip) in compositor.visible_widgets.items():
            visible = region.intersection(clip)
            if any(visible.overlaps(dirty) for dirty in regions):
                widget.render_lines(visible.translate(-region.offset))
    screen._dirty_widgets.clear()


def paint_when_idle(screen):
    """Replaces the screen's method, which paints at once what the next message may change."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, Loop):
        loop.when_idle(screen, partial(_paint, screen))
    else:
        _paint(screen)


textual.screen.Screen._compositor_refresh = paint_when_idle
textual.pilot.Pilot._wait_for_screen = wait_for_screen
textual.pilot.wait_for_idle = wait_for_idle
textual.app.wait_for_idle = partial(wait_for_idle, painted=False)  # between two keys of a press
# Changes are painted at once, without animation.
textual.screen.UPDATE_PERIOD = 1 / 500
textual.constants.TEXTUAL_ANIMATIONS = "none"

# A line has seven caches, which take longer to make than the line.
textual.strip.FIFOCache = lambda maxsize: {}
