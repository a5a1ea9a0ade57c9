"""The program in a terminal: helpers of the benchmarks to control it and read its status bar."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from terminal import KEYS, Terminal

SIZE, LARGE_SIZE = (120, 40), (200, 60)
COMMAND = [sys.executable, "-m", "tui", "--preset", "default", "--epochs", "1000"]
COLORS = {"COLORTERM": "truecolor"}


TMUX = ["tmux", "-L", f"fashion-tui-{os.getpid()}", "-f", os.devnull]  # a server of its own


@contextmanager
def started(command: Sequence[str] = COMMAND, size: tuple[int, int] = SIZE) -> Iterator[Terminal]:
    """Starts the program and waits until it is paused and shows the first evaluation."""
    terminal = Terminal(command, size, COLORS)
    try:
        terminal.until(r"paused (?s:.*) acc(?:uracy)? +\d")
        yield terminal
    finally:
        terminal.close()


@contextmanager
def started_in_tmux(size: tuple[int, int]) -> Iterator[Terminal]:
    """Like `started`, in a window of the terminal multiplexer tmux that fills the terminal."""
    try:
        session = ["new-session", shlex.join(COMMAND), ";", "set", "status", "off"]
        with started([*TMUX, *session], size) as terminal:
            yield terminal
    finally:
        subprocess.run([*TMUX, "kill-server"], capture_output=True)


def phase(terminal: Terminal) -> str:
    """The first part of the status bar, such as "▶ running"."""
    return terminal.line(0).strip().partition("  ")[0]


def step(terminal: Terminal) -> int:
    """The number of steps in the status bar."""
    found = re.search(r"step ([\d,]+)", terminal.line(0))
    return int(found[1].replace(",", "")) if found else 0


def set_phase(terminal: Terminal, wanted: str) -> None:
    """Runs or pauses the run, whichever widget has the focus."""
    terminal.read()
    if wanted not in phase(terminal):
        terminal.press(KEYS["f5"])
        terminal.until(rf"\A\W+{wanted}")


def settle(terminal: Terminal) -> None:
    """Waits until the screen shows all effects of the last keys."""
    for _, data in terminal.record(0.5):
        terminal.show(data)


def cpu_seconds(process: int) -> float:
    """CPU time that the process has used so far."""
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
    """Resident memory of this process in MB."""
    kilobytes = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(os.getpid())], check=True, capture_output=True, text=True
    ).stdout
    return int(kilobytes) * 1024 / 1e6
