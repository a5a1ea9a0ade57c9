"""Turns a checkpoint into JSON and named arrays, and back."""

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config.config import Config
from core.metrics import EpochAverages
from core.nn.optimizers import OptimizerState
from core.nn.schedules import Plateau
from core.training.checkpoint import Checkpoint
from core.training.early_stopping import EarlyStopping
from core.training.loss_health import LossHealth

_NUMBERS = ("steps", "epochs", "position", "seconds", "stopped")
_GENERATORS = ("shuffle_rng", "dropout_rng", "augment_rng")
_BEST = ("best.parameters", "best.statistics")  # of early stopping

Arrays = dict[str, NDArray[Any]]


def numbers_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """Returns everything but the arrays, as values for JSON; and a checksum of the arrays."""
    return {
        "crc32": checksum(arrays_of(checkpoint)),
        **{name: getattr(checkpoint, name) for name in _NUMBERS},
        "config": checkpoint.config.as_dict(),
        "optimizer_steps": checkpoint.optimizer_state.t,
        "plateau": checkpoint.plateau.state(),
        "early_stopping": checkpoint.early_stopping.state(),
        "loss_health": checkpoint.loss_health.state(),
        "epoch_averages": checkpoint.epoch_averages.state(),
        **{name: dict(getattr(checkpoint, name)) for name in _GENERATORS},
    }


def arrays_of(checkpoint: Checkpoint) -> Arrays:
    """Returns the arrays by name. They are the checkpoint's own, read-only."""
    moments = checkpoint.optimizer_state.moments
    return {
        "parameters": checkpoint.parameters,
        "statistics": checkpoint.statistics,
        **{f"moments.{name}": moment for name, moment in moments.items()},
        **dict(zip(_BEST, checkpoint.early_stopping.weights, strict=False)),
    }


def checksum(arrays: Mapping[str, NDArray[Any]]) -> int:
    """Returns the CRC-32 of the arrays, in the order of their names."""
    value = 0
    for name in sorted(arrays):
        value = zlib.crc32(arrays[name].data, value)
    return value


def checkpoint_from(numbers: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Checkpoint:
    """Returns the checkpoint with these numbers and arrays.

    Raises KeyError, TypeError or ValueError if they are not those of a checkpoint.
    """
    if checksum(arrays) != numbers["crc32"]:
        raise ValueError("the arrays of a checkpoint have changed")
    for array in arrays.values():
        array.flags.writeable = False
    early_stopping = EarlyStopping()
    early_stopping.load_state(numbers["early_stopping"])
    early_stopping.weights = tuple(arrays[name] for name in _BEST if name in arrays)
    plateau, loss_health, epoch_averages = Plateau(), LossHealth(), EpochAverages()
    plateau.load_state(numbers["plateau"])
    loss_health.load_state(numbers["loss_health"])
    # Files of earlier versions have no averages: those of a started epoch are not known.
    unknown = {"epoch": int(numbers["epochs"]) + 1, "images": 1, "loss": None, "correct": None}
    epoch_averages.load_state(numbers.get("epoch_averages", unknown))
    moments = {
        name.removeprefix("moments."): array
        for name, array in arrays.items()
        if name.startswith("moments.")
    }
    for name in _GENERATORS:
        np.random.PCG64().state = numbers[name]  # raises if it is not a state
    return Checkpoint(
        config=Config.from_dict(numbers["config"]),
        **{name: numbers[name] for name in (*_NUMBERS, *_GENERATORS)},
        parameters=arrays["parameters"],
        statistics=arrays["statistics"],
        optimizer_state=OptimizerState(moments, int(numbers["optimizer_steps"])),
        plateau=plateau,
        early_stopping=early_stopping,
        loss_health=loss_health,
        epoch_averages=epoch_averages,
    )
