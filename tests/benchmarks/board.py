"""How fast the drawing board answers while training runs at full speed.

    python tests/benchmarks/board.py --size 120x40 --strokes 80 --preset default

The program runs in a pseudo-terminal and notes the time from the arrival of a stroke, a mouse move
or an arrow key with the pen down, to the output that shows the prediction for it.
"""

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import monotonic
from typing import Any

import numpy as np
from program import COLORS, KEYS, Terminal, set_phase

LOG = "BOARD_TIMES"  # the environment variable with the file for the times, in ms


def note_times(path: str) -> None:
    """Patches the program so that it writes the time of each answer to a file."""
    from textual import events
    from textual.drivers.linux_driver import LinuxDriver

    from tui.app import FashionApp
    from tui.screens.board.canvas import DrawingCanvas
    from tui.screens.board.prediction import Prediction

    arrived, asked, drawn = 0.0, None, False
    change, on_event = DrawingCanvas._change, FashionApp.on_event
    draw, write = Prediction.draw, LinuxDriver.write

    async def note_event(self: Any, event: events.Event) -> None:
        nonlocal arrived
        if isinstance(event, events.Key | events.MouseMove):
            arrived = event.time
        await on_event(self, event)

    def note_change(self: Any) -> None:
        nonlocal asked, drawn
        asked, drawn = self._drawing.pixels.copy(), False
        change(self)

    def note_drawing(self: Any, width: int, height: int) -> Any:
        nonlocal drawn
        lines, found = draw(self, width, height), self.snapshot.classification
        drawn |= asked is not None and found is not None and np.array_equal(found.picture, asked)
        return lines

    def note_output(self: Any, data: str) -> None:
        nonlocal asked, drawn
        write(self, data)
        if drawn and asked is not None:
            with open(path, "a") as file:
                file.write(f"{1000 * (monotonic() - arrived)}\n")
            asked = None

    FashionApp.on_event, DrawingCanvas._change = note_event, note_change  # type: ignore[method-assign]
    Prediction.draw, LinuxDriver.write = note_drawing, note_output  # type: ignore[method-assign]


def measure(size: tuple[int, int], strokes: int, preset: str, by: str) -> list[float]:
    """Returns the times of the strokes, in ms."""
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "times"
        command = [sys.executable, __file__, "--inside", "--preset", preset]
        terminal = Terminal(command, size, {**COLORS, LOG: str(log)})
        try:
            terminal.until(r"paused (?s:.*) acc(?:uracy)? +\d")
            set_phase(terminal, "running")
            terminal.press("p")
            terminal.until("Drawing board")
            x, y = size[0] // 4, size[1] // 2
            terminal.press(" " if by == "keys" else f"\x1b[<0;{x};{y}M")
            terminal.record(1)
            for _ in range(strokes):
                if by == "keys":
                    terminal.press(KEYS[rng.choice(("up", "down", "left", "right"))])
                else:
                    x, y = x + rng.choice((-2, -1, 1, 2)), y + rng.choice((-1, 0, 1))
                    terminal.press(f"\x1b[<32;{x};{y}M")
                terminal.record(rng.uniform(0.13, 0.3))
        finally:
            terminal.close()
        return [float(line) for line in log.read_text().split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--strokes", type=int, default=80)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        from tui.__main__ import main as program

        note_times(os.environ[LOG])
        sys.exit(program(["--preset", options.preset, "--epochs", "1000", "--no-keep"]))
    columns, lines = map(int, options.size.split("x"))
    for by in ("mouse", "keys"):
        times = measure((columns, lines), options.strokes, options.preset, by)
        slow = quantiles(times, n=20)[-1]
        print(f"{by}: {len(times)} strokes, median {median(times):.0f} ms, p95 {slow:.0f} ms")


if __name__ == "__main__":
    main()
