"""The values you want for the settings, next to those the run has: the form without a screen."""

from contextlib import suppress
from typing import Any

from core.config.config import SETTINGS, Config
from core.config.presets import presets
from core.errors import ConfigError

PRESET = "preset"
_DEFAULTS = Config()


class Draft:
    """A preset and the config made from it, next to the config of the run.

    preset: the name of the preset chosen last; wanted: the config that a restart uses. A value is
    *sent* from when it is on its way to the run until the run confirms it, and *in force* when
    the run uses it. Each change can be undone.
    """

    def __init__(self, config: Config, preset: str) -> None:
        self.presets = presets()
        self.preset = preset
        self.wanted = config
        self._in_force = config
        self._sent: dict[str, Any] = {}
        self._undo_stack: list[tuple[str, Config]] = []
        self._nudged = ""  # the setting changed last, if by a nudge

    def __getitem__(self, name: str) -> Any:
        """The wanted value of a setting, or the name of the preset."""
        return self.preset if name == PRESET else getattr(self.wanted, name)

    @property
    def description(self) -> str:
        """What the preset is for."""
        return f"{self.presets[self.preset].description}."

    @property
    def is_preset(self) -> bool:
        """Whether the wanted config equals the preset's."""
        return self.wanted == self.presets[self.preset].config

    @property
    def pending(self) -> list[str]:
        """The settings whose wanted value is neither in force nor sent."""
        return [name for name in SETTINGS if self[name] != self._coming(name)]

    def is_default(self, name: str) -> bool:
        """Whether the wanted value of a setting is its default."""
        return bool(self[name] == getattr(_DEFAULTS, name))

    def change(self, name: str, value: Any, nudged: bool = False) -> None:
        """Changes one setting, or all of them if `name` is PRESET.

        Consecutive nudges of the same setting count as one change. Raises ConfigError, and
        changes nothing, if the value clashes with the others.
        """
        before = (self.preset, self.wanted)
        if name == PRESET:
            self.preset, self.wanted = value, self.presets[value].config
        else:
            self.wanted = self.wanted.replace(**{name: value})
        if not nudged or name != self._nudged:
            self._undo_stack.append(before)
        self._nudged = name if nudged else ""

    def end_nudge(self) -> None:
        """Makes the next nudge a change of its own."""
        self._nudged = ""

    def undo(self) -> list[str]:
        """Undoes the last change. Returns the names that have another value now, if any."""
        self.end_nudge()
        current = before = (self.preset, self.wanted)
        while self._undo_stack and before == current:  # it was refused, or nudged back
            before = self._undo_stack.pop()
        self.preset, self.wanted = before
        names = [name for name in SETTINGS if getattr(current[1], name) != self[name]]
        return names if self.preset == current[0] else [PRESET, *names]

    def send(self, name: str) -> bool:
        """Marks the wanted value of a setting as sent.

        Returns False if there is nothing to send: the value applies at a restart only, or is
        already in force or sent.
        """
        if not _applies_live(name) or self[name] == self._coming(name):
            return False
        self._sent[name] = self[name]
        return True

    def forget_sent(self) -> None:
        """Drops the sent values: the run they were for has ended."""
        self._sent.clear()

    def confirm(self, config: Config) -> None:
        """Notes the config of the run; sent values that it contains are confirmed."""
        self._in_force = config
        for name, value in list(self._sent.items()):
            if getattr(config, name) == value:
                del self._sent[name]

    def refuse(self, name: str) -> None:
        """Drops a value that the run refused; the value in force is wanted again."""
        self._sent.pop(name, None)
        with suppress(ConfigError):  # it may clash with other wanted values
            self.wanted = self.wanted.replace(**{name: self._coming(name)})

    def adopt(self) -> list[str]:
        """Makes the values in force wanted, after the run moved to another step.

        Values that are sent, or that apply at a restart, stay. Returns the names that have
        another value now: none if the values clash with others that are wanted. Not a change that
        can be undone.
        """
        names = [name for name in SETTINGS if _applies_live(name) and name not in self._sent]
        before = self.wanted
        with suppress(ConfigError):
            self.wanted = before.replace(**{name: getattr(self._in_force, name) for name in names})
        return [name for name in names if getattr(before, name) != self[name]]

    def _coming(self, name: str) -> Any:
        """The value that is sent, or else in force."""
        return self._sent.get(name, getattr(self._in_force, name))


def _applies_live(name: str) -> bool:
    return name in SETTINGS and SETTINGS[name].applies == "next batch"
