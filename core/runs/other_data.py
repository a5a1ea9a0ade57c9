"""Copies a run to continue with other data than it was trained on: the copy begins at that step.

Nothing before that step can be recomputed, because that would need the earlier images.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from core.data.dataset import Dataset
from core.errors import RunError
from core.events import Branch
from core.runs import database
from core.runs.description import describe
from core.runs.origin import Origin
from core.runs.writer import Writer
from core.training.checkpoint import Checkpoint
from core.training.trainer import Trainer


def trainer_on(name: str, checkpoint: Checkpoint, dataset: Dataset, threads: int) -> Trainer:
    """Returns a trainer that continues from a checkpoint of the run `name` with other data.

    The epoch starts over. Raises RunError if the images or classes do not fit the network.
    """
    trainer = Trainer(checkpoint.config, dataset, threads)
    if trainer.network.parameters.shape != checkpoint.parameters.shape:
        _, height, width = dataset.train_images.shape
        raise RunError(
            f"{name} cannot continue with this data: its network does not fit images of "
            f"{width}×{height} pixels in {len(dataset.class_names)} classes"
        )
    trainer.restore(checkpoint.for_other_data())
    return trainer


def content_of_copy(name: str, trainer: Trainer, data: Path) -> bytes:
    """Returns the file of a run that begins where `trainer` is, as a copy of the run `name`.

    data: the path of its dataset.
    """
    origin = Origin(name, trainer.steps, trainer.epochs, trainer.seconds)
    meta = {
        "name": name,
        "notes": "",
        "star": False,
        **describe(trainer.started(), data),
        "phase": "paused",
        "branch": 0,
        "step": origin.step,
        "epochs": origin.epochs,
        "seconds": origin.seconds,
        "origin": origin.as_dict(),
    }
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with connection:
            connection.execute("BEGIN")
            database.create_tables(connection)
            writer = Writer(connection)
            writer.meta(meta)
            writer.branches([Branch(0, None, origin.step, origin.step)])
            writer.checkpoint(0, trainer.checkpoint())
        return connection.serialize()
