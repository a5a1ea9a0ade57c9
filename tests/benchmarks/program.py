"""The program in a terminal, as the benchmarks of the screen steer it and read its status line."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from terminal import KEYS, Terminal

SIZE = (120, 40)
COMMAND = [sys.executable, "-m", "tui", "--preset", "default", "--epochs", "1000"]
COLORS = {"COLORTERM": "truecolor"}


@contextmanager
def started() -> Iterator[Terminal]:
    """Paused, with the images read and the first evaluation on the screen."""
    terminal = Terminal(COMMAND, SIZE, COLORS)
    try:
        terminal.until(r"paused .*accuracy \d")
        yield terminal
    finally:
        terminal.close()


def phase(terminal: Terminal) -> str:
    """What the status line says first, as "▶ running"."""
    return terminal.line(0).strip().partition("  ")[0]


def step(terminal: Terminal) -> int:
    """How many steps the status line counts."""
    found = re.search(r"step ([\d,]+)", terminal.line(0))
    return int(found[1].replace(",", "")) if found else 0


def turn(terminal: Terminal, wanted: str) -> None:
    """Lets the run run or pauses it, from wherever the keys go at the moment."""
    terminal.read()
    if wanted not in phase(terminal):
        terminal.press(KEYS["f5"])
        terminal.until(rf"\A\W+{wanted}")


def settle(terminal: Terminal) -> None:
    """Waits for what was pressed to have all its consequences on the screen."""
    for _, data in terminal.record(0.5):
        terminal.show(data)


def cpu_seconds(process: int) -> float:
    """Processor time that it has taken so far."""
    stat = Path(f"/proc/{process}/stat")
    if stat.exists():
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    time = subprocess.run(
        ["ps", "-o", "time=", "-p", str(process)], check=True, capture_output=True, text=True
    ).stdout
    seconds = 0.0
    for part in time.strip().split(":"):
        seconds = 60 * seconds + float(part)
    return seconds


def memory() -> float:
    """MB of this process that are in memory."""
    kilobytes = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(os.getpid())], check=True, capture_output=True, text=True
    ).stdout
    return int(kilobytes) * 1024 / 1e6
