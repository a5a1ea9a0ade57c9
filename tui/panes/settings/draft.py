"""What a person wants of the settings, and what they wanted before: the form without a screen."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from core.config.config import SETTINGS, Config
from core.config.presets import presets
from core.errors import ConfigError

PRESET = "preset"
_DEFAULTS = Config()


class Draft:
    """A preset and the config that has become of it. Each change can be taken back."""

    def __init__(self, config: Config, preset: str) -> None:
        self.presets = presets()
        self.preset = preset
        self.config = config
        self._past: list[tuple[str, Config]] = []
        self._nudged = ""

    def __getitem__(self, name: str) -> Any:
        """The value of a setting, or the name of the preset."""
        return self.preset if name == PRESET else getattr(self.config, name)

    @property
    def description(self) -> str:
        """What the preset is for."""
        return f"{self.presets[self.preset].description}."

    @property
    def is_preset(self) -> bool:
        """Whether the config still is the preset's."""
        return self.config == self.presets[self.preset].config

    def is_default(self, name: str) -> bool:
        return bool(self[name] == getattr(_DEFAULTS, name))

    def change(self, name: str, value: Any, nudged: bool = False) -> None:
        """Gives one setting, or by a preset all, another value. ConfigError if they clash.

        Nudges of the same setting, one after the other, are taken back together.
        """
        before = (self.preset, self.config)
        if name == PRESET:
            self.preset, self.config = value, self.presets[value].config
        else:
            self.config = self.config.replace(**{name: value})
        if not nudged or name != self._nudged:
            self._past.append(before)
        self._nudged = name if nudged else ""

    def refuse(self, name: str, value: Any) -> None:
        """What the run could not take is no change; `value` is in force."""
        self.config = self.config.replace(**{name: value})

    def adopt(self, values: Mapping[str, Any]) -> list[str]:
        """Takes over values that are in force; no change to take back. Returns the names of what
        is another now: none if they clash with what else is wanted."""
        before = self.config
        with suppress(ConfigError):
            self.config = before.replace(**values)
        return [name for name in values if getattr(before, name) != self[name]]

    def rest(self) -> None:
        """The next nudge is a change of its own."""
        self._nudged = ""

    def take_back(self) -> list[str]:
        """Goes back by one change; returns the names of what is another now, none at the start."""
        self.rest()
        now = before = (self.preset, self.config)
        while self._past and before == now:  # that change was refused, or nudged back
            before = self._past.pop()
        self.preset, self.config = before
        names = [name for name in SETTINGS if getattr(now[1], name) != self[name]]
        return names if self.preset == now[0] else [PRESET, *names]
