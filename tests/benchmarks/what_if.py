"""How long each question about a network takes, and its longest slice.

    python tests/benchmarks/what_if.py [HIDDEN ...]      such as 128,64 512,256

The network is trained for 300 steps. A command that comes during a slice waits for its end.
"""

import sys
from functools import partial
from time import perf_counter

from core import (
    Trainer,
    image_map,
    load,
    presets,
    pruning,
    robustness,
    switched_off,
    unit_worth,
    weight_noise,
)
from core.what_if.subject import Subject, advance

QUESTIONS = {
    "a unit switched off": partial(switched_off, units=frozenset({(0, 0)})),
    "worth of all units": unit_worth,
    "fewer weights": pruning,
    "noisy weights": weight_noise,
    "corrupted images": robustness,
    "map of the pixels": partial(image_map, layer=0),
    "map of layer 1": partial(image_map, layer=1),
}


def main() -> None:
    data = load()
    for hidden in sys.argv[1:] or ["128,64"]:
        sizes = tuple(map(int, hidden.split(",")))
        trainer = Trainer(presets()["default"].config.replace(hidden=sizes), data)
        for _ in range(300):
            trainer.step()
        start = perf_counter()
        trainer.evaluate(trainer.evaluation_set)
        print(f"{hidden}: one evaluation takes {perf_counter() - start:.2f} s")
        for name, question in QUESTIONS.items():
            subject = Subject(trainer.network.copy(), trainer.evaluation_set, trainer.steps)
            work, longest, start, goes_on = question(subject), 0.0, perf_counter(), True
            while goes_on:
                begin = perf_counter()
                _, goes_on = advance(work, 0.0)
                longest = max(longest, perf_counter() - begin)
            total = perf_counter() - start
            print(f"  {name:22} {total:6.2f} s, longest slice {1000 * longest:4.0f} ms")


if __name__ == "__main__":
    main()
