"""The message log of a session: toasts, changes of settings, warnings and logged errors.

Output to the terminal would corrupt the screen, so Python's warnings and logging go here instead.
"""

import logging
from collections import deque
from datetime import datetime
from traceback import format_exception

from core.text import printable, printable_lines

_MAX_LINES = 500

LOGGER = logging.getLogger("fashion-tui")
"""The logger for the program's own messages."""


class Journal(logging.Handler):
    """A logging handler that keeps the last 500 lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=_MAX_LINES)
        self._previous: list[logging.Handler] | None = None

    def open(self) -> None:
        """Replaces the root logger's handlers and captures Python's warnings."""
        root = logging.getLogger()
        self._previous = root.handlers
        root.handlers = [self]
        LOGGER.setLevel(logging.INFO)
        logging.captureWarnings(True)

    def close(self) -> None:
        """Restores the handlers that `open` replaced, if it was called."""
        if self._previous is not None:
            logging.captureWarnings(False)
            logging.getLogger().handlers = self._previous
            self._previous = None
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """Adds a record: the time, the logger if it is not our own, the message, the traceback."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        source = "" if record.name == LOGGER.name else f"{record.name}: "
        self.lines.append(printable_lines(f"{time}  {source}{record.getMessage().strip()}"))
        if record.exc_info:
            trace = "".join(format_exception(*record.exc_info)).splitlines()
            self.lines.extend(map(printable, trace))
