"""The list of faults that once occurred, each with a function that tries to make it occur again."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import datasets
from terminal import KEYS, Terminal

COMMAND = str(Path(sys.executable).parent / "fashion-tui")


@dataclass
class Fault:
    name: str  # such as "A1", with a letter if there are several
    description: str
    tries: int
    provoke: Callable  # given the number of the try; raises AssertionError; may return a note


FAULTS: list[Fault] = []

os.environ["FASHION_TUI_RUNS"] = tempfile.mkdtemp()  # not among the user's runs


def fault(name, description, tries=3):
    """Adds the decorated function to the list."""

    def add(provoke):
        FAULTS.append(Fault(name, description, tries, provoke))
        return provoke

    return add


def data(names=None, zipped=False, folder="data", **options):
    """A new directory with a small dataset."""
    directory = Path(tempfile.mkdtemp()) / folder
    made = datasets.make_dataset(**options)
    return datasets.write_directory(directory, made, zipped, names)


def options(directory):
    """Options that fit a small dataset."""
    return ("--data", str(directory), "--validation", "30", "--batch-size", "32", "--hidden", "8")


@contextmanager
def started(*arguments, size=(120, 40), program=(COMMAND,), env=None, ready=r"paused +epoch"):
    """The screen in a terminal, without data of its own on a small dataset."""
    arguments = arguments if "--data" in arguments else (*options(data()), *arguments)
    terminal = Terminal([*program, *arguments], size, env)
    try:
        if ready:
            terminal.until(ready, 60)
        yield terminal
    finally:
        terminal.close()


def patched(statement):
    """The command as a program that first runs a statement, to let something fail."""
    code = f"import sys; from tui.__main__ import main; {statement}; sys.exit(main(sys.argv[1:]))"
    return (sys.executable, "-c", code)


def types(terminal, *keys, pause=0.1):
    """Presses keys, given by name or as what they send, and shows what the program answers."""
    for key in keys:
        terminal.press(KEYS.get(key, key))
        for _, data in terminal.record(pause):
            terminal.show(data)


def survives(terminal):
    """Checks that it still trains on a batch and quits with q, and leaves all as it was."""
    types(terminal, *["escape"] * 4, pause=0.3)
    assert terminal.process.poll() is None, ended(terminal)
    types(terminal, "r", "s", pause=0.5)
    terminal.until(r"step 1\b", 20)
    terminal.press("q")
    assert terminal.wait(20) == 0, ended(terminal)
    assert terminal.restored, "the terminal is not as before"
    clean(terminal)


def clean(terminal):
    for sign in (b"Traceback", b"Internal error"):
        assert sign not in terminal.output, sign.decode()


def ended(terminal):
    output = terminal.output[-1500:].decode(errors="replace")
    return f"exit code {terminal.process.poll()}: " + re.sub(
        r"\x1b\[[0-9;?<>=]*[a-zA-Z]", "", output
    )


def command(*arguments, seconds=120, env=None, program=(COMMAND,), **streams):
    """Runs the command to its end, in an empty directory; its output is text."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    try:
        return subprocess.run(
            [*program, *arguments],
            **({"stdin": subprocess.DEVNULL, "stdout": -1, "stderr": -1} | streams),
            env=environment | (env or {}),
            cwd=tempfile.mkdtemp(),
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise AssertionError(f"it did not end within {seconds} s") from error


def train(directory, *arguments, **others):
    """Runs `train` for two epochs on the dataset of a directory."""
    return command("train", *options(directory), "--epochs", "2", *arguments, **others)


def refused(done, *words):
    """Checks that it ended with one line of error and code 2."""
    assert done.returncode == 2, f"exit code {done.returncode}"
    assert done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def seconds_to_end(terminal, limit):
    """Waits for the end without reading from the terminal."""
    start = time.monotonic()
    while terminal.process.poll() is None:
        assert time.monotonic() - start < limit, f"still alive after {limit} s"
        time.sleep(0.01)
    return time.monotonic() - start


def until_restored(terminal):
    """Waits for another process to restore the terminal."""
    deadline = time.monotonic() + 10
    while not terminal.restored and time.monotonic() < deadline:
        terminal.record(0.05)
    return terminal.restored
