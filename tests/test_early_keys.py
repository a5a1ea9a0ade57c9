"""Keys that are typed while the program loads."""

import signal
import sys
import termios
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from terminal import Terminal

COMMAND = str(Path(sys.executable).parent / "fashion-tui")


@contextmanager
def loading(*arguments):
    """The program in a terminal, as soon as it holds the keys."""
    terminal = Terminal([COMMAND, *arguments])
    try:
        eventually(lambda: not termios.tcgetattr(terminal.slave)[3] & termios.ECHO)
        yield terminal
    finally:
        terminal.close()


def eventually(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_they_are_not_shown_and_wait_for_the_screen(tiny_directory):
    options = ("--data", str(tiny_directory), "--validation", "20", "--batch-size", "10")
    with loading(*options, "--no-keep") as terminal:
        terminal.press("4.007\r")
        terminal.until(r"learning rate +0\.007")
        assert b"4.007" not in terminal.output
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.restored


@pytest.mark.parametrize("way", ["\x03", signal.SIGTERM, signal.SIGKILL])
def test_the_terminal_is_as_before_however_the_loading_ends(way):
    with loading() as terminal:
        if isinstance(way, str):
            terminal.press(way)
        else:
            terminal.process.send_signal(way)
        terminal.wait()
        eventually(lambda: terminal.read() is not None and terminal.restored)


def test_the_terminal_is_as_before_after_a_wrong_option():
    with loading("--nonsense") as terminal:
        assert terminal.wait() == 2
        assert b"nonsense" in terminal.output
        assert terminal.restored
