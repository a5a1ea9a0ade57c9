"""Runs and step traces for the tests, with every option that a step can have."""

import dataclasses

import numpy as np
from hypothesis import strategies as st

from core.config.config import SETTINGS, Config
from core.events import StepTraced
from core.inspection.layer_stats import layer_stats
from core.nn.activations import ACTIVATIONS
from core.training.tracing import trace_step
from core.training.trainer import Trainer

CONFIG = Config(hidden=(8, 5), batch_size=32, epochs=100, validation=30, learning_rate=0.01)
EVERY_OPTION = {
    "batch_norm": True,
    "dropout": 0.3,
    "flip": 0.5,
    "shift": 2,
    "erase": 0.5,
    "schedule": "one-cycle",
    "warmup": 0.5,
    "clip_norm": 0.5,
    "label_smoothing": 0.1,
    "optimizer": "adamw",
    "weight_decay": 0.1,
    "l2": 0.01,
    "patience": 9,
}
"""Everything that draws random numbers or keeps state from batch to batch."""

EVERYTHING = CONFIG.replace(**EVERY_OPTION)


def _config(decay, batch_size, **values):
    values["batch_size"] = max(batch_size, 2 if values["batch_norm"] else 1)
    return CONFIG.replace(**values, weight_decay=decay * (values["optimizer"] == "adamw"))


OPTIMIZERS = SETTINGS["optimizer"].kind.options
OPTIONS = {
    "hidden": st.sampled_from([(8, 5), (), (1,), (3, 1, 4)]),
    "activation": st.sampled_from(tuple(ACTIVATIONS)),
    "optimizer": st.sampled_from(OPTIMIZERS),
    "decay": st.sampled_from([0.0, 0.1]),
    "batch_size": st.sampled_from([32, 1, 2, 170]),
    "batch_norm": st.booleans(),
    "dropout": st.sampled_from([0.0, 0.3]),
    "l2": st.sampled_from([0.0, 0.01]),
    "clip_norm": st.sampled_from([0.0, 0.1, 1000.0]),
    "label_smoothing": st.sampled_from([0.0, 0.1]),
    "flip": st.sampled_from([0.0, 0.5]),
    "shift": st.sampled_from([0, 2]),
    "erase": st.sampled_from([0.0, 0.5]),
    "schedule": st.sampled_from(["constant", "one-cycle"]),
}


def some(**chosen):
    """Configs of all kinds, with these values fixed."""
    return st.builds(_config, **OPTIONS | {name: st.just(chosen[name]) for name in chosen})


configs = some()


def trained(config, data, steps=7):
    """A run after `steps` steps."""
    trainer = Trainer(config, data)
    for _ in range(steps):
        trainer.step()
    return trainer


def trace(config, data, steps=7):
    """The trace of the next step of such a run."""
    return trace_step(trained(config, data, steps))


def event(trace):
    """The event of the trace."""
    return StepTraced(trace, layer_stats(trace))


def bits(value):
    """The value in a form that can be compared, with the bits of each array."""
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, tuple | list):
        return [bits(item) for item in value]
    if isinstance(value, dict):
        return {key: bits(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value):
        return {field.name: bits(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return bits(vars(value)) if hasattr(value, "__dict__") else value


def everything(trainer):
    """The whole state of a run, except for its training time."""
    return bits(dataclasses.replace(trainer.checkpoint(), seconds=0.0)), bits(trainer.order)


def result(work):
    """What a generator returns at its end."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
