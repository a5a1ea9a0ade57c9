"""What is known about a run from its start: settings, data, program and machine."""

import hashlib
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from core.data.dataset import Dataset
from core.events import RunStarted
from core.nn import blas_threads
from core.version import __version__

_FINGERPRINTS: WeakKeyDictionary[Dataset, str] = WeakKeyDictionary()
"""Of the datasets in memory: each takes 0.05 s, and is needed several times to resume a run."""


def describe(run: RunStarted, data: Path) -> dict[str, Any]:
    """Returns the values for the table `meta` of a new run. data: the path of the dataset."""
    return {
        "config": run.config.as_dict(),
        "data": {
            "path": str(data.absolute()),
            "name": run.dataset.name or data.absolute().name,
            "reading": run.dataset.reading.as_dict(),
            "fingerprint": fingerprint(run.dataset),
            **({"files": files_fingerprint(run.dataset)} if run.dataset.left_out else {}),
            "classes": list(run.dataset.class_names),
        },
        "parameters": run.parameters,
        "training_images": run.training_images,
        "evaluation_set": run.evaluation_set,
        "evaluation_images": run.evaluation_images,
        "started": time.time(),
        "machine": machine() | {"threads": run.threads},
    }


def machine() -> dict[str, Any]:
    """Returns what may change the last bits of a result, besides the number of threads."""
    return {
        "fashion_tui": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas_threads.description(),
        "processor": _processor(),
        "system": sys.platform,
    }


def fingerprint(dataset: Dataset) -> str:
    """Returns the SHA-256 of all images and labels and their shapes, in hexadecimal digits.

    If images are left out, of that and of their numbers.
    """
    files = files_fingerprint(dataset)
    if not dataset.left_out:
        return files
    return hashlib.sha256(f"{files} without {dataset.left_out}".encode()).hexdigest()


def files_fingerprint(dataset: Dataset) -> str:
    """Returns the fingerprint of all images, whether they are left out or not."""
    if dataset not in _FINGERPRINTS:
        _FINGERPRINTS[dataset] = _fingerprint(dataset)
    return _FINGERPRINTS[dataset]


def _fingerprint(dataset: Dataset) -> str:
    digest = hashlib.sha256()
    for array in (
        *(dataset.train_images, dataset.train_labels),
        *(dataset.test_images, dataset.test_labels),
    ):
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            names = [line for line in file if line.startswith("model name")]
        return names[0].partition(":")[2].strip()
    except (OSError, IndexError):  # not Linux
        return platform.processor() or platform.machine() or os.name
