"""Keeps the app alive when a handler fails. Textual ends the app, and with it the run.

A fault becomes an entry in the message log with its traceback, and a toast. Timers of no time, in
which Textual may loop forever, get a short one.
"""

from collections import Counter
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.worker import WorkerFailed

from tui.journal import LOGGER

_TOASTS = 3  # for faults at the same place
_SHORTEST = 0.001  # seconds


class Containment(App[str]):
    """An app that survives exceptions in handlers, timers, workers and panes.

    This starts when the app is mounted. What fails before that, or so badly that messages are no
    longer handled, ends the app with exit code 1.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._containing = False
        self._faults: Counter[tuple[object, ...]] = Counter()

    def contain(self, error: Exception) -> bool:
        """Reports an exception. False if it should end the app."""
        if self._exit:  # panes that are mounted or removed while the app ends
            return True
        if not (self._containing and self._running):
            return False
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error
        self._faults[_place(error)] += 1
        if self._faults[_place(error)] <= _TOASTS:  # a pane may fail at each frame
            LOGGER.error("%s: %s", type(error).__name__, error, exc_info=error)
            message = f"{type(error).__name__}: {error}. The run continues; n shows the details."
            App.notify(self, message, title="Internal error", severity="error", markup=False)
        return True

    def panic(self, *renderables: Any) -> None:
        """Ends the app with an error message and exit code 1."""
        self._return_code = self._return_code or 1
        super().panic(*renderables)

    async def on_event(self, event: events.Event) -> None:
        """Handles an event; from `Mount` on, exceptions are contained."""
        await super().on_event(event)
        self._containing |= isinstance(event, events.Mount)

    def _handle_exception(self, error: Exception) -> None:
        """Overrides what Textual does at an exception outside of a message handler."""
        if not self.contain(error):
            super()._handle_exception(error)


def _place(error: Exception) -> tuple[object, ...]:
    """The type of an exception and the line that raised it."""
    traceback = error.__traceback__
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    code = traceback and traceback.tb_frame.f_code
    return type(error), code, traceback and traceback.tb_lineno


_dispatch = MessagePump._dispatch_message


async def _dispatch_contained(self: MessagePump, message: Message) -> None:
    """Handles a message. After an exception, Textual would handle no more messages of a widget."""
    try:
        await _dispatch(self, message)
    except Exception as error:
        app = self.app
        if not (isinstance(app, Containment) and app.contain(error)):
            raise


MessagePump._dispatch_message = _dispatch_contained  # type: ignore[method-assign]


_create_timer = Timer.__init__


def _create_positive_timer(self: Timer, target: Any, interval: float, **options: Any) -> None:
    """Creates a timer. That of a toast is negative if the app was too busy to show it in time."""
    _create_timer(self, target, max(interval, _SHORTEST), **options)


Timer.__init__ = _create_positive_timer  # type: ignore[method-assign, assignment]
