"""Faults of keys, clicks and text on the screen, in real terminals."""

import random
import re
import signal
import time

from datasets import HOSTILE_NAMES
from fault_list import (
    clean,
    data,
    ended,
    fault,
    options,
    patched,
    started,
    survives,
    types,
)

ENTERED = b"\x1b[?1049h"  # the screen appears


@fault("A1a", "markup typed into go to, the search of settings and the palettes")
def typed_markup(number):
    text = ("[/]", "[/x]", "[@click=app.quit]x[/]")[number % 3]
    with started() as terminal:
        types(terminal, "g", text, "enter", pause=0.3)
        terminal.until(re.escape(text))
        types(terminal, "escape", "ctrl+p", text, "enter", "escape", "escape", pause=0.3)
        types(terminal, "/", text, "enter", "escape", pause=0.3)
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
        "from tui.screens.training.screen import TrainingScreen as T; "
        "T.action_score = lambda *a: 1 / 0",
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
