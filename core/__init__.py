"""A neural network in plain NumPy, its training loop and its data. No user interface.

Train for a few steps, go back, and continue on another branch:

>>> from core import Coach, Timeline, Trainer, equations, find_rate, load, loss_along_step
>>> from core import ask, nearest_images, presets, pruning, repeat, adversarial_example, trace_step
>>> data = load()  # Fashion-MNIST, which comes with the program
>>> run = Timeline(Trainer(presets()["default"].config, data))
>>> losses = [run.step().loss for _ in range(100)]
>>> run.go_to(50)  # the network, optimizer and random generators are those of step 50
True
>>> run.step().loss == losses[50]  # the same step again, bit for bit
True
>>> changes = run.change(learning_rate=0.01)  # starts a branch; the old future is kept
>>> event = run.step()
>>> [(branch.number, branch.fork, branch.end) for branch in run.branches]
[(0, 0, 100), (1, 51, 52)]
>>> run.switch_branch(0)  # goes to the end of the first branch
True
>>> run.current_step
100

Evaluate the network on the test images:

>>> test = run.trainer.evaluate(data.test)
>>> test.accuracy > 0.6
True

Find a learning rate. A copy of the run trains for it:

>>> found = find_rate(run.trainer)
>>> 0.0001 < found.suggested < 0.1
True
>>> run.current_step
100

Train the same settings with several seeds, to see how much the accuracy varies:

>>> runs = repeat(presets()["sprint"].config.replace(epochs=1), 2, data)
>>> runs.spread.lowest <= runs.spread.mean <= runs.spread.highest
True

Let the coach look at a run: what goes wrong, in numbers, and which setting to change:

>>> slow = Trainer(presets()["small"].config.replace(learning_rate=1e-5), data)
>>> coach = Coach(slow)
>>> for _ in range(150):
...     coach.add(slow.step())
>>> for finding in coach.evaluate():
...     print(finding.title, "|", finding.proposal.setting, finding.proposal.value)
the learning rate is too low | learning_rate 0.003

Look at the next step, stage by stage. This does not change the run:

>>> trace = trace_step(run.trainer)
>>> for stage in trace.stages:
...     texts = [equation.text for equation in equations(trace, stage)]
>>> trace.step, run.current_step
(101, 100)

Ask whether this step is too short or too long. A copy of the network answers:

>>> along = loss_along_step(run.trainer)
>>> float(along.multiples.min()), float(along.multiples.max())
(0.01, 100.0)
>>> along.summary.startswith("This step ")
True

Ask what the network would do with less, for example without its smallest weights. A copy
answers on the validation images; the other questions are `unit_worth`, `switched_off`,
`weight_noise`, `robustness` and `image_map`:

>>> smaller = ask(run.trainer, pruning)
>>> bool(smaller.accuracy[0] > smaller.accuracy[-1])
True
>>> smaller.summary.startswith("Without") or "can be removed" in smaller.summary
True

`calibration` and `selective` of an evaluation's probabilities and labels show how far its
confidence can be trusted.

Ask how little must change in a picture for another prediction, and which images are nearest to it:

>>> found = adversarial_example(run.trainer.network, data.test_images[0])
>>> found.size is None or 1 <= found.size <= 64  # gray levels of 255
True
>>> near = nearest_images(run.trainer.network, run.trainer.training_set, data.test_images[0])
>>> [data.class_names[label] for label in data.train_labels[near.pixels.indices[:3]]]
['Ankle boot', 'Ankle boot', 'Ankle boot']

`Run.open(path)` reads a kept run: its metrics, and its network at any step. `save_trainer` writes a
trainer to a file, and `load_trainer` continues it.

`load(path)` reads other data, and `Reading` says what the files do not; `notes` of the dataset are
sentences about what was decided. `dataset.without([45592])` leaves out training images.

`Config` holds all hyperparameters. A wrong value raises `ConfigError`, unusable data `DataError`,
an unusable file of a run `RunError`, and a step whose loss is not finite `Diverged`; all are a
`CoreError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from core.version import __version__ as __version__

if TYPE_CHECKING:
    from core.coach.coach import Coach
    from core.config.config import Config
    from core.config.presets import presets
    from core.data.dataset import Dataset, load
    from core.data.reading import Reading
    from core.errors import ConfigError, CoreError, DataError, Diverged, RunError
    from core.experiments.along_step import loss_along_step
    from core.experiments.rate_finder import find_rate
    from core.experiments.repeat import repeat
    from core.experiments.what_if import ask
    from core.export.trainer_file import load_trainer, save_trainer
    from core.inspection.adversarial_example import adversarial_example
    from core.inspection.best_picture import best_picture
    from core.inspection.classification import classify
    from core.inspection.equations import equations
    from core.inspection.nearest_images import nearest_images
    from core.inspection.reasons import reasons
    from core.runs.run import Run
    from core.training.timeline import Timeline
    from core.training.tracing import trace_step
    from core.training.trainer import Trainer
    from core.what_if.confidence import calibration, selective
    from core.what_if.image_map import image_map
    from core.what_if.robustness import robustness
    from core.what_if.switched_off import switched_off
    from core.what_if.unit_worth import unit_worth
    from core.what_if.weight_damage import pruning, weight_noise

__all__ = [
    "Coach",
    "Config",
    "ConfigError",
    "CoreError",
    "DataError",
    "Dataset",
    "Diverged",
    "Reading",
    "Run",
    "RunError",
    "Timeline",
    "Trainer",
    "adversarial_example",
    "ask",
    "best_picture",
    "calibration",
    "classify",
    "equations",
    "find_rate",
    "image_map",
    "load",
    "load_trainer",
    "loss_along_step",
    "nearest_images",
    "presets",
    "pruning",
    "reasons",
    "repeat",
    "robustness",
    "save_trainer",
    "selective",
    "switched_off",
    "trace_step",
    "unit_worth",
    "weight_noise",
]

_MODULES = {
    "Coach": "core.coach.coach",
    "Config": "core.config.config",
    "ConfigError": "core.errors",
    "CoreError": "core.errors",
    "DataError": "core.errors",
    "Dataset": "core.data.dataset",
    "Diverged": "core.errors",
    "Reading": "core.data.reading",
    "Run": "core.runs.run",
    "RunError": "core.errors",
    "Timeline": "core.training.timeline",
    "Trainer": "core.training.trainer",
    "ask": "core.experiments.what_if",
    "calibration": "core.what_if.confidence",
    "classify": "core.inspection.classification",
    "equations": "core.inspection.equations",
    "find_rate": "core.experiments.rate_finder",
    "best_picture": "core.inspection.best_picture",
    "image_map": "core.what_if.image_map",
    "load": "core.data.dataset",
    "load_trainer": "core.export.trainer_file",
    "loss_along_step": "core.experiments.along_step",
    "nearest_images": "core.inspection.nearest_images",
    "presets": "core.config.presets",
    "pruning": "core.what_if.weight_damage",
    "reasons": "core.inspection.reasons",
    "repeat": "core.experiments.repeat",
    "robustness": "core.what_if.robustness",
    "save_trainer": "core.export.trainer_file",
    "selective": "core.what_if.confidence",
    "adversarial_example": "core.inspection.adversarial_example",
    "switched_off": "core.what_if.switched_off",
    "trace_step": "core.training.tracing",
    "unit_worth": "core.what_if.unit_worth",
    "weight_noise": "core.what_if.weight_damage",
}


def __getattr__(name: str) -> object:
    """Imports a public name when it is first used, so that `import core` is cheap (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
