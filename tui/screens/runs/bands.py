"""Runs that differ only in their seed, as one curve: their mean, with a band from the lowest to the
highest."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce

import numpy as np

from core.errors import RunError
from core.experiments.spread import labels
from core.runs.run import Run
from tui.screens.runs.compared import Compared, ComparedRun, Numbers, Quantity, compared_run

_MOST = 20  # runs of a band
_QUANTITIES: tuple[Quantity, ...] = ("accuracy", "loss")


@dataclass(frozen=True, slots=True, eq=False)
class SeedBand:
    """The curves of runs with the same settings, as far as all of them go.

    label: how these settings differ from those of the other bands. mean: as if it was a run.
    lowest, highest: of the averages over the batches, after each of its steps.
    """

    label: str
    runs: tuple[ComparedRun, ...]
    mean: ComparedRun
    lowest: dict[Quantity, Numbers]
    highest: dict[Quantity, Numbers]

    @property
    def name(self) -> str:
        return f"{self.label} ({len(self.runs)} seeds)"


def has_bands(compared: Compared) -> bool:
    """Returns whether there are kept runs that differ from compared ones only in their seed."""
    return any(len(group.paths) > 1 for group in compared.groups)


def are_seeds(compared: Compared) -> bool:
    """Returns whether some of the compared runs differ only in their seed."""
    paths = [run.path for run in compared.runs]
    return any(len(set(group.paths) & set(paths)) > 1 for group in compared.groups)


def read_bands(compared: Compared) -> tuple[SeedBand, ...]:
    """Returns a band for each of the settings with several seeds. Runs that cannot be read are
    left out."""
    known = {run.path: run for run in compared.runs}
    bands = []
    for group, label in zip(compared.groups, labels(compared.groups), strict=True):
        mark = next((run.mark for run in compared.runs if run.path in group.paths), None)
        if mark is None:  # the compared run has diverged
            continue
        runs = []
        for path in group.paths[:_MOST]:
            with suppress(RunError):
                if path not in known:
                    with Run(path) as run:
                        known[path] = compared_run(run, mark)
                runs.append(known[path])
        if len(runs) > 1:
            bands.append(band(runs, label, mark))
    return tuple(bands)


def band(runs: Sequence[ComparedRun], label: str, mark: int) -> SeedBand:
    """Returns the band of runs with the same settings."""
    first = runs[0]
    length = min(len(run.across["steps"]) for run in runs)
    stacked = {q: np.stack([run.averages[q][:length] for run in runs]) for q in _QUANTITIES}
    # A run on the screen is evaluated more often than at the ends of its epochs.
    shared = reduce(np.intersect1d, [run.evaluated["steps"] for run in runs])
    shared = shared[shared <= length]
    places = [np.searchsorted(run.evaluated["steps"], shared) for run in runs]
    mean = ComparedRun(
        path=first.path,
        mark=mark,
        subset=first.subset,
        across={
            unit: np.mean([run.across[unit][:length] for run in runs], axis=0)
            for unit in first.across
        },
        averages={q: stacked[q].mean(axis=0) for q in _QUANTITIES},
        evaluated={
            unit: np.mean(
                [run.evaluated[unit][at] for run, at in zip(runs, places, strict=True)], axis=0
            )
            for unit in first.evaluated
        },
        evaluations={
            q: np.mean(
                [run.evaluations[q][at] for run, at in zip(runs, places, strict=True)], axis=0
            )
            for q in _QUANTITIES
        },
        test_accuracy=None,
    )
    lowest = {q: stacked[q].min(axis=0) for q in _QUANTITIES}
    highest = {q: stacked[q].max(axis=0) for q in _QUANTITIES}
    return SeedBand(label, tuple(runs), mean, lowest, highest)
