"""Keys that a user presses during training, and how soon the screen shows their effect."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from program import phase, set_phase, settle, started, step
from terminal import KEYS, Terminal

FORM = (range(32), range(2, 16))  # columns and lines of the settings
FIELD = "batch size"
PATIENCE = 5  # seconds


@dataclass(frozen=True)
class Gesture:
    """Keys to press in turn, and what they change on the screen.

    look: reads the part of the screen that the keys change; ready: prepares the screen for the
    keys and returns False if it cannot.
    """

    what: str
    keys: tuple[str, ...]
    look: Callable[[Terminal], object]
    ready: Callable[[Terminal], bool]


def delays(rounds: int, presses: int = 8) -> dict[str, list[float]]:
    """Milliseconds from a key press to the output that shows its effect, by gesture."""
    found: dict[str, list[float]] = {}
    rng = random.Random(0)
    with started() as terminal:
        for _ in range(rounds):
            for gesture in GESTURES:
                if not gesture.ready(terminal):
                    continue
                for n in range(presses):
                    key = gesture.keys[n % len(gesture.keys)]
                    # Pauses of random length, so that presses fall anywhere between two frames.
                    delay = answer(terminal, key, gesture.look, 0.25 + 0.1 * rng.random())
                    found.setdefault(gesture.what, []).append(1000 * delay)
                terminal.press(KEYS["escape"])
                settle(terminal)
    return found


def answer(terminal: Terminal, key: str, look: Callable[[Terminal], object], pause: float) -> float:
    """Seconds from the key press to its effect; returns after `pause` seconds.

    If no effect is seen, it counts as PATIENCE.
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
    set_phase(terminal, "paused")
    settle(terminal)
    return True


def running(terminal: Terminal) -> bool:
    set_phase(terminal, "running")
    while "slow" in terminal.line(0):
        terminal.press(">")
        settle(terminal)
    return True


def slow(terminal: Terminal) -> bool:
    """Runs in slow motion; returns whether the status bar shows it."""
    set_phase(terminal, "running")
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
    """The settings with their colors and styles, which show the focus."""
    return terminal.cells(*FORM)


def field(terminal: Terminal) -> str:
    """The text of one setting, without the style of its cursor."""
    return terminal.line(line_of_field(terminal))[: len(FORM[0])]


GESTURES = (
    Gesture("space, at full speed", (" ",), phase, running),
    Gesture("s, while paused", ("s",), step, paused),
    Gesture("Tab in the settings, at full speed", ("\t", KEYS["shift+tab"]), form, in_the_form),
    Gesture("a letter in a field, at full speed", ("7", KEYS["backspace"]), field, in_a_field),
    Gesture("space, in slow motion", (" ",), phase, slow),
)
