"""What was said in the course of a session: warnings, errors, and the toasts that went by.

Nothing may print over the screen, so that what Python and its libraries log is kept here.
"""

import logging
from collections import deque
from datetime import datetime

_KEPT = 500

LOGGER = logging.getLogger("fashion-tui")
"""For what the program itself says."""


class Journal(logging.Handler):
    """Keeps the last lines, and takes what is logged, and Python's warnings, from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=_KEPT)

    def open(self) -> None:
        """Takes the place of whatever would print."""
        root = logging.getLogger()
        self._before = root.handlers
        root.handlers = [self]
        LOGGER.setLevel(logging.INFO)
        logging.captureWarnings(True)

    def close(self) -> None:
        """Gives the place back."""
        logging.captureWarnings(False)
        logging.getLogger().handlers = self._before
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record down as a line: time, where it comes from if not from us, words."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        source = "" if record.name == LOGGER.name else f"{record.name}: "
        self.lines.append(f"{time}  {source}{record.getMessage().strip()}")
