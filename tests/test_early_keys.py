"""Keys that are typed while the program loads."""

import signal
import subprocess
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


INTERRUPTED_AT = """
import os, signal, sys

class Interrupter:
    def find_spec(name, path=None, target=None):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter)
{before}
import tui.__main__
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


def interrupted(module, before=""):
    program = INTERRUPTED_AT.format(module=module, before=before)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")
@pytest.mark.parametrize("module", ["core", "core.errors", "tui.terminal_guard", "subprocess"])
def test_an_interrupt_while_modules_are_imported_ends_it_without_a_traceback(module):
    done = interrupted(module)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_the_import_keeps_the_handler_of_interrupts():
    assert interrupted("none").stdout == "True\n"
    ignored = interrupted("core", "signal.signal(signal.SIGINT, signal.SIG_IGN)")
    assert ignored.stdout == "False\n"
