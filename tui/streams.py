"""Output streams that survive a full disk or a closed pipe, and the format of error messages."""

import io
import os
import sys
from typing import TextIO

from core.errors import os_reason


class TolerantStream(io.TextIOBase):
    """A stream that records its first write error in `trouble` instead of raising it.

    A training run should not end because its report cannot be written. Characters that the
    stream's encoding lacks are written as "?".
    """

    def __init__(self, stream: TextIO | None, name: str = "standard error") -> None:
        self._stream = stream
        self._name = name
        self.trouble: str | None = None
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding if self._stream else "utf-8"

    def fileno(self) -> int:
        return self._stream.fileno() if self._stream else super().fileno()

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def write(self, text: str) -> int:
        if self._stream and not self.trouble:
            try:
                self._stream.write(text)
                self._stream.flush()
            except OSError as error:
                self.trouble = f"{self._name} is incomplete: {os_reason(error)}"
                # At exit Python flushes the stream again; let that succeed.
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        return len(text)

    def close(self) -> None:
        if self._stream:
            self._stream.close()


def print_error(message: str) -> None:
    """Prints a message to standard error, after the name of the program."""
    print(f"fashion-tui: {message}", file=sys.stderr)
