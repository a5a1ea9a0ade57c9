"""Loads a dataset in the training thread, with progress for the screen."""

import math
from functools import partial
from pathlib import Path

from core.data import dataset
from core.data.dataset import Dataset
from core.data.reading import Reading
from tui.run.mailbox import Mailbox
from tui.run.progress import run_with_progress


def load(mail: Mailbox, path: Path, reading: Reading | None = None) -> Dataset:
    """Returns the dataset, and posts progress. Raises DataError if it cannot be used."""
    work = partial(dataset.load, path, reading)
    return run_with_progress(mail, "reading the images", work, math.inf)
