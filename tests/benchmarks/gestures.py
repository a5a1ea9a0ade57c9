"""Keys that a person presses while training runs, and how soon the screen shows their effect."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from program import phase, settle, started, step, turn
from terminal import KEYS, Terminal

FORM = (range(32), range(2, 16))  # columns and lines of the settings
FIELD = "batch size"
PATIENCE = 5  # seconds


@dataclass(frozen=True)
class Gesture:
    """Keys that are pressed in turn, and a look at what each of them changes.

    ready: brings the screen to where the keys mean that; False if it cannot.
    """

    what: str
    keys: tuple[str, ...]
    look: Callable[[Terminal], object]
    ready: Callable[[Terminal], bool]


def delays(rounds: int, presses: int = 8) -> dict[str, list[float]]:
    """Milliseconds from the press of a key to the arrival of what it changed, by gesture."""
    found: dict[str, list[float]] = {}
    rng = random.Random(0)
    with started() as terminal:
        for _ in range(rounds):
            for gesture in GESTURES:
                if not gesture.ready(terminal):
                    continue
                for n in range(presses):
                    key = gesture.keys[n % len(gesture.keys)]
                    # Of uneven length, so that presses fall anywhere between two frames.
                    delay = answer(terminal, key, gesture.look, 0.25 + 0.1 * rng.random())
                    found.setdefault(gesture.what, []).append(1000 * delay)
                terminal.press(KEYS["escape"])
                settle(terminal)
    return found


def answer(terminal: Terminal, key: str, look: Callable[[Terminal], object], pause: float) -> float:
    """Seconds from the press to what it changes; then `pause` seconds are over, too.

    An answer that never comes counts as PATIENCE.
    """
    terminal.read()
    before, delay = look(terminal), None
    start = perf_counter()
    terminal.press(key)
    while delay is None and perf_counter() - start < PATIENCE:
        for time, data in terminal.record(pause):
            terminal.show(data)
            if delay is None and look(terminal) != before:
                delay = time - start
    return PATIENCE if delay is None else delay


def paused(terminal: Terminal) -> bool:
    turn(terminal, "paused")
    settle(terminal)
    return True


def running(terminal: Terminal) -> bool:
    turn(terminal, "running")
    while "slow" in terminal.line(0):
        terminal.press(">")
        settle(terminal)
    return True


def slow(terminal: Terminal) -> bool:
    """In slow motion, if the program has one and says so."""
    turn(terminal, "running")
    terminal.press("<")
    settle(terminal)
    return "slow" in terminal.line(0)


def in_the_form(terminal: Terminal) -> bool:
    running(terminal)
    terminal.press("4")
    settle(terminal)
    return True


def in_a_field(terminal: Terminal) -> bool:
    running(terminal)
    y = line_of_field(terminal)
    terminal.click(terminal.line(y).index(FIELD) + 19, y)
    settle(terminal)
    return True


def line_of_field(terminal: Terminal) -> int:
    return next(y for y in FORM[1] if FIELD in terminal.line(y)[: len(FORM[0])])


def form(terminal: Terminal) -> object:
    """The settings, with the colours and styles that show where the keys go."""
    return terminal.cells(*FORM)


def field(terminal: Terminal) -> str:
    """The text of one setting: its cursor, which blinks, is no change."""
    return terminal.line(line_of_field(terminal))[: len(FORM[0])]


GESTURES = (
    Gesture("space, to pause or run flat out", (" ",), phase, running),
    Gesture("s, a batch while paused", ("s",), step, paused),
    Gesture("tab among the settings, flat out", ("\t", KEYS["shift+tab"]), form, in_the_form),
    Gesture("typing in a field, flat out", ("7", KEYS["backspace"]), field, in_a_field),
    Gesture("space, to pause or run in slow motion", (" ",), phase, slow),
)
