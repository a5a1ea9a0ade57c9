"""The hyperparameters of a run: frozen, checked when made, each described where it stands."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from core.config.grids import DOUBLING, TOWARDS_ONE, Even, decades
from core.config.settings import Applies, Choice, Flag, Group, Kind, Real, Setting, Sizes, Whole
from core.errors import ConfigError
from core.nn.activations import ACTIVATIONS
from core.nn.initializations import SCHEMES


def _setting(default: Any, group: Group, kind: Kind, applies: Applies, meaning: str) -> Any:
    return dataclasses.field(
        default=default,
        metadata={"group": group, "kind": kind, "applies": applies, "meaning": meaning},
    )


@dataclass(frozen=True)
class Config:
    """Everything that decides a run, besides the data. Raises ConfigError on a value out of range.

    Lists are taken for `hidden` and whole numbers for rates, as TOML and JSON write them.
    """

    hidden: tuple[int, ...] = _setting(
        (128, 64),
        "network",
        Sizes(most=10, high=10_000),
        "reset",
        "Units in each hidden layer, from the image to the classes. "
        "More units can tell more apart, and take longer. None makes it softmax regression.",
    )
    activation: str = _setting(
        "relu",
        "network",
        Choice(tuple(ACTIVATIONS)),
        "reset",
        "What each hidden unit makes of its sum. Without one, all layers together could do no "
        "more than a single one.",
    )
    initialization: str = _setting(
        "he",
        "network",
        Choice(SCHEMES),
        "reset",
        "How the first weights are drawn. he suits relu, xavier tanh and sigmoid; normal draws "
        "weights and biases alike, as the notebook does; zeros shows why they are drawn at all.",
    )
    deviation: float = _setting(
        1.0,
        "network",
        Real(0, 100, decades(-2), without_low=True),
        "reset",
        "The standard deviation of the first weights and biases, for initialization normal only.",
    )
    batch_norm: bool = _setting(
        False,
        "network",
        Flag(),
        "reset",
        "Batch normalisation: gives the sums of each hidden unit mean 0 and deviation 1 over the "
        "batch, then a scale and shift that it learns. Allows larger rates.",
    )
    optimizer: str = _setting(
        "adam",
        "optimizer",
        Choice(("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")),
        "next batch",
        "How a gradient becomes a change of the weights. sgd: learning rate times gradient; "
        "momentum and nesterov keep rolling; the others give every weight a step size of its "
        "own. A change starts with fresh moments.",
    )
    learning_rate: float = _setting(
        0.001,
        "optimizer",
        Real(0, 1e12, decades(-6), without_low=True),
        "next batch",
        "How far each step goes against the gradient. "
        "Too small learns slowly, too large makes the loss jump or diverge.",
    )
    batch_size: int = _setting(
        128,
        "optimizer",
        Whole(1, 1_000_000, DOUBLING),
        "next batch",
        "Images whose gradients are averaged for one step. "
        "Smaller batches make noisier, but more, steps in an epoch.",
    )
    momentum: float = _setting(
        0.9,
        "optimizer",
        Real(0, 1, TOWARDS_ONE, without_high=True),
        "next batch",
        "How much of the last direction is kept at each step, for momentum, nesterov, adam "
        "(there called beta 1) and adamw.",
    )
    beta2: float = _setting(
        0.999,
        "optimizer",
        Real(0, 1, TOWARDS_ONE, without_high=True),
        "next batch",
        "How much of the mean of squared gradients is kept at each step, for rmsprop, adam and "
        "adamw.",
    )
    schedule: str = _setting(
        "constant",
        "schedule",
        Choice(("constant", "step", "exponential", "cosine", "one-cycle", "plateau")),
        "next batch",
        "How the learning rate changes over the run. cosine falls to 0 at the end; one-cycle "
        "rises first; plateau falls when the held-out loss stops falling.",
    )
    warmup: float = _setting(
        0.0,
        "schedule",
        Real(0, 1000, Even(0.5)),
        "next batch",
        "Epochs in which the learning rate rises in a line to its full value.",
    )
    decay_factor: float = _setting(
        0.5,
        "schedule",
        Real(0, 1, Even(0.05), without_low=True),
        "next batch",
        "What the rate is multiplied by, for step, exponential and plateau.",
    )
    decay_epochs: int = _setting(
        5,
        "schedule",
        Whole(1, 10_000),
        "next batch",
        "Epochs between two such falls; for plateau, epochs without a lower held-out loss.",
    )
    dropout: float = _setting(
        0.0,
        "regularization",
        Real(0, 1, Even(0.05), without_high=True),
        "next batch",
        "Share of the hidden units' outputs set to 0 at random in each batch, so that none is "
        "relied on too much.",
    )
    weight_decay: float = _setting(
        0.0,
        "regularization",
        Real(0, 10, decades(-4)),
        "next batch",
        "Shrinks all weights by this share, times the learning rate, at each step (decoupled, "
        "for adamw only).",
    )
    l2: float = _setting(
        0.0,
        "regularization",
        Real(0, 10, decades(-5)),
        "next batch",
        "Adds half of this times the sum of squared weights to what is minimised (not to the "
        "loss that is shown), so that weights stay small.",
    )
    label_smoothing: float = _setting(
        0.0,
        "regularization",
        Real(0, 1, Even(0.05), without_high=True),
        "next batch",
        "Asks for a little less than certainty: this share of the right answer is spread over "
        "all classes (the loss that is shown stays without).",
    )
    clip_norm: float = _setting(
        0.0,
        "regularization",
        Real(0, 1e6, decades(-1)),
        "next batch",
        "The longest that a gradient, taken as one vector, may be; a longer one is shortened. "
        "0 leaves all as they are.",
    )
    flip: float = _setting(
        0.0,
        "regularization",
        Real(0, 1, Even(0.05)),
        "next batch",
        "Share of the training images that are mirrored, left to right, at random.",
    )
    shift: int = _setting(
        0,
        "regularization",
        Whole(0, 100),
        "next batch",
        "Pixels by which each training image is moved at most, up or down and sideways.",
    )
    erase: float = _setting(
        0.0,
        "regularization",
        Real(0, 1, Even(0.05)),
        "next batch",
        "Share of the training images in which a random rectangle is blackened.",
    )
    validation: int = _setting(
        5000,
        "data",
        Whole(0, 1_000_000, Even(1000)),
        "reset",
        "Training images held out, the same share of each class, to watch how the network does "
        "on images it was not trained on. 0 trains on all of them and watches the test set.",
    )
    epochs: int = _setting(
        10,
        "run",
        Whole(1, 1_000_000),
        "next batch",
        "How many times the run goes through all training images.",
    )
    patience: int = _setting(
        0,
        "run",
        Whole(0, 1_000_000),
        "next batch",
        "Epochs without a lower held-out loss after which the run stops early and goes back to "
        "the weights that did best. 0 never stops early.",
    )
    seed: int = _setting(
        0,
        "run",
        Whole(0, 2**32 - 1),
        "reset",
        "Where the random numbers start: first weights, held-out images, order of the images. "
        "The same seed gives the same run.",
    )
    timeline_memory: int = _setting(
        256,
        "run",
        Whole(1, 65_536),
        "reset",
        "Megabytes for states of the run, from which one goes back to any step. When they are "
        "full, every second state is dropped, and going back takes a little longer.",
    )

    def __post_init__(self) -> None:
        if isinstance(self.hidden, list):
            object.__setattr__(self, "hidden", tuple(self.hidden))
        for setting in SETTINGS.values():
            value = setting.check(getattr(self, setting.name))
            if isinstance(setting.kind, Real):
                object.__setattr__(self, setting.name, float(value))
        if self.weight_decay and self.optimizer != "adamw":
            raise ConfigError(
                "weight_decay",
                f"weight decay works with adamw only, not with {self.optimizer}; l2 works with all",
            )
        if self.patience and not self.validation:
            raise ConfigError(
                "patience",
                "patience needs held-out images, or the run would be tuned on the test set; "
                "set validation above 0, or patience to 0",
            )

    def replace(self, **changes: Any) -> "Config":
        """A copy with some fields changed; ConfigError if one is out of range or unknown."""
        for name in changes:
            if name not in SETTINGS:
                raise ConfigError(name, f"{name} is not a setting; there are {', '.join(SETTINGS)}")
        return dataclasses.replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


SETTINGS: dict[str, Setting] = {
    field.name: Setting(name=field.name, **field.metadata) for field in dataclasses.fields(Config)
}
