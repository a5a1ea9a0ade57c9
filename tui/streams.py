"""Output streams that survive a full disk or a closed pipe, and the format of error messages."""

import errno
import io
import os
import select
import sys
from typing import TextIO, cast

from core.errors import os_reason
from core.text import printable
from tui.substitutes import ENCODING_ERRORS


class TolerantStream(io.TextIOBase):
    """Wraps a stream that it does not own: it neither changes nor closes it.

    A training run should not end because its report cannot be written: the first error is kept in
    `error` and printed at once, and nothing more is written. Characters that the stream's
    encoding lacks are replaced.

    name: of the stream in that message; without one, for standard error, none is printed.
    may_end: whether the program that reads the output may end first, as `head` does. Then no
    message is printed, and `is_unread` is True.
    """

    def __init__(self, stream: TextIO | None, name: str = "", may_end: bool = False) -> None:
        self._stream = stream
        self._name = name
        self._may_end = may_end
        self.error: str | None = None
        self.is_unread = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return (self._stream and self._stream.encoding) or "utf-8"

    def fileno(self) -> int:
        return self._stream.fileno() if self._stream else super().fileno()

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def write(self, text: str) -> int:
        if not self.error:
            try:
                self._write(text)
            except (OSError, ValueError) as error:  # ValueError: the stream is closed
                self.is_unread = _is_broken_pipe(error)
                reason = (
                    "the program that reads it has ended" if self.is_unread else os_reason(error)
                )
                self.error = f"{self._name} is incomplete: {reason}"
                if self._name and not (self._may_end and self.is_unread):
                    print_error(self.error)
        return len(text)

    def _write(self, text: str) -> None:
        stream = self._stream
        if stream is None:
            raise ValueError("it is closed")
        if not isinstance(stream, io.TextIOWrapper):
            stream.write(text)
            return
        # Past the buffers: they would keep what cannot be written, and fail again at exit. If
        # another program has made the stream non-blocking, they would lose text without a word.
        stream.flush()
        raw = cast(io.RawIOBase, getattr(stream.buffer, "raw", stream.buffer))
        rest = memoryview(text.replace("\n", os.linesep).encode(self.encoding, ENCODING_ERRORS))
        while rest:
            if written := raw.write(rest):
                rest = rest[written:]
            else:  # it is non-blocking and full
                select.select([], [raw], [])


def _is_broken_pipe(error: Exception) -> bool:
    return isinstance(error, BrokenPipeError) or (
        os.name == "nt" and isinstance(error, OSError) and error.errno == errno.EINVAL
    )


def print_error(message: str) -> None:
    """Prints a message to standard error, after the name of the program, as one line."""
    print(f"fashion-tui: {printable(message)}", file=sys.stderr)
