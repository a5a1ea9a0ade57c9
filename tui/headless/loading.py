"""Loads a dataset without a screen, with a progress bar if that takes long."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import Progress

from core.data.dataset import Dataset, load
from core.data.reading import Reading, Report

_PATIENCE = 0.5  # seconds before there is a bar


def load_data(path: Path, reading: Reading, console: Console) -> Dataset:
    """Returns the dataset. Raises DataError if it cannot be used."""
    with _bar(console) as report:
        return load(path, reading, report)


@contextmanager
def _bar(console: Console) -> Iterator[Report]:
    """Yields what takes the share that is done; on a terminal it shows a bar after a while."""
    start = monotonic()
    with Progress(console=console, transient=True, disable=True) as progress:
        task = progress.add_task("reading the images", total=1.0)

        def report(share: float) -> None:
            if progress.disable and console.is_terminal and monotonic() - start > _PATIENCE:
                progress.disable = False
                progress.start()
            progress.update(task, completed=share)

        yield report
