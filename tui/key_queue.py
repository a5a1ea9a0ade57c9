"""Lets keys wait for a key that decides where they go. Without it, a key that opens a dialog may
take effect after the next key, which then goes to the screen behind the dialog."""

from asyncio import Event, timeout
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import App, ScreenError
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Input, Select

from tui.delay import call_after

_PATIENCE = 0.5  # seconds; then a key no longer waits for one that was lost with its widget
_FILLING = 3.0  # seconds that keys wait for the content of a screen
_LONGEST = 30.0  # seconds that keys wait for one that a busy screen still handles
_MOVING = {"tab", "shift+tab", *"123456"}
_OPENING = {"g", "p", "y", "R", "W", "n", "slash", "colon", "ctrl+p", "question_mark", "f1"}
_CLOSING = {"enter", "escape"}
_WAITED_FOR = _MOVING | _OPENING | _CLOSING
"""The keys of the main screen that may move the focus, or open or close something. What several of
the others did is drawn at once."""
_HELD = {"up", "down", "left", "right", "pageup", "pagedown"}
"""The keys that repeat when held down. A screen over the main one waits for all other keys, and for
these only if they move the focus there: then they are in its MOVING_KEYS."""


@runtime_checkable
class Filled(Protocol):
    """A screen that gets its content after it has opened."""

    has_content: Event


class KeyDone(Message):
    """Follows a key from the focused widget up to the app, through the same queues.

    When the app gets it, all of them have handled the key or passed it on.
    """

    def __init__(self, number: int, is_first_of_two: bool = False) -> None:
        super().__init__()
        self.number = number
        self.is_first_of_two = is_first_of_two


class KeyQueue:
    """The keys that wait for an app. `handle` gives one of them to the widgets."""

    def __init__(self, app: App[Any], handle: Callable[[events.Key], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._waiting: deque[events.Key] = deque()
        self._number = 0  # of the latest key
        self._is_done = True  # that key
        self._started = 0.0  # when it was handled
        self._path: list[MessagePump] = []  # where its `KeyDone` goes

    async def put(self, key: events.Key) -> None:
        """Handles a key, now or when those before it are done."""
        self._waiting.append(key)
        if self._is_done:
            await self._start_next()
        elif len(self._waiting) == 1:
            self._watch()

    async def note_done(self, done: KeyDone) -> None:
        """Continues with the next key. The app calls this for each `KeyDone`.

        What Enter does may be a message, such as an input's `Submitted`; a second `KeyDone` follows
        that message.
        """
        if done.number == self._number and not (done.is_first_of_two and self._follow()):
            await self._start_next()

    async def _start_next(self) -> None:
        self._is_done = True
        while self._is_done and self._waiting:
            self._number += 1
            self._is_done = False
            self._started = monotonic()
            with suppress(TimeoutError, ScreenError):
                async with timeout(_LONGEST):
                    screen = self._app.screen
                    await screen._mounted_event.wait()  # before, nothing has the focus
                    if isinstance(screen, Filled):  # before, there is nothing to act on
                        async with timeout(_FILLING):
                            await screen.has_content.wait()
            key = self._waiting.popleft()
            if self._waiting:
                self._watch()
            target = self._target
            is_text = target is not None and target.check_consume_key(key.key, key.character)
            is_waited_for = self._is_waited_for(key.key)
            await self._handle(key)
            self._is_done = is_text or not (is_waited_for and self._follow(key.key == "enter"))

    def _follow(self, is_first_of_two: bool = False) -> bool:
        """Sends a `KeyDone` behind the key. False if the app is closing."""
        target = self._target
        if target is None:
            return False
        self._path = list(target.ancestors_with_self)
        return target.post_message(KeyDone(self._number, is_first_of_two))

    @property
    def _is_covered(self) -> bool:
        """Whether a dialog or another screen is over the main one."""
        return len(self._app.screen_stack) > 1

    def _is_waited_for(self, key: str) -> bool:
        if not self._is_covered:  # in a field or a list, no key must overtake the one before it
            return key in _WAITED_FOR or isinstance(self._target, Input | Select)
        return key not in _HELD or key in getattr(self._app.screen, "MOVING_KEYS", ())

    @property
    def _target(self) -> Widget | None:
        """Where a key goes; None while the app ends."""
        try:
            return self._app.focused or self._app.screen
        except ScreenError:
            return None

    def _watch(self) -> None:
        """Ensures that no key waits for a `KeyDone` that was lost with its widget."""
        call_after(self._app, _PATIENCE, partial(self._go_on, self._number))

    async def _go_on(self, number: int) -> None:
        if self._number != number:
            return
        is_under_way = all(widget.is_running for widget in self._path)
        if is_under_way and monotonic() - self._started < _LONGEST:
            self._watch()
        else:
            await self._start_next()
