"""However the program ends, it exits quickly and restores the terminal."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from terminal import Terminal

COMMAND = str(Path(sys.executable).parent / "fashion-tui")


@pytest.fixture
def running(tiny_directory):
    """The program in a terminal, training at full speed."""
    options = ["--data", str(tiny_directory), "--validation", "30", "--epochs", "1000000"]
    terminal = Terminal([COMMAND, *options, "--batch-size", "32"], (80, 24))
    terminal.until(r"paused +epoch 0/1,?000,?000")
    terminal.press(" ")
    terminal.until(r"running .* step [1-9]")
    yield terminal
    terminal.close()


def test_sigterm_ends_it_and_restores_the_terminal(running):
    running.process.send_signal(signal.SIGTERM)
    assert running.wait() == 143
    assert running.restored
    assert b"Traceback" not in running.output


def until(terminal, condition):
    """Waits for what another process does with the terminal."""
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        terminal.record(0.05)
    return condition()


def until_restored(terminal):
    return until(terminal, lambda: terminal.restored)


def test_sighup_ends_it_and_restores_a_terminal_that_still_lives(running):
    running.process.send_signal(signal.SIGHUP)
    assert running.wait() == 129
    assert until_restored(running)
    running.record(0.1)
    assert b"unexpectedly" not in running.output


def test_sigterm_before_the_screen_stands_is_no_surprise(tiny_directory):
    terminal = Terminal([COMMAND, "--data", str(tiny_directory), "--no-keep"])
    try:
        assert until(terminal, lambda: b"\n" in terminal.output or _guards(terminal))
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 143
        assert b"unexpectedly" not in terminal.output
        assert b"Traceback" not in terminal.output
    finally:
        terminal.close()


def _guards(terminal):
    """Whether the program has started what restores the terminal after its end."""
    children = Path(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children")
    return bool(children.read_text().split()) if children.exists() else True


def test_the_terminal_is_restored_although_it_is_killed(running):
    assert not running.restored
    running.process.kill()
    assert running.wait() == -signal.SIGKILL
    assert until_restored(running)
    said = b"fashion-tui: the program ended unexpectedly, perhaps for lack of memory; the terminal"
    assert said in running.output


def test_after_a_kill_the_terminal_shows_how_to_continue_the_kept_run(tiny_directory, tmp_path):
    options = ("--data", str(tiny_directory), "--validation", "20", "--batch-size", "10")
    terminal = Terminal([COMMAND, *options, "--runs", str(tmp_path)])
    try:
        terminal.until(r"paused +epoch 0/")
        terminal.press("s")
        terminal.until(r"paused +\w+-\w+ +epoch")  # it is kept under this name
        terminal.process.kill()
        terminal.wait()
        assert until_restored(terminal)
        (path,) = tmp_path.glob("*.run")
        wanted = f"{path.stem} is kept. To continue: fashion-tui --resume {path}".encode()
        assert until(terminal, lambda: wanted in terminal.output)
    finally:
        terminal.close()


def test_a_crash_has_exit_code_1_and_restores_the_terminal(tiny_directory):
    program = """
import sys
from tui.__main__ import main
from tui.app import FashionApp
FashionApp.on_mount = lambda app: 1 / 0
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", program, "--data", str(tiny_directory)]
    terminal = Terminal(command, (80, 24))
    try:
        assert terminal.wait() == 1
        assert terminal.restored
        assert b"ZeroDivisionError" in terminal.output
        assert b"abruptly" not in terminal.output
    finally:
        terminal.close()


def test_without_memory_to_stop_reading_keys_it_ends_and_the_terminal_is_restored(tiny_directory):
    program = """
import sys
from textual.drivers.linux_driver import LinuxDriver
from tui.__main__ import main
from tui.app import FashionApp
def without_memory(_):
    raise MemoryError
FashionApp.on_mount = LinuxDriver.disable_input = without_memory
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", program, "--data", str(tiny_directory)]
    terminal = Terminal(command, (80, 24))
    try:
        assert terminal.wait() == 1
        assert until_restored(terminal)
        assert b"for lack of memory" in terminal.output
    finally:
        terminal.close()


def test_ctrl_c_ends_it(running):
    running.press("\x03")
    assert running.wait() == 0
    assert running.restored
    assert b"abruptly" not in running.output


def test_closing_the_terminal_ends_it(running):
    os.close(running.slave)
    os.close(running._master)
    try:
        deadline = time.monotonic() + 120
        while running.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert running.process.poll() is not None
    finally:
        # So that close() has something to close.
        running._master, running.slave = os.pipe()
