"""Random input to the installed command for some minutes; not part of the suite.

    python tests/monkey.py --minutes 10 --seed 1 --size 80x24 -- --batch-norm on --hidden 4

What follows `--` are options of fashion-tui. It starts anew when the palette's "Quit" was chosen,
and ends with code 1 if the program crashed or showed an internal error.
"""

import argparse
import random
import re
import sys
import time

from terminal import KEYS, Terminal
from test_monkey import COMMAND, LEAVING, random_actions


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("options", nargs="*")
    arguments = parser.parse_args()
    size = tuple(map(int, arguments.size.split("x")))
    rng, end = random.Random(arguments.seed), time.monotonic() + 60 * arguments.minutes
    actions = starts = 0
    while time.monotonic() < end:
        starts += 1
        terminal = Terminal([COMMAND, *arguments.options], size)
        terminal.until(r"paused +epoch")
        for what, *how in random_actions(rng, (KEYS.keys() | {" "}) - LEAVING, 100_000):
            if what == "press":
                terminal.press(KEYS.get(*how, *how))
            else:
                getattr(terminal, what)(*how)
            terminal.record(rng.choice((0, 0, 0.02, 0.1)))
            actions += 1
            if time.monotonic() > end or terminal.process.poll() is not None:
                break
        code, output = terminal.process.poll(), terminal.output
        terminal.close()
        if code or b"Traceback" in output or b"Internal error" in output:
            where = max(output.find(b"Traceback"), output.find(b"Internal error"), 0)
            shown = output[where:][:8000].decode(errors="replace")
            print(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown))
            print(f"failed with code {code} after {actions} actions, seed {arguments.seed}")
            return 1
    print(f"survived {actions} actions in {starts} starts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
