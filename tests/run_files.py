"""Files of kept runs for tests: made up, or trained for some steps."""

import os
from contextlib import closing

from core.config.config import Config
from core.data import dataset
from core.events import Branch
from core.runs import database
from core.runs.description import describe
from core.runs.keeper import Keeper
from core.runs.owner import this_program
from core.runs.writer import Writer
from core.training.trainer import Trainer

META = {
    "notes": "",
    "star": False,
    "config": Config().as_dict(),
    "data": {"path": "/data", "name": "shirts", "fingerprint": "f" * 64, "classes": ["a", "b"]},
    "parameters": 109_386,
    "training_images": 55_000,
    "evaluation_set": "validation",
    "evaluation_images": 5000,
    "started": 1e9,
    "updated": 1.5e9,
    "machine": {"numpy": "2.0"},
    "phase": "paused",
    "message": None,
    "branch": 0,
    "step": 0,
    "owner": None,
}


def write_run(directory, name, *, config=None, age=0, changes=(), **meta):
    """Writes a run without steps that has these values in its table meta; returns its path.

    config: settings that differ from the defaults. age: in seconds.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.run"
    path.unlink(missing_ok=True)
    path.touch()
    with closing(database.open_empty(path)) as connection, connection:
        connection.execute("BEGIN")
        database.create_tables(connection)
        values = META | {"name": name, "config": META["config"] | (config or {})}
        values |= {"updated": META["updated"] - age} | meta
        Writer(connection).meta(values)
        end = values["step"] if isinstance(values["step"], int) else 0
        Writer(connection).branches([Branch(0, None, 0, end, tuple((c,) for c in changes))])
    os.utime(path, (2e9 - age, 2e9 - age))
    return path


def train_run(directory, data, config, steps):
    """Keeps a run of some steps on the dataset in `data`; returns its path and its trainer."""
    trainer = Trainer(config, dataset.load(data))
    started, faults = trainer.started(), []
    keeper = Keeper(directory, lambda: describe(started, data), faults.append)
    for _ in range(steps):
        keeper.add(trainer.step())
    keeper.add_checkpoint(trainer.checkpoint())
    keeper.close()
    assert not faults
    return keeper.path, trainer


def living_owner():
    """The description of a program that still runs."""
    return this_program().as_dict() | {
        "host": "far-away",
        "process": 7,
        "since": 1e9,
        "alive_at": 1e12,
    }


def dead_owner():
    return living_owner() | {"alive_at": 1e9}
