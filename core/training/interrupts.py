"""Keeps Ctrl-C from stopping a step half-way, which would leave the run between two steps."""

import _signal  # type: ignore[import-not-found]
import signal
import threading
from types import FrameType
from typing import Self

# The functions of `signal` convert to and from enums, which takes ten times as long as the call.
_set_handler, _get_handler = _signal.signal, _signal.getsignal


class DeferredInterrupt:
    """A context in which Ctrl-C waits: KeyboardInterrupt is raised at its end.

    Does nothing outside the main thread, which alone receives signals, or if the program has its
    own handler of SIGINT.
    """

    __slots__ = ("_active", "_pending")

    def __enter__(self) -> Self:
        self._pending = False
        self._active = (
            threading.current_thread() is threading.main_thread()
            and _get_handler(signal.SIGINT) is signal.default_int_handler
        )
        if self._active:
            _set_handler(signal.SIGINT, self._receive)
        return self

    def __exit__(self, *raised: object) -> None:
        if self._active:
            _set_handler(signal.SIGINT, signal.default_int_handler)
            if self._pending:
                raise KeyboardInterrupt

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self._pending = True
