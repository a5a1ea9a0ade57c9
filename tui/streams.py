"""Standard output and files that may be full, closed or gone: told at the end, not died of."""

import io
import os
import sys
from typing import TextIO

from core.errors import os_reason


class TolerantStream(io.TextIOBase):
    """A stream that notes its first fault in `trouble` instead of raising it.

    What goes on behind it, a training run, is worth more than its report. What the stream's
    encoding cannot write becomes a "?".
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
                self.trouble = f"{self._name} is incomplete from here on: {os_reason(error)}"
                # Python writes what is left of it once more at the end.
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        return len(text)

    def close(self) -> None:
        if self._stream:
            self._stream.close()


def print_error(sentence: str) -> None:
    """Says on standard error what went wrong."""
    print(f"fashion-tui: {sentence}", file=sys.stderr)
