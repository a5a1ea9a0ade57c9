"""The runs of a comparison, read from their files, with their curves over steps, epochs, images
and seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import CoreError, RunError
from core.experiments.spread import SeedGroup, seed_groups_of, sentences
from core.metrics import moving_average
from core.runs.comparison import (
    ComparedSetting,
    PredictionComparison,
    compare_predictions,
    compared_settings,
    same_data,
)
from core.runs.description import fingerprint
from core.runs.names import shown_name
from core.runs.run import Run
from core.runs.summary import summarize
from tui.panes.curves.step_axis import Across

Quantity = Literal["accuracy", "loss"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ComparedRun:
    """The curves of a run up to its current step.

    mark: its number among the marks. across: for each unit, its value after each step.
    averages: the moving average over the batches up to each step, loss in nats and accuracy 0..1;
    it depends on nothing later, so a run and its beginning have the same values.
    evaluated: for each unit, its value at each evaluation. evaluations: the results there.
    test_accuracy: of the last evaluation of the test set, 0..1; None without one.
    left_out: how many training images it leaves out.
    """

    path: Path
    mark: int
    subset: str
    across: dict[Across, Numbers]
    averages: dict[Quantity, Numbers]
    evaluated: dict[Across, Numbers]
    evaluations: dict[Quantity, Numbers]
    test_accuracy: float | None
    left_out: int = 0

    @property
    def name(self) -> str:
        return shown_name(self.path)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Runs side by side.

    seeds: lines about the spread over seeds, and whether the best settings exceed it. groups: of
    the finished runs among them, see `seed_groups`.
    data: a sentence if they were trained on different data, or "".
    predictions, dataset: of two runs; otherwise None, and `reason` tells why.
    """

    runs: tuple[ComparedRun, ...]
    settings: tuple[ComparedSetting, ...]
    seeds: tuple[str, ...]
    groups: tuple[SeedGroup, ...]
    data: str
    predictions: PredictionComparison | None
    dataset: Dataset | None
    reason: str


def read(marked: Sequence[tuple[Path, int]], current: Dataset | None) -> Compared:
    """Reads runs, each a path and the number of its mark. current: the dataset in memory, if any.

    Raises RunError if a file cannot be read.
    """
    runs: list[Run] = []
    try:
        for path, _ in marked:
            runs.append(Run(path))
        settings = tuple(compared_settings(runs))
        found = tuple(compared_run(run, mark) for run, (_, mark) in zip(runs, marked, strict=True))
        names = dict.fromkeys(str(run.meta["data"].get("name", "?")) for run in runs)
        data = ""
        if not same_data(runs):
            data = f"trained on different data: {', '.join(names)}"
        predictions, dataset, reason = _predictions(runs, current)
        groups = seed_groups_of([path for path, _ in marked])
        seeds = tuple(sentences(groups))
        return Compared(found, settings, seeds, tuple(groups), data, predictions, dataset, reason)
    finally:
        for run in runs:
            run.close()


def _predictions(
    runs: Sequence[Run], current: Dataset | None
) -> tuple[PredictionComparison | None, Dataset | None, str]:
    if len(runs) != 2:
        marked = "1 is" if len(runs) == 1 else f"{len(runs)} are"
        return None, None, f"Mark two runs to compare their predictions; {marked} marked."
    try:
        if not same_data(runs):
            raise RunError(f"{runs[0].name} and {runs[1].name} were trained on different data")
        known = current and fingerprint(current) == runs[0].meta["data"]["fingerprint"]
        dataset = current if current and known else runs[0].load_data()
        return compare_predictions(runs[0], runs[1], dataset), dataset, ""
    except CoreError as error:
        return None, None, f"{error}."


def compared_run(run: Run, mark: int) -> ComparedRun:
    """Reads the curves of a run."""
    columns, evaluations = run.metrics(), run.evaluations()
    steps = columns["step"].astype(np.float64)
    size = run.meta["training_images"]
    images = (columns["epoch"] - 1) * float(size) + columns["position"]
    across: dict[Across, Numbers] = {
        "steps": steps,
        "epochs": images / max(size, 1),
        "images": images,
        "seconds": columns["seconds"],
    }
    batches = columns["images"].astype(np.float64)
    at = evaluations["step"].astype(np.float64)
    return ComparedRun(
        path=run.path,
        mark=mark,
        subset=run.meta["evaluation_set"],
        across=across,
        averages={
            "accuracy": moving_average(columns["accuracy"], batches, size),
            "loss": moving_average(columns["loss"], batches, size),
        },
        evaluated={unit: _at(at, steps, values) for unit, values in across.items()},
        evaluations={"accuracy": evaluations["accuracy"], "loss": evaluations["loss"]},
        test_accuracy=summarize(run.path).test_accuracy,
        left_out=len(run.reading.left_out),
    )


def _at(evaluated: Numbers, steps: Numbers, values: Numbers) -> Numbers:
    """Returns the values at the evaluated steps; 0 at the start."""
    return np.interp(evaluated, np.append(0.0, steps), np.append(0.0, values))
