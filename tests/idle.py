"""An event loop that tells when it has nothing to do, so that no test of the screen sleeps.

Textual's own waits until the process has used little of the CPU for 20 milliseconds: twice a key.
"""

import asyncio
import selectors

import textual._wait
import textual.app
import textual.constants
import textual.pilot
import textual.screen

_SOON = 0.02  # seconds: what is due within them is waited for
_MOST = 30.0  # seconds after which a test goes on with an app that never rests


class _Selector(selectors.DefaultSelector):
    """The loop asks it to wait for as long as there is nothing to do: it tells those who wait."""

    def __init__(self):
        super().__init__()
        self.waiters = []
        self.elsewhere = set()  # what other threads do for the loop

    def select(self, timeout=None):
        if self.waiters and not self.elsewhere and (timeout is None or timeout > _SOON):
            timeout = 0
            for waiter in self.waiters:
                if not waiter.done():
                    waiter.set_result(None)
            self.waiters.clear()
        return super().select(timeout)


class Loop(asyncio.SelectorEventLoop):
    """A loop whose coroutines can wait until there is nothing else to do."""

    def __init__(self):
        self._watching = _Selector()
        super().__init__(self._watching)

    def run_in_executor(self, executor, func, *args):
        future = super().run_in_executor(executor, func, *args)
        self._watching.elsewhere.add(future)
        future.add_done_callback(self._watching.elsewhere.discard)
        return future

    async def idle(self):
        """Waits until there is nothing to do, and nothing due soon."""
        waiter = self.create_future()
        self._watching.waiters.append(waiter)
        await asyncio.wait([waiter], timeout=_MOST)


_by_cpu_time = textual._wait.wait_for_idle


async def wait_for_idle(min_sleep=0.0, max_sleep=1.0):
    """Stands in for Textual's function of this name."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, Loop):
        await loop.idle()
    else:
        await _by_cpu_time(min_sleep, max_sleep)


textual.app.wait_for_idle = textual.pilot.wait_for_idle = wait_for_idle
# What was changed is painted at once, and nothing glides.
textual.screen.UPDATE_PERIOD = 1 / 500
textual.constants.TEXTUAL_ANIMATIONS = "none"
