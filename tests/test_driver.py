"""A terminal that sends bytes that are not text, reads nothing, or types a whole file."""

import os
import signal
import sys
import termios
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from terminal import Terminal

COMMAND = str(Path(sys.executable).parent / "fashion-tui")


@contextmanager
def started(directory, command=(COMMAND,), size=(80, 24)):
    options = ("--data", str(directory), "--validation", "30", "--batch-size", "32")
    terminal = Terminal([*command, *options, "--epochs", "100000"], size)
    try:
        yield terminal
    finally:
        terminal.close()


NOTES_A_STALL = """
import sys
from pathlib import Path
from tui.__main__ import main
from tui.driver import UnixDriver

look_again = UnixDriver._redraw_when_read

def redraw_when_read(driver):
    Path(sys.argv[1]).touch()
    look_again(driver)

UnixDriver._redraw_when_read = redraw_when_read
sys.exit(main(sys.argv[2:]))
"""


@contextmanager
def stalled(directory, note):
    """A program that trains and drops frames, because its terminal is full and reads nothing."""
    command = (sys.executable, "-c", NOTES_A_STALL, str(note))
    with started(directory, command, (120, 40)) as terminal:
        terminal.until(r"paused +epoch 0/")
        terminal.press("< ")  # 20 steps per second: a frame after each
        terminal.until("running")
        deadline = time.monotonic() + 60
        while not note.exists():
            assert time.monotonic() < deadline, "the program sends too little to fill the terminal"
            time.sleep(0.01)
        terminal.press("<<<")  # 1 step per second: it still trains, but leaves time for others
        yield terminal


def ends_within(terminal, seconds):
    """Waits for the end without reading from the terminal; returns the exit code."""
    deadline = time.monotonic() + seconds
    while terminal.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return terminal.process.poll()


def test_bytes_that_are_not_utf8_are_ignored(tiny_directory):
    with started(tiny_directory) as terminal:
        terminal.until(r"paused +epoch 0/")
        for data in (b"\xff", b"\xe9", b"\xc3", b"\x80\xfe", b"\xf0\x9f", bytes(range(128, 256))):
            terminal.send(data)
            terminal.record(0.05)
        terminal.press("s")
        terminal.until(r"step 1\b")
        terminal.press("q")
        assert terminal.wait() == 0
        assert b"Traceback" not in terminal.output


def test_it_ends_although_the_terminal_reads_nothing(tiny_directory, tmp_path):
    ways = ("q", "\x03", signal.SIGTERM, signal.SIGINT)
    with ExitStack() as stack:
        terminals = [
            stack.enter_context(stalled(tiny_directory, tmp_path / f"stalled-{number}"))
            for number, _ in enumerate(ways)
        ]
        for way, terminal in zip(ways, terminals, strict=True):
            if isinstance(way, str):
                terminal.press(way)
            else:
                terminal.process.send_signal(way)
        for way, terminal in zip(ways, terminals, strict=True):
            # The program gives itself 2 seconds; one more for a machine that is busy.
            assert ends_within(terminal, 3) == (0 if isinstance(way, str) else 128 + way)
            assert termios.tcgetattr(terminal.slave) == terminal.attributes


WITHOUT_THREADS = """
import sys, threading
from tui.__main__ import main
from tui.screens.training.screen import TrainingScreen

def fail(thread):
    raise RuntimeError("can't start new thread")

TrainingScreen.action_score = lambda screen: setattr(threading.Thread, "start", fail)
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("way", ["q", "\x03", signal.SIGTERM])
def test_it_ends_although_the_system_refuses_a_thread(tiny_directory, way):
    """As it does when there is no memory left."""
    with started(tiny_directory, (sys.executable, "-c", WITHOUT_THREADS)) as terminal:
        terminal.until(r"paused +epoch 0/")
        terminal.press("ts")
        terminal.until(r"step 1\b")
        if isinstance(way, str):
            terminal.press(way)
        else:
            terminal.process.send_signal(way)
        assert terminal.wait(20) == (0 if isinstance(way, str) else 128 + way)
        assert terminal.restored


def test_the_screen_is_complete_after_the_terminal_was_stalled(tiny_directory, tmp_path):
    with stalled(tiny_directory, tmp_path / "stalled") as terminal:
        terminal.press(" ")
        terminal.until(r"paused")
        terminal.until(r"Settings")
        terminal.press("s")
        terminal.until(r"paused .*epoch .* step [\d,]+\b")
        terminal.press("q")
        assert terminal.wait() == 0


def test_ctrl_c_does_not_wait_behind_a_file_that_is_typed(tiny_directory):
    """It takes less time than a few starts of the program; the keys before it take far more."""
    start = time.monotonic()
    with started(tiny_directory) as terminal:
        terminal.until(r"paused +epoch 0/")
        startup = time.monotonic() - start
        terminal.press("4\t")
        terminal.record(0.3)
        text = b"0.001 3e-4 lorem ipsum " * 1500
        deadline = time.monotonic() + 10
        while text and time.monotonic() < deadline:
            try:
                text = text[os.write(terminal._master, text) :]
            except BlockingIOError:
                terminal.record(0.01)
        assert not text
        start = time.monotonic()
        os.write(terminal._master, b"\x03")
        assert terminal.wait(10) == 0
        assert time.monotonic() - start < 3 * startup


@pytest.mark.parametrize(
    ("number", "delays"), [(signal.SIGTERM, (0, 0.3)), (signal.SIGINT, (0.1, 0.6))]
)
def test_a_signal_while_it_starts_leaves_no_traceback(number, delays, tiny_directory):
    """tests/faults.py does it many times."""
    with ExitStack() as stack:
        terminals = [stack.enter_context(started(tiny_directory)) for _ in delays]
        for delay, terminal in zip(delays, terminals, strict=True):
            deadline = time.monotonic() + 60
            while b"\x1b[?1049h" not in terminal.output and time.monotonic() < deadline:
                terminal.record(0.01)
            terminal.record(delay / 4)  # the programs start together, so some are ahead
            terminal.process.send_signal(number)
        for terminal in terminals:
            assert terminal.wait() == 128 + number
            assert b"Traceback" not in terminal.output, terminal.output[-2000:]
