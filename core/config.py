"""The hyperparameters of a run: frozen, checked when made, each described where it stands.

Presets are TOML files in `assets/presets/`: a description and any of the fields.
"""

import dataclasses
import tomllib
from dataclasses import dataclass
from typing import Any

from core.assets import ASSETS
from core.errors import ConfigError
from core.settings import Applies, Choice, Kind, Real, Setting, Sizes, Whole


def _setting(default: Any, kind: Kind, applies: Applies, meaning: str) -> Any:
    return dataclasses.field(
        default=default, metadata={"kind": kind, "applies": applies, "meaning": meaning}
    )


@dataclass(frozen=True)
class Config:
    """Everything that decides a run, besides the data. Raises ConfigError on a value out of range.

    Lists are taken for `hidden` and whole numbers for rates, as TOML and JSON write them.
    """

    hidden: tuple[int, ...] = _setting(
        (128, 64),
        Sizes(most=10, high=10_000),
        "reset",
        "Units in each hidden layer, from the image to the classes. "
        "More units can tell more apart, and take longer. None makes it softmax regression.",
    )
    initialization: str = _setting(
        "he",
        Choice(("he", "normal")),
        "reset",
        "How the first weights are drawn. "
        "he: deviation sqrt(2/inputs), biases 0, which keeps signals the same size through "
        "ReLU layers. normal: weights and biases alike with deviation 1, as the notebook does.",
    )
    optimizer: str = _setting(
        "adam",
        Choice(("sgd", "adam")),
        "next batch",
        "How a gradient becomes a change of the weights. "
        "sgd: learning rate times gradient. adam: a step size of its own for every weight. "
        "A change starts with fresh moments.",
    )
    learning_rate: float = _setting(
        0.001,
        Real(above=0, high=1e12),
        "next batch",
        "How far each step goes against the gradient. "
        "Too small learns slowly, too large makes the loss jump or diverge.",
    )
    batch_size: int = _setting(
        128,
        Whole(1, 1_000_000),
        "next batch",
        "Images whose gradients are averaged for one step. "
        "Smaller batches make noisier, but more, steps in an epoch.",
    )
    epochs: int = _setting(
        10,
        Whole(1, 1_000_000),
        "next batch",
        "How many times the run goes through all training images.",
    )
    validation: int = _setting(
        5000,
        Whole(0, 1_000_000),
        "reset",
        "Training images held out, the same share of each class, to watch how the network does "
        "on images it was not trained on. 0 trains on all of them and watches the test set.",
    )
    seed: int = _setting(
        0,
        Whole(0, 2**32 - 1),
        "reset",
        "Where the random numbers start: first weights, held-out images, order of the images. "
        "The same seed gives the same run.",
    )

    def __post_init__(self) -> None:
        if isinstance(self.hidden, list):
            object.__setattr__(self, "hidden", tuple(self.hidden))
        for setting in SETTINGS.values():
            setting.check(getattr(self, setting.name))
        object.__setattr__(self, "learning_rate", float(self.learning_rate))

    def replace(self, **changes: Any) -> "Config":
        """A copy with some fields changed; ConfigError if one is out of range or unknown."""
        for name in changes:
            if name not in SETTINGS:
                raise ConfigError(name, f"{name} is not a setting; there are {', '.join(SETTINGS)}")
        return dataclasses.replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


SETTINGS: dict[str, Setting] = {
    field.name: Setting(
        field.name, field.metadata["kind"], field.metadata["meaning"], field.metadata["applies"]
    )
    for field in dataclasses.fields(Config)
}


@dataclass(frozen=True)
class Preset:
    """A named config and the sentence that says what it is for."""

    name: str
    description: str
    config: Config


def presets() -> dict[str, Preset]:
    """All presets by name, `default` first."""
    found = {}
    for path in sorted(
        (ASSETS / "presets").glob("*.toml"), key=lambda p: (p.stem != "default", p.name)
    ):
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        description = values.pop("description")
        found[path.stem] = Preset(path.stem, description, Config().replace(**values))
    return found
