"""Named configs: TOML files in `assets/presets/`, a description and any of the settings."""

import tomllib
from dataclasses import dataclass

from core.assets import ASSETS
from core.config.config import Config


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
