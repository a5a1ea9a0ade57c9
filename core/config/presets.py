"""Presets: named configs as TOML files, those of the program and the user's own."""

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from platformdirs import user_config_path

from core.assets import ASSETS
from core.config import config_file
from core.config.config import Config
from core.directories import expanded
from core.errors import ConfigError
from core.text import suggestion

VARIABLE = "FASHION_TUI_PRESETS"
"""The environment variable that names another directory for the user's presets."""

_NAME = re.compile("[a-z0-9_-]{1,24}")
_MAX_PRESETS = 200  # of the user


@dataclass(frozen=True)
class Preset:
    """A named config and one line that says what it is for."""

    name: str
    description: str
    config: Config


def own_directory() -> Path:
    """Returns where the user's presets are: FASHION_TUI_PRESETS, or a directory of the user's
    configuration."""
    chosen = os.environ.get(VARIABLE)
    return expanded(chosen) if chosen else user_config_path("fashion-tui", False) / "presets"


@cache
def included() -> dict[str, Preset]:
    """Returns the presets of the program by name, `default` first."""
    paths = sorted((ASSETS / "presets").glob("*.toml"), key=lambda p: (p.stem != "default", p.name))
    return {path.stem: _read(path) for path in paths}


def presets() -> dict[str, Preset]:
    """Returns all presets by name, `default` first, then the user's own that can be used."""
    return included() | _own()[0]


def faults() -> list[str]:
    """Returns a sentence about each of the user's presets that cannot be used."""
    return _own()[1]


def find(name: str) -> Preset:
    """Returns the preset with this name. Raises ConfigError if there is none that can be used."""
    own, faults = _own()
    for preset in (included().get(name), own.get(name)):
        if preset:
            return preset
    for fault in faults:
        if fault.startswith(f"{own_directory() / name}.toml"):
            raise ConfigError("preset", fault)
    known = (*included(), *own)
    hint = suggestion(name, known, f"enter one of {', '.join(known)}")
    raise ConfigError("preset", f"there is no preset {name}; {hint}")


def _own() -> tuple[dict[str, Preset], list[str]]:
    """The user's presets by name, and a sentence about each that cannot be used."""
    found, faults = {}, []
    try:
        paths = sorted(own_directory().glob("*.toml"))[:_MAX_PRESETS]
    except OSError:
        paths = []
    for path in paths:
        try:
            if path.stem in included():
                raise ConfigError("preset", f"{path}: the program has a preset of this name")
            if not _NAME.fullmatch(path.stem):
                raise ConfigError(
                    "preset",
                    f"{path}: choose a name of up to 24 letters from a to z, digits, - or _",
                )
            found[path.stem] = _read(path)
        except ConfigError as error:
            faults.append(str(error))
    return found, faults


def _read(path: Path) -> Preset:
    config, description = config_file.read(path)
    return Preset(path.stem, description or "Settings of your own", config)
