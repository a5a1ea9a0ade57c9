"""The settings of a run with their descriptions. A Config is immutable and always valid."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.config.grids import DOUBLING, TOWARD_ONE, Even, decades
from core.config.kinds import SMALLEST, Choice, Flag, Kind, Real, Sizes, Whole
from core.config.settings import Applies, Group, Setting
from core.errors import ConfigError
from core.nn import schedules
from core.nn.activations import ACTIVATIONS
from core.nn.initializations import SCHEMES
from core.text import suggestion

MAX_THREADS = 64

WITHOUT_EFFECT = frozenset({"threads", "timeline_memory"})
"""Settings that change at most the last bits of a result."""

_NEWER = frozenset({"threads"})
"""Settings that the first files of kept runs do not have."""


def _setting(default: Any, group: Group, kind: Kind, applies: Applies, meaning: str) -> Any:
    return dataclasses.field(
        default=default,
        metadata={"group": group, "kind": kind, "applies": applies, "meaning": meaning},
    )


@dataclass(frozen=True)
class Config:
    """The settings of a run. Together with the data, they determine all its numbers.

    As in TOML and JSON, `hidden` may be a list, and a real number may be an int. Raises
    ConfigError if a value is out of range, or if two settings cannot be combined.
    """

    hidden: tuple[int, ...] = _setting(
        (128, 64),
        "network",
        Sizes(max_count=10, high=10_000),
        "restart",
        "Number of units in each hidden layer, from input to output. More units can fit more "
        "detail but train more slowly. With none, the network is softmax regression.",
    )
    activation: str = _setting(
        "relu",
        "network",
        Choice(tuple(ACTIVATIONS)),
        "restart",
        "The nonlinearity after each hidden layer. Without it, the whole network would be a "
        "linear model.",
    )
    initialization: str = _setting(
        "he",
        "network",
        Choice(SCHEMES),
        "restart",
        "How the initial weights are drawn. he suits relu, xavier suits tanh and sigmoid; normal "
        "draws the weights and the biases from one normal distribution, as in the original "
        "notebook; zeros shows why the weights must be random.",
    )
    deviation: float = _setting(
        1.0,
        "network",
        Real(0, 100, decades(-2), example=0.1, without_low=True),
        "restart",
        "Standard deviation of the initial weights and biases. Used only with initialization "
        "normal.",
    )
    batch_norm: bool = _setting(
        False,
        "network",
        Flag(),
        "restart",
        "Batch normalization before each activation. It gives each unit mean 0 and standard "
        "deviation 1 over the batch, then applies a learned scale and shift. Allows larger "
        "learning rates. Needs batches of at least 2 images: a single image left at the end of an "
        "epoch is added to the last batch.",
    )
    optimizer: str = _setting(
        "adam",
        "optimizer",
        Choice(("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")),
        "next batch",
        "How the gradient updates the weights. sgd subtracts learning rate times gradient; "
        "momentum and nesterov accumulate past gradients; the others adapt the step size of each "
        "weight. A change resets the moments.",
    )
    learning_rate: float = _setting(
        0.001,
        "optimizer",
        Real(SMALLEST, 1e12, decades(-6), example=0.003),
        "next batch",
        "Step size of each update. If it is too small, the network learns slowly; if it is too "
        "large, the loss jumps or diverges.",
    )
    batch_size: int = _setting(
        128,
        "optimizer",
        Whole(1, 1_000_000, DOUBLING),
        "next batch",
        "Number of training images in each step; their gradients are averaged. Smaller batches "
        "make more steps per epoch, but noisier ones.",
    )
    momentum: float = _setting(
        0.9,
        "optimizer",
        Real(0, 1, TOWARD_ONE, example=0.9, without_high=True),
        "next batch",
        "Fraction of the past gradients kept at each step. Used by momentum and nesterov, and as "
        "beta 1 by adam and adamw.",
    )
    beta2: float = _setting(
        0.999,
        "optimizer",
        Real(0, 1, TOWARD_ONE, example=0.999, without_high=True),
        "next batch",
        "Fraction of the past squared gradients kept at each step. Used by rmsprop, adam and "
        "adamw.",
    )
    schedule: str = _setting(
        "constant",
        "schedule",
        Choice(("constant", "step", "exponential", "cosine", "one-cycle", "plateau")),
        "next batch",
        "How the learning rate changes over the run. cosine falls to 0 at the end; one-cycle "
        "rises first; plateau falls when the validation loss stops improving.",
    )
    warmup: float = _setting(
        0.0,
        "schedule",
        Real(0, 1000, Even(0.5), example=0.5),
        "next batch",
        "Epochs at the start during which the learning rate rises linearly to its full value.",
    )
    decay_factor: float = _setting(
        0.5,
        "schedule",
        Real(0, 1, Even(0.05), example=0.5, without_low=True),
        "next batch",
        "Factor that multiplies the learning rate at each decay. Used by the schedules step, "
        "exponential and plateau.",
    )
    decay_epochs: int = _setting(
        5,
        "schedule",
        Whole(1, 10_000),
        "next batch",
        "Epochs per decay, for the schedules step and exponential. For plateau, epochs without a "
        "lower validation loss before a decay.",
    )
    dropout: float = _setting(
        0.0,
        "regularization",
        Real(0, 1, Even(0.05), example=0.2, without_high=True),
        "next batch",
        "Fraction of the hidden outputs set to 0 at random in each training batch. Reduces "
        "overfitting: the network cannot rely on single units.",
    )
    weight_decay: float = _setting(
        0.0,
        "regularization",
        Real(0, 10, decades(-4), example=0.01),
        "next batch",
        "Shrinks all weights by this fraction, times the learning rate, at each step. Used only "
        "by adamw.",
    )
    l2: float = _setting(
        0.0,
        "regularization",
        Real(0, 10, decades(-5), example=0.0001),
        "next batch",
        "Adds half of this times the sum of squared weights to the training objective, which keeps "
        "the weights small. The reported loss does not include it.",
    )
    label_smoothing: float = _setting(
        0.0,
        "regularization",
        Real(0, 1, Even(0.05), example=0.1, without_high=True),
        "next batch",
        "Fraction of the target spread evenly over all classes. Discourages overconfident "
        "predictions. The reported loss does not include it.",
    )
    clip_norm: float = _setting(
        0.0,
        "regularization",
        Real(0, 1e6, decades(-1), example=1),
        "next batch",
        "Maximum gradient norm; larger gradients are scaled down. 0 turns clipping off.",
    )
    flip: float = _setting(
        0.0,
        "regularization",
        Real(0, 1, Even(0.05), example=0.5),
        "next batch",
        "Probability that a training image is mirrored left to right.",
    )
    shift: int = _setting(
        0,
        "regularization",
        Whole(0, 100),
        "next batch",
        "Maximum random shift of each training image, in pixels, both horizontally and vertically.",
    )
    erase: float = _setting(
        0.0,
        "regularization",
        Real(0, 1, Even(0.05), example=0.25),
        "next batch",
        "Probability that a random rectangle of a training image is set to black.",
    )
    validation: int = _setting(
        5000,
        "data",
        Whole(0, 1_000_000, Even(1000)),
        "restart",
        "Number of training images set aside for validation, the same share of each class. The "
        "network does not train on them. If the number is more than a third of the training "
        "images, a tenth of them is used. With 0, it trains on all of them and the test set is "
        "used instead.",
    )
    epochs: int = _setting(
        10,
        "run",
        Whole(1, 1_000_000),
        "next batch",
        "Number of passes over the training images in one run.",
    )
    patience: int = _setting(
        0,
        "run",
        Whole(0, 1_000_000),
        "next batch",
        "Epochs without a lower validation loss before the run stops early and restores the best "
        "weights. Needs validation images. 0 turns early stopping off.",
    )
    seed: int = _setting(
        0,
        "run",
        Whole(0, 2**32 - 1),
        "restart",
        "Seed of the random numbers for weights, validation split, batches, dropout and "
        "augmentation. The same seed gives the same run.",
    )
    threads: int = _setting(
        0,
        "run",
        Whole(0, MAX_THREADS),
        "restart",
        "Number of threads for large matrix products and weight updates; small ones use one "
        "thread, which is faster. 0 uses one thread for each core. The same number of threads "
        "gives the same run, bit for bit.",
    )
    timeline_memory: int = _setting(
        100,
        "run",
        Whole(1, 65_536),
        "restart",
        "Memory for checkpoints and for the curves of other branches, in megabytes. "
        "Checkpoints let you go back to any step. When this memory is full, every second "
        "checkpoint is dropped and going back takes a little longer.",
    )

    def __post_init__(self) -> None:
        if isinstance(self.hidden, list):
            object.__setattr__(self, "hidden", tuple(self.hidden))
        for setting in SETTINGS.values():
            value = setting.check(getattr(self, setting.name))
            if isinstance(setting.kind, Real):
                object.__setattr__(self, setting.name, float(value))
        if self.batch_norm and self.batch_size < 2:
            raise ConfigError(
                "batch_size",
                "batch norm needs a batch size of at least 2, because a single image has no "
                "variance; enter a larger batch size or set batch norm to no",
            )
        if self.weight_decay and self.optimizer != "adamw":
            raise ConfigError(
                "weight_decay",
                f"weight decay works only with adamw, not with {self.optimizer}; use l2 instead",
            )
        if self.patience and not self.validation:
            raise ConfigError(
                "patience",
                "patience needs validation images, because the test set must not decide when "
                "to stop; set validation above 0 or patience to 0",
            )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Config":
        """Returns the config from which `as_dict` made these values.

        Raises ConfigError if they are not all settings, or if one is not allowed. Files of earlier
        versions lack the newer settings, which then have their defaults.
        """
        missing = [name for name in SETTINGS if name not in values and name not in _NEWER]
        if missing:
            raise ConfigError(missing[0], f"the setting {missing[0]} is missing")
        return cls().replace(**values)

    def replace(self, /, **changes: Any) -> "Config":
        """Returns a copy with some settings changed.

        Raises ConfigError if a setting is unknown or its value is not allowed.
        """
        for name in changes:
            if name not in SETTINGS:
                known = f"the settings are {', '.join(SETTINGS)}"
                hint = suggestion(name, SETTINGS, known)
                raise ConfigError(name, f"{name} is not a setting; {hint}")
        return dataclasses.replace(self, **changes)

    def scheduled_rate(self, time: float) -> float:
        """Returns the learning rate at `time` epochs after the start of the run.

        With the schedule plateau, this is the rate before the first decay.
        """
        return self.learning_rate * schedules.factor(
            self.schedule,
            time,
            epochs=self.epochs,
            warmup=self.warmup,
            decay_factor=self.decay_factor,
            decay_epochs=self.decay_epochs,
        )

    def batches(self, images: int) -> int:
        """Returns how many batches the last `images` images of an epoch make: see Trainer.batch."""
        joined = self.batch_norm and images > 1 and images % self.batch_size == 1
        return -(-images // self.batch_size) - joined

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


SETTINGS: dict[str, Setting] = {
    field.name: Setting(name=field.name, **field.metadata) for field in dataclasses.fields(Config)
}
