"""A trainer in a file, to continue in Python: its complete state, without its history."""

import io
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from core.config.config import MAX_THREADS
from core.data.dataset import Dataset
from core.errors import ConfigError, RunError, os_reason
from core.export import files
from core.runs.checkpoint_state import arrays_of, checkpoint_from, numbers_of
from core.runs.description import fingerprint
from core.training.trainer import Trainer

_STATE = "state"  # the name of the array of one text that has all but the arrays, as JSON


def save_trainer(trainer: Trainer, path: str | Path) -> None:
    """Writes the state of a trainer to an .npz file; a file that exists is replaced.

    Raises ExportError if it cannot be written.
    """
    checkpoint = trainer.checkpoint()
    state = {
        "fingerprint": fingerprint(trainer.dataset),
        "threads": trainer.pool.threads,
        **numbers_of(checkpoint),
    }
    out = io.BytesIO()
    arrays = {_STATE: np.array(json.dumps(state)), **arrays_of(checkpoint)}
    np.savez(out, **arrays)  # type: ignore[arg-type]
    files.write({Path(path): out.getvalue()}, force=True)


def load_trainer(path: str | Path, dataset: Dataset) -> Trainer:
    """Returns a trainer as it was saved. It continues as if it had not been, bit for bit.

    dataset: the one it was trained on. Raises RunError if it is another, or if the file is not
    that of a trainer.
    """
    try:
        with open(path, "rb") as opened:
            if not zipfile.is_zipfile(opened):
                raise ValueError("it is not an .npz file")
            opened.seek(0)
            with np.load(opened, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        if _STATE not in arrays:
            raise ValueError("save_trainer did not write it")
        state = json.loads(str(arrays.pop(_STATE)))
        checkpoint = checkpoint_from(state, arrays)
        known = state["fingerprint"]
        if known != fingerprint(dataset):
            raise RunError(f"{path} was trained on other data, with the fingerprint {known[:12]}")
        threads = state.get("threads", 1)
        if not (isinstance(threads, int) and 1 <= threads <= MAX_THREADS):
            raise ValueError(f"it cannot have been trained by {threads} threads")
        trainer = Trainer(checkpoint.config, dataset, threads)
        if not checkpoint.fits(trainer.checkpoint()):
            raise ValueError("its arrays do not fit its settings")
        trainer.restore(checkpoint)
        return trainer
    except OSError as error:
        raise RunError(f"{path} cannot be read: {os_reason(error)}") from error
    except (
        *(ConfigError, KeyError, IndexError, TypeError, ValueError, AttributeError, EOFError),
        *(OverflowError, RecursionError, MemoryError, NotImplementedError),
        *(zipfile.BadZipFile, zlib.error),
    ) as error:
        raise RunError(f"{path} is not the file of a trainer: {error}") from error
