"""Presets: named configs, stored in `assets/presets/` as TOML files.

A file holds a description and any of the settings; the other settings keep their defaults.
"""

import tomllib
from dataclasses import dataclass

from core.assets import ASSETS
from core.config.config import Config


@dataclass(frozen=True)
class Preset:
    """A named config and one line that says what it is for."""

    name: str
    description: str
    config: Config


def included() -> dict[str, Preset]:
    """Returns the presets of the program by name, `default` first."""
    return presets()


def presets() -> dict[str, Preset]:
    """Returns all presets by name, `default` first."""
    paths = sorted((ASSETS / "presets").glob("*.toml"), key=lambda p: (p.stem != "default", p.name))
    result = {}
    for path in paths:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        description = values.pop("description")
        result[path.stem] = Preset(path.stem, description, Config().replace(**values))
    return result
