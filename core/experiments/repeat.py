"""The same settings with several seeds: how much a result varies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral

from core.config.config import SETTINGS, Config
from core.data.dataset import Dataset, load
from core.errors import ConfigError
from core.events import Step
from core.experiments.spread import Spread
from core.experiments.trained_run import Keep, TrainedRun, check_validates, train_run
from core.types import ignore

MOST = 1000
"""The most seeds of one experiment."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """The result of `repeat`: a run for each seed, in their order."""

    runs: tuple[TrainedRun, ...]

    @property
    def spread(self) -> Spread | None:
        """The best validation accuracies of the runs that are complete; None if none is."""
        found = [run.accuracy for run in self.runs if run.state == "complete"]
        accuracies = tuple(accuracy for accuracy in found if accuracy is not None)
        return Spread(accuracies) if accuracies else None


def _wanted(config: Config, seeds: object) -> Sequence[int]:
    """Returns the seeds that `seeds` stands for, see `repeat`. Raises ConfigError."""
    if isinstance(seeds, Integral):
        return seeds_from(config, int(seeds))
    if isinstance(seeds, Sequence) and seeds and not isinstance(seeds, str):
        if len(set(seeds)) < len(seeds):
            raise ConfigError("seeds", f"seeds: enter each seed once in place of {seeds!r}")
        return seeds
    raise ConfigError("seeds", f"seeds: enter how many or a list of them in place of {seeds!r}")


def seeds_from(config: Config, count: int) -> range:
    """Returns that many seeds, from that of the config on. Raises ConfigError."""
    if not 1 <= count <= MOST:
        raise ConfigError("seeds", f"seeds: enter a number from 1 to {MOST:,} in place of {count}")
    SETTINGS["seed"].check(config.seed + count - 1)
    return range(config.seed, config.seed + count)


def repeat(
    config: Config,
    seeds: int | Sequence[int],
    dataset: Dataset | None = None,
    keep: Keep | None = None,
    *,
    should_continue: Callable[[Step], bool] = lambda step: True,
    finished: Callable[[TrainedRun], object] = ignore,
) -> Repeats:
    """Trains the same settings with several seeds, one run after the other.

    A seed determines the initial weights, the validation set, the batches, dropout and
    augmentation, so the spread is that of all of them.

    seeds: how many, from that of the config on; or which. dataset: None is the included
    Fashion-MNIST. keep: where to keep each run; None: nowhere. should_continue: called after
    each step; all runs end if it returns False. finished: called with each run that has ended.

    Raises ConfigError if the settings have no validation images or do not fit the data, or if
    `seeds` cannot be used.
    """
    check_validates(config)
    configs = [config.replace(seed=seed) for seed in _wanted(config, seeds)]
    data = dataset or load()
    runs: list[TrainedRun] = []
    for each in configs:
        run = train_run(each, data, keep, should_continue=should_continue)
        runs.append(run)
        finished(run)
        if run.state in ("stopped", "pruned"):
            break
    return Repeats(tuple(runs))
