"""Random input to the installed command for some minutes; not part of the suite.

    python tests/monkey.py --minutes 10 --seed 1
    python tests/monkey.py --scenario hostile-names --size 80x24

Without `--scenario`, each one runs for so many minutes at both sizes, one after the other. It
prints a table, and ends with code 1 if the program crashed, hung, showed an internal error, or left
the terminal changed. It starts anew when the palette's "Quit" was chosen.
"""

import argparse
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from datasets import HOSTILE_NAMES, make_dataset, write_directory
from rich.console import Console
from rich.table import Table
from terminal import KEYS, Terminal
from test_monkey import COMMAND, LEAVING, random_actions

SIZES = ("80x24", "200x60")
OTHER_SIZES = [(120, 40), (49, 15), (5, 24), (4, 24), (3, 60), (2, 5), (1, 1)]
PATIENCE = 90  # seconds to react to a key, behind up to 200 others
ROUND = 500  # actions between two checks of that
GUARD = 5  # seconds for the guard of the terminal to restore it
STOP = 50  # actions between two looks whether the palette's "Suspend" was chosen


def scenarios(directory):
    """The options of each scenario by its name; makes the data that they need."""
    many = make_dataset(train=2000, test=640, classes=64, shape=(12, 12))
    few = make_dataset(train=600, test=300, classes=len(HOSTILE_NAMES), shape=(12, 12))
    write_directory(directory / "many", many)
    write_directory(directory / "[/] :cat:", few, names=HOSTILE_NAMES)
    return {
        "default": (),
        "batch-norm": ("--batch-norm", "yes", "--hidden", "4"),
        "64-classes": ("--data", str(directory / "many"), "--validation", "500"),
        "hostile-names": ("--data", str(directory / "[/] :cat:"), "--validation", "200"),
        "diverging": ("--optimizer", "sgd", "--learning-rate", "1e9", "--hidden", "100,100,100"),
    }


@dataclass
class Trial:
    """One scenario in a window of one size, and what became of it."""

    scenario: str
    options: tuple[str, ...]
    size: tuple[int, int]
    seed: int
    actions: int = 0
    starts: int = 0
    faults: list[str] = field(default_factory=list)

    def run(self, seconds):
        rng, end = random.Random(self.seed), time.monotonic() + seconds
        while time.monotonic() < end:
            self.starts += 1
            # A program that hangs shows where when it is aborted.
            terminal = Terminal([COMMAND, *self.options], self.size, {"PYTHONFAULTHANDLER": "1"})
            last = deque(maxlen=30)
            try:
                terminal.until(r"(paused|failed) +epoch")
                self._act(terminal, rng, end, last)
            except AssertionError as error:
                self.faults.append(str(error).partition("\n")[0])
                print(f"\n{self.scenario}, {self.size}, seed {self.seed}, action {self.actions}:")
                print(f"{error}\nafter {' '.join(map(str, last))}", flush=True)
            finally:
                terminal.close()

    def _act(self, terminal, rng, end, last):
        sizes = [self.size] * 7 + OTHER_SIZES
        keys = (KEYS.keys() | {" "}) - LEAVING
        while time.monotonic() < end and terminal.process.poll() is None:
            start = len(terminal.output)
            for what, *how in random_actions(rng, keys, ROUND, sizes):
                if what == "press":
                    terminal.press(KEYS.get(*how, *how))
                else:
                    getattr(terminal, what)(*how)
                last.append((what, *how))
                self.actions += 1
                if self.actions % STOP == 0:
                    terminal.continue_if_stopped()
                terminal.record(rng.choice((0, 0, 0.02, 0.1)))
                if time.monotonic() > end or terminal.process.poll() is not None:
                    break
            _check(terminal, start)
            if terminal.process.poll() is None:
                terminal.resize(*self.size)
                _until(terminal, "n", _shows_log)
                _until(terminal, "\x1b")
        if terminal.process.poll() is None:
            _until(terminal, "q")
        deadline = time.monotonic() + GUARD
        while not terminal.restored and time.monotonic() < deadline:
            terminal.record(0.1)  # or what another process restores would be missed
        assert terminal.process.poll() == 0, f"exit code {terminal.process.poll()}"
        assert terminal.restored, "the terminal is not as before"


def _until(terminal, key, reacts=None):
    """Leaves lists, fields and dialogs and presses the key, until the program reacts or ends."""
    deadline = time.monotonic() + PATIENCE
    while terminal.process.poll() is None:
        terminal.continue_if_stopped()
        start = len(terminal.output)
        for pressed in ("\x1b", "\x1b", "\x1b", "\x1b", key):
            terminal.press(pressed)
            terminal.record(0.3)  # or Escape and the next key would be taken as one
        if key == "\x1b" or (reacts and reacts(terminal.output[start:])):
            return
        if time.monotonic() > deadline and terminal.process.poll() is None:
            terminal.resize(199, 60)  # another size, so that it draws all
            for _, data in terminal.record(3):
                terminal.show(data)
            start = len(terminal.output)
            terminal.process.send_signal(signal.SIGABRT)
            terminal.record(2)
            where = _plain(terminal.output[start:])
            raise AssertionError(f"hangs: no answer to {key!r}\n{terminal.text}\n{where}")


def _check(terminal, start):
    """Looks for a traceback and for the toast of an internal error, which the log explains."""
    output = bytes(terminal.output[start:])
    if b"Internal error" in output and terminal.process.poll() is None:
        terminal.resize(200, 60)
        _until(terminal, "n", _shows_log)
        terminal.record(2)
        terminal.show(terminal.output[start:])
        toast = _plain(output[output.find(b"Internal error") :][:1500])
        raise AssertionError(f"internal error\n{toast}\n{terminal.text}")
    if b"Traceback" in output:
        raise AssertionError("crash\n" + _plain(output[output.find(b"Traceback") :]))


def _shows_log(output):
    return "─ Message log ─" in _plain(output)


def _plain(output):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", output.decode(errors="replace"))


def table(trials):
    result = Table("scenario", "size", "seed", "actions", "starts", "result")
    for trial in trials:
        size = "x".join(map(str, trial.size))
        faults = ", ".join(sorted(set(trial.faults)))
        outcome = f"{len(trial.faults)} failed: {faults}" if faults else "survived"
        result.add_row(
            *(trial.scenario, size, str(trial.seed)),
            *(f"{trial.actions:,}", str(trial.starts), outcome),
        )
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10, help="for each scenario and size")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenario")
    parser.add_argument("--size", choices=SIZES)
    arguments = parser.parse_args()
    trials = []
    with tempfile.TemporaryDirectory() as directory:
        os.environ["FASHION_TUI_RUNS"] = directory  # not among the user's runs
        known = scenarios(Path(directory))
        for scenario in [arguments.scenario] if arguments.scenario else known:
            for size in [arguments.size] if arguments.size else SIZES:
                columns, lines = map(int, size.split("x"))
                trial = Trial(scenario, known[scenario], (columns, lines), arguments.seed)
                trial.run(60 * arguments.minutes)
                trials.append(trial)
                print(f"{scenario} {size}: {trial.actions} actions, {trial.faults}", flush=True)
    Console(markup=False, emoji=False).print(table(trials))
    return any(trial.faults for trial in trials)


if __name__ == "__main__":
    sys.exit(main())
