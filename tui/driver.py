"""The link to a Unix terminal, made safe against bytes that are not text and a stalled terminal."""

import codecs
import os
import signal
import termios
from typing import Any

from textual import events
from textual.drivers import linux_driver
from textual.message import Message

from core.training import clock
from tui.early_keys import mode_before
from tui.paste_filter import PasteFilter

_MAX_FRAMES = 20  # that wait for the terminal; Textual's queue blocks at 30
_MAX_KEYS = 200  # that wait for the app
_RETRY = 0.1  # seconds between looks at a stalled terminal


def _tolerant_decoder(encoding: str) -> type[codecs.IncrementalDecoder]:
    """Replaces bytes that are not in the encoding, instead of raising an exception."""

    class Decoder(codecs.getincrementaldecoder(encoding)):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(errors="replace")
            self._without_escapes = PasteFilter()

        def decode(self, data: bytes, final: bool = False) -> str:
            return self._without_escapes(super().decode(data, final))

    return Decoder


linux_driver.getincrementaldecoder = _tolerant_decoder  # type: ignore[assignment, attr-defined]


class UnixDriver(linux_driver.LinuxDriver):
    """Drops what cannot be handled in time, so that the app always answers.

    - Frames are dropped while the terminal does not read; the screen is redrawn afterward.
    - Keys are dropped while many wait, as after a paste into a terminal that types it.
    - Ctrl+C does not wait behind other keys.
    """

    _stalled = False
    _sent_keys = 0
    _code: int | None = None  # with which the process ends

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Not a thread, for which there may be no memory left.
        signal.signal(signal.SIGALRM, self._end)

    def write(self, data: str) -> None:
        if self._waiting_frames < _MAX_FRAMES:
            super().write(data)
        elif not self._stalled:
            self._stalled = True
            self._loop.call_later(_RETRY, self._redraw_when_read)

    def process_message(self, message: Message) -> None:
        app: Any = self._app  # a FashionApp, which imports this module
        if isinstance(message, events.Key):
            if message.key == "ctrl+c":
                app.end(0)
                return
            if self._sent_keys - app.handled_keys >= _MAX_KEYS:
                return
            self._sent_keys += 1
        super().process_message(message)

    def _sigtstp_application(self, *arguments: Any) -> None:
        """Suspends the process, and stops the clock of training before.

        The clock continues only when this program knows that it was continued: until then, a step
        that the pause has interrupted may end in the training thread.
        """
        clock.stop()
        super()._sigtstp_application(*arguments)

    def _sigcont_application(self, *arguments: Any) -> None:
        """Returns to the screen. In the background of a shell, this suspends the process again."""
        super()._sigcont_application(*arguments)
        clock.resume()

    def start_application_mode(self) -> None:
        """Takes the terminal. At the end it is as it was before the program held the keys."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.attrs_before = mode_before() or self.attrs_before

    def stop_application_mode(self) -> None:
        """Restores the terminal, without the frames that it has not read."""
        if self._stalled and self._writer_thread is not None:
            with self._writer_thread._queue.mutex:
                self._writer_thread._queue.queue.clear()
        super().stop_application_mode()

    def end_after(self, seconds: float, code: int) -> None:
        """Ends the process if it still lives after so many seconds, with its line mode restored."""
        if self._code is None:
            self._code = code
            signal.setitimer(signal.ITIMER_REAL, seconds)

    def _end(self, *_: object) -> None:
        if self.attrs_before is not None:
            termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        os._exit(self._code or 0)

    def close(self) -> None:
        """Waits until the terminal has read everything."""
        super().close()
        signal.setitimer(signal.ITIMER_REAL, 0)

    @property
    def _waiting_frames(self) -> int:
        return self._writer_thread._queue.qsize() if self._writer_thread else 0

    def _redraw_when_read(self) -> None:
        if self._waiting_frames:
            self._loop.call_later(_RETRY, self._redraw_when_read)
        else:
            self._stalled = False
            self._app.refresh(layout=True)
