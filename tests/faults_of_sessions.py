"""Faults of a whole session in a real terminal: errors, signals, a stalled terminal."""

import os
import signal
import time
from pathlib import Path

from fault_list import (
    COMMAND,
    data,
    ended,
    fault,
    options,
    patched,
    seconds_to_end,
    started,
    survives,
    types,
    until_restored,
)


@fault("B1b", "an error while loading ends it with a message", 2)
def error_while_loading(number):
    error = ("MemoryError()", "ValueError('odd')")[number % 2]
    broken = (
        f"from core.data import dataset as d; d.load = lambda *a: (_ for _ in ()).throw({error})"
    )
    with started(program=patched(broken), ready=None) as terminal:
        assert terminal.wait(30) == 2, ended(terminal)
        assert b"(--data)" in terminal.output
        assert terminal.restored


@fault("B1c", "an error at each evaluation is reported once", 2)
def error_in_each_evaluation(number):
    broken = "from core.training.trainer import Trainer as T; T.evaluate = lambda *a, **o: 1 / 0"
    with started(program=patched(broken), ready="failed") as terminal:
        terminal.record(2)
        used = cpu_seconds(terminal.process.pid)
        terminal.record(3)
        used = cpu_seconds(terminal.process.pid) - used
        assert used < 0.5, f"{used:.1f} s of CPU in 3 s at rest"
        types(terminal, "n", pause=0.5)
        terminal.until("Message log")
        reports = terminal.text.count("ZeroDivisionError: ")
        assert reports <= 4, f"{reports} reports"
        types(terminal, "escape", "q", pause=0.5)
        assert terminal.wait(20) == 0


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


@fault("B2a", "q, ctrl+c, SIGTERM, SIGINT while the terminal is not read", 8)
def stalled_terminal(number):
    way = ("q", "\x03", signal.SIGTERM, signal.SIGINT)[number % 4]
    with started("--epochs", "1000000") as terminal:
        types(terminal, " ")
        terminal.until("running")
        time.sleep(3)
        if isinstance(way, str):
            terminal.press(way)
        else:
            terminal.process.send_signal(way)
        took = seconds_to_end(terminal, 3)
        assert took < 2.2, f"it took {took:.1f} s"
        expected = 0 if isinstance(way, str) else 128 + way
        assert terminal.process.returncode == expected, ended(terminal)
        return f"ended after {took:.1f} s"


@fault("B2b", "memory while the terminal is not read", 1)
def memory_of_a_stalled_terminal(number):
    with started("--epochs", "1000000", "--timeline-memory", "1") as terminal:
        types(terminal, " ")
        terminal.until("running")
        time.sleep(20)
        before = resident(terminal.process.pid)
        time.sleep(180)  # buffers double once or twice meanwhile; then nothing may grow
        rate = (resident(terminal.process.pid) - before) / 180
        assert rate < 0.3, f"{rate:.2f} MB/s"
        return f"{rate:.2f} MB/s"


@fault("B4", "ctrl+c behind 33 kB that are typed")
def typed_file(number):
    with started() as terminal:
        types(terminal, "4", "tab", pause=0.3)
        text = b"0.001 3e-4 lorem ipsum " * 1450
        deadline = time.monotonic() + 20
        while text and time.monotonic() < deadline:
            try:
                text = text[os.write(terminal._master, text) :]
            except BlockingIOError:
                terminal.record(0.01)
        assert not text, "it does not read what is typed"
        start = time.monotonic()
        terminal.send(b"\x03")
        assert terminal.wait(10) == 0
        return f"ended after {time.monotonic() - start:.1f} s"


@fault("C1b", "statistics or losses that overflow end the run as diverged on the screen", 2)
def diverged_on_screen(number):
    settings = (
        ("--batch-norm", "yes", "--learning-rate", "1e12"),
        (*("--hidden", "200,200,200,200", "--learning-rate", "1e12"), "--batch-size", "170"),
    )[number % 2]
    with started("--optimizer", "sgd", *settings, "--epochs", "1") as terminal:
        types(terminal, " ")
        terminal.until("diverged")
        types(terminal, "q")
        assert terminal.wait(20) == 0


@fault("C2b", "a rate far too large: a warning on the screen", 2)
def warning_on_screen(number):
    options = ("--optimizer", "sgd", "--learning-rate", "1000", "--epochs", "20")
    with started(*options, size=((120, 40), (80, 24))[number % 2]) as terminal:
        types(terminal, " ")
        terminal.until("finished")
        terminal.until(r"all units of|same class|better than chance|far above")
        types(terminal, "q")
        assert terminal.wait(20) == 0


@fault("C6", "space on a long way back only stops it", 2)
def space_on_the_way(number):
    with started("--timeline-memory", "1", "--epochs", "100000", "--hidden", "600") as terminal:
        types(terminal, " ")
        terminal.record(12)
        types(terminal, " ")
        terminal.until("paused")
        end = int(terminal.until(r"step ([\d,]+)")[1].replace(",", ""))
        types(terminal, "g", "step 3", "enter", pause=0.2)
        # Far from any checkpoint, so that it is not there yet when space comes.
        types(terminal, "g", f"step {int(0.7 * end)}", "enter", pause=0)
        types(terminal, " ", pause=1)
        terminal.until("paused")
        first = terminal.until(r"step ([\d,]+)")[1]
        terminal.record(1)
        assert terminal.until(r"step ([\d,]+)")[1] == first, "it trains"


@fault("E2a", "LANG=C or LC_CTYPE=POSIX draws ASCII only", 3)
def ascii_screen(number):
    wanted = ({"LANG": "C"}, {"LC_CTYPE": "POSIX"}, {"LC_ALL": "POSIX"})[number % 3]
    env = {"LANG": "", "LC_ALL": "", "LC_CTYPE": ""} | wanted
    with started(env=env) as terminal:
        terminal.record(1)
        found = {c for c in terminal.output.decode(errors="replace") if ord(c) > 126}
        assert not found, f"{wanted}: {''.join(sorted(found))[:20]}"
        survives(terminal)


@fault("E4b", "SIGHUP puts the terminal back if it still lives", 2)
def hangup(number):
    with started() as terminal:
        terminal.process.send_signal(signal.SIGHUP)
        assert terminal.wait(20) == 129
        assert until_restored(terminal), "the terminal is not as before"


@fault("D4a", "too little memory (ulimit -v): the terminal is restored", 8)
def memory_limit(number):
    limit = 300_000 + 100_000 * number  # kB
    program = ("sh", "-c", f'ulimit -v {limit}; exec "$0" "$@"', COMMAND)
    arguments = ("--hidden", "2000,2000", "--timeline-memory", "1")
    with started(*options(data())[:-2], *arguments, program=program, ready=None) as terminal:
        try:
            terminal.until(r"(paused|failed) +epoch", 30)
            types(terminal, " ", *"56xs", pause=1)
            types(terminal, "q", pause=0.5)
        except AssertionError:
            pass  # it ended at the start
        code = terminal.wait(20)
        deadline = time.monotonic() + 5
        while not terminal.restored and time.monotonic() < deadline:
            terminal.record(0.1)
        assert terminal.restored, (
            f"limit {limit} kB, exit code {code}: the terminal is not as before"
        )
        return f"limit {limit} kB: exit code {code}"
