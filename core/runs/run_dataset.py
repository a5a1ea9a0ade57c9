"""The dataset of a kept run: loads it, and checks whether other data is the same."""

import os
from contextlib import suppress
from pathlib import Path

from core.assets import FASHION_MNIST
from core.data.dataset import Dataset, load
from core.errors import DataError, RunError
from core.runs.content import RunContent
from core.runs.description import fingerprint


def is_dataset_of(run: RunContent, dataset: Dataset) -> bool:
    """Returns whether these are the images and labels that a run was trained on."""
    return fingerprint(dataset) == run.meta["data"]["fingerprint"]


def load_dataset_of(
    run: RunContent, directory: Path | None = None, anyway: bool = False
) -> Dataset:
    """Returns the dataset that a run was trained on.

    directory: where it is now, if it has moved. If it is not where it was, as in a run from
    another machine, the included data is used if it is the same. anyway: accept other data.
    Raises DataError if it cannot be read, and RunError if it is other data.
    """
    data = run.meta["data"]
    if directory is None and not os.path.exists(data["path"]):
        with suppress(DataError):  # it may have fewer images than those that are left out
            dataset = load(FASHION_MNIST).without(run.reading.left_out)
            if fingerprint(dataset) == data["fingerprint"]:
                return dataset
    dataset = load(directory or data["path"], run.reading)
    actual = fingerprint(dataset)
    if actual != data["fingerprint"] and not anyway:
        raise RunError(
            f"{run.name} was trained on other data: {data['path']} had the fingerprint "
            f"{data['fingerprint'][:12]}, {directory or data['path']} has {actual[:12]}"
        )
    return dataset
