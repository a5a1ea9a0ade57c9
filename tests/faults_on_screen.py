"""Faults of the screen, in real terminals."""

import os
import random
import re
import signal
import time
from pathlib import Path

from datasets import HOSTILE_NAMES
from fault_list import (
    COMMAND,
    clean,
    data,
    ended,
    fault,
    options,
    patched,
    seconds_to_end,
    started,
    survives,
    types,
)

ENTERED = b"\x1b[?1049h"  # the screen appears


@fault("A1a", "markup typed into go to, a field and the palettes")
def typed_markup(number):
    text = ("[/]", "[/x]", "[@click=app.quit]x[/]")[number % 3]
    with started() as terminal:
        types(terminal, "g", text, "enter", pause=0.3)
        terminal.until(re.escape(text))
        types(terminal, "escape", "ctrl+p", text, "enter", "escape", "escape", pause=0.3)
        types(terminal, "4", "tab", "\x7f" * 9 + text, "enter", pause=0.3)
        survives(terminal)


@fault("A1b", "hostile class names and path, in every pane, with clicks")
def hostile_names(number):
    directory = data(HOSTILE_NAMES, folder="[/] :cat:", classes=len(HOSTILE_NAMES))
    with started(*options(directory), size=(200, 60)) as terminal:
        types(terminal, *"s2", "right", "enter", "down", "3", "enter", "escape", *"56vvt")
        for line in range(2, 55, 3):
            terminal.click(20 + 7 * line % 150, line)
            terminal.record(0.05)
        survives(terminal)
        assert b"\x1b]0;title" not in terminal.output


@fault("A2", "bytes that are not UTF-8")
def odd_bytes(number):
    with started() as terminal:
        for _ in range(10):
            terminal.send(
                random.Random(number).choice((b"\xff", b"\xe9", b"\xc3", b"\xf0\x9f\x98"))
            )
            terminal.record(0.05)
        survives(terminal)


@fault("A3a", "PgDn within 200 ms after ctrl+p", 6)
def quick_page_down(number):
    with started() as terminal:
        for pause in (0, 0.02, 0.05, 0.1, 0.15, 0.2):
            types(terminal, "ctrl+p", pause=pause)
            types(terminal, "pagedown", "pageup", "end", "home", pause=0)
            types(terminal, "escape", "escape", pause=0.3)
        survives(terminal)


@fault("A3b", "the palette closed while it searches", 6)
def closed_search(number):
    rng = random.Random(number)
    with started() as terminal:
        for _ in range(12):
            types(terminal, "ctrl+p", *rng.choice(("re", "x", "th", "#")), pause=rng.random() * 0.1)
            types(terminal, rng.choice(("escape", "enter", "escape")), pause=rng.random() * 0.3)
            types(terminal, "escape", "escape", pause=0.1)
        survives(terminal)


@fault("A3c", "clicks in one burst beside the theme list", 6)
def clicks_beside_the_themes(number):
    with started() as terminal:
        types(terminal, "ctrl+p", *"Theme", "enter", pause=0.3)
        click = "\x1b[<0;3;36M\x1b[<0;3;36m"
        terminal.press(click * 3)
        terminal.record(0.5)
        survives(terminal)


@fault("A3d", "y, g, ? and ctrl+p in a window of 1 to 5 columns", 5)
def few_columns(number):
    with started() as terminal:
        terminal.resize(number % 5 + 1, 24)
        for key in ("y", "ctrl+p", "g", "?", "n"):
            types(terminal, key, "down", "pagedown", "escape", "escape", pause=0.2)
        terminal.resize(120, 40)
        survives(terminal)


@fault("A3e", "a toast clicked several times at once", 6)
def clicked_toast(number):
    with started(size=(80, 24)) as terminal:
        types(terminal, "\x1a", "\x1a", pause=0.3)  # "Nothing to undo."
        for line in range(12, 22):
            terminal.press(f"\x1b[<0;60;{line}M\x1b[<0;60;{line}m" * 2)
        terminal.record(0.5)
        survives(terminal)


@fault("A3f", "an exception in a handler or a pane", 2)
def broken_handler(number):
    broken = (
        "from tui.screens.training import TrainingScreen as T; T.action_score = lambda *a: 1 / 0",
        "from tui.panes.confusion import Confusion as T; T.draw = lambda *a: 1 / 0",
    )[number % 2]
    with started(program=patched(broken)) as terminal:
        types(terminal, "2", "t", pause=0.5)
        terminal.until("Internal error")
        types(terminal, "n", pause=0.5)
        terminal.until(r"ZeroDivisionError")
        types(terminal, "escape", "s", pause=0.5)
        terminal.until(r"step 1\b")
        types(terminal, "q")
        assert terminal.wait(20) == 0


@fault("A3g", "a crash that cannot be contained", 2)
def crash(number):
    broken = "from tui.app import FashionApp as T; T.on_mount = lambda *a: 1 / 0"
    with started(program=patched(broken), ready=None) as terminal:
        code = terminal.wait(30)
        assert code == 1, f"exit code {code}"
        assert terminal.restored, "the terminal is not as before"
        assert b"ZeroDivisionError" in terminal.output


def until_restored(terminal):
    """Waits for another process to restore the terminal."""
    deadline = time.monotonic() + 10
    while not terminal.restored and time.monotonic() < deadline:
        terminal.record(0.05)
    return terminal.restored


@fault("A4", "SIGTERM or SIGINT while panes mount", 160)
def signal_at_start(number):
    way = (signal.SIGTERM, signal.SIGINT)[number % 2]
    with started(ready=None) as terminal:
        deadline = time.monotonic() + 60
        while ENTERED not in terminal.output and time.monotonic() < deadline:
            terminal.record(0.005)
        terminal.record(random.Random(number).random() * 0.5)
        terminal.process.send_signal(way)
        assert terminal.wait(20) == 128 + way, ended(terminal)
        clean(terminal)
        assert terminal.restored, "the terminal is not as before"


@fault("B1b", "an error while loading ends it with a message", 2)
def error_while_loading(number):
    error = ("MemoryError()", "ValueError('odd')")[number % 2]
    broken = (
        f"import tui.run.session as s; s.dataset.load = lambda path: (_ for _ in ()).throw({error})"
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
        time.sleep(10)
        before = resident(terminal.process.pid)
        time.sleep(20)
        rate = (resident(terminal.process.pid) - before) / 20
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
        types(terminal, "g", "step 3", "enter", pause=0.2)
        types(terminal, "g", "step 900", "enter", pause=0)
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
