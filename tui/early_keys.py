"""Holds the keys that are typed while the program loads: they are not shown, and wait for the
screen."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_before: list[Any] | None = None  # the mode of the terminal before, while it is another


@contextmanager
def held_keys() -> Iterator[None]:
    """Within this block, the terminal does not show what is typed, and passes it on as it is.

    Keys are then read as the screen would read them. Ctrl-C and Ctrl-Z keep their meaning. At the
    end, the mode of the terminal is as before.
    """
    global _before
    if sys.platform == "win32":
        yield
        return
    import termios

    terminal = sys.__stdin__.fileno() if sys.__stdin__ else 0
    try:
        if os.tcgetpgrp(terminal) == os.getpgrp():  # others may not change the mode
            _before = termios.tcgetattr(terminal)
            mode = termios.tcgetattr(terminal)
            mode[0] &= ~(
                termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.IXOFF
            )
            mode[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
            mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
            termios.tcsetattr(terminal, termios.TCSANOW, mode)
    except (OSError, termios.error):  # it is gone
        _before = None
    try:
        yield
    finally:
        try:
            if _before is not None:
                termios.tcsetattr(terminal, termios.TCSANOW, _before)
        except termios.error:  # it is gone
            pass
        _before = None


def mode_before() -> list[Any] | None:
    """Returns the mode of the terminal before `held_keys`, and None outside of its block."""
    return _before
