"""Where commands without a screen print tables and progress: in ASCII if the locale has no more."""

import io
import sys
from collections.abc import Sequence
from typing import TextIO, cast

from rich.console import Console

from tui.ascii_locale import locale_is_ascii
from tui.substitutes import ascii_names, to_ascii


def make_console(stderr: bool = False) -> Console:
    """Returns a console of standard output or standard error."""
    if not locale_is_ascii():
        return Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    stream = cast(TextIO, _AsciiStream(sys.stderr if stderr else sys.stdout))
    return Console(file=stream, highlight=False, markup=False, emoji=False)


def readable_names(names: Sequence[str]) -> tuple[str, ...]:
    """Returns class names as the console can show them."""
    return ascii_names(names) if locale_is_ascii() else tuple(names)


class _AsciiStream(io.TextIOBase):
    """Writes ASCII characters of the same width to another stream; rich then draws ASCII boxes."""

    encoding = "ascii"

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(to_ascii(text))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()
