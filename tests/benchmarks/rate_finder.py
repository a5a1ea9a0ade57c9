"""How good the suggestions of the learning-rate finder are: accuracy after three epochs.

python tests/benchmarks/rate_finder.py
"""

import tui  # noqa: F401 - before NumPy, because it sets one BLAS thread

# isort: split
from rich.console import Console
from rich.table import Table

from core import Config, Diverged, Trainer, find_rate, load, presets

EPOCHS = 3
ADAM = (1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 6e-3, 1e-2, 3e-2, 1e-1)
SGD = (1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 0.6, 1.0, 3.0)
NOTEBOOK = presets()["notebook"].config.replace(initialization="he")
CONFIGS: dict[str, tuple[Config, tuple[float, ...]]] = {
    "default": (presets()["default"].config, ADAM),
    "small": (presets()["small"].config, ADAM),
    "notebook, He initialization": (NOTEBOOK, SGD),
}


def accuracy(config, data):
    """Of the validation set after the last epoch; 0 if the run diverges."""
    trainer = Trainer(config.replace(epochs=EPOCHS), data)
    try:
        while not trainer.finished:
            step = trainer.step()
    except Diverged:
        return 0.0
    return step.evaluation.accuracy


def main():
    data = load()
    table = Table("settings", "suggested", "accuracy", "best of nine", "accuracy")
    for name, (config, rates) in CONFIGS.items():
        found = find_rate(Trainer(config, data)).suggested
        suggested = accuracy(config.replace(learning_rate=found), data)
        results = {rate: accuracy(config.replace(learning_rate=rate), data) for rate in rates}
        best = max(results, key=results.get)
        row = (f"{found:g}", f"{suggested:.2%}", f"{best:g}", f"{results[best]:.2%}")
        table.add_row(name, *row)
    Console().print(table)


if __name__ == "__main__":
    main()
