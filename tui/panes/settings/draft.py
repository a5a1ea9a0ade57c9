"""The values you want for the settings, next to those of the run: the form without a screen."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from core.config.config import SETTINGS, Config
from core.config.presets import presets
from core.errors import ConfigError

PRESET = "preset"
_NAMED = 3  # settings, at most


class Draft:
    """A preset and the config made from it, next to the config of the run.

    preset: the name of the preset chosen last; wanted: the config that a restart uses. A value is
    *sent* while it is on its way to the run, until the run confirms it. Each change can be undone.
    """

    def __init__(self, config: Config, preset: str) -> None:
        self.presets = presets()
        self.wanted = config
        self.preset = preset or min(self.presets, key=self.difference)
        self._run_config = config
        self._sent: dict[str, Any] = {}
        self._waiting: set[str] = set()  # what was pending before the run had its config
        self._undo_stack: list[tuple[str, Config]] = []

    def __getitem__(self, name: str) -> Any:
        """The wanted value of a setting, or the name of the preset."""
        return self.preset if name == PRESET else getattr(self.wanted, name)

    @property
    def description(self) -> str:
        """What the preset is for, or which settings differ from it."""
        if differing := [name for name in SETTINGS if self.is_changed(name)]:
            count = len(differing)
            start = f"{count} settings differ" if count > 1 else "1 setting differs"
            names = ", ".join(SETTINGS[name].label for name in differing[:_NAMED])
            more = f" and {count - _NAMED} more" if count > _NAMED else ""
            return f'{start} from the preset "{self.preset}": {names}{more}.'
        return f"{self.presets[self.preset].description}."

    @property
    def is_preset(self) -> bool:
        """Whether the wanted config equals the preset's."""
        return self.wanted == self.presets[self.preset].config

    @property
    def pending(self) -> list[str]:
        """The settings whose wanted value is neither that of the run nor sent."""
        return [name for name in SETTINGS if self[name] != self._expected(name)]

    def difference(self, preset: str) -> int:
        """The number of settings whose wanted value differs from that of a preset."""
        return sum(self[name] != getattr(self.presets[preset].config, name) for name in SETTINGS)

    def is_changed(self, name: str) -> bool:
        """Whether the wanted value of a setting differs from that of the preset."""
        return bool(self[name] != getattr(self.presets[self.preset].config, name))

    def change(self, name: str, value: Any) -> None:
        """Changes one setting, or all of them if `name` is PRESET.

        Raises ConfigError, and changes nothing, if the value clashes with the others.
        """
        before = (self.preset, self.wanted)
        if name == PRESET:
            self.preset, self.wanted = value, self.presets[value].config
        else:
            self.wanted = self.wanted.replace(**{name: value})
        self._undo_stack.append(before)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return any(before != (self.preset, self.wanted) for before in self._undo_stack)

    def undo(self) -> list[str]:
        """Undoes the last change. Returns the names that have another value now, if any."""
        current = before = (self.preset, self.wanted)
        while self._undo_stack and before == current:  # it was refused, or changed back
            before = self._undo_stack.pop()
        self.preset, self.wanted = before
        names = [name for name in SETTINGS if getattr(current[1], name) != self[name]]
        return names if self.preset == current[0] else [PRESET, *names]

    def send(self, name: str) -> bool:
        """Marks the wanted value of a setting as sent.

        Returns False if there is nothing to send: the value applies at a restart only, or the
        run already has it, or it is sent.
        """
        if not _applies_live(name) or self[name] == self._expected(name):
            return False
        self._sent[name] = self[name]
        return True

    def forget_sent(self) -> None:
        """Drops the sent values: the run they were for has ended."""
        self._sent.clear()

    def confirm(self, config: Config) -> None:
        """Notes the config of the run; sent values that it contains are confirmed."""
        self._waiting = set(self.pending)
        self._run_config = config
        for name, value in list(self._sent.items()):
            if getattr(config, name) == value:
                del self._sent[name]

    def refuse(self, name: str) -> dict[str, str]:
        """Drops a value that the run refused; the value of the run is wanted again.

        Wanted values of other settings that clash with it are dropped, too. Returns a sentence
        about each, by setting.
        """
        self._sent.pop(name, None)
        return self._take_from_run([name])

    def follow_run(self) -> tuple[list[str], dict[str, str]]:
        """Wants the values of the run, after it moved to another step.

        Values that are sent, or that wait for a restart, stay; those that clash are dropped.
        Returns the names that have another value now, and a sentence about each dropped value, by
        setting. Not a change that can be undone.
        """
        before = self.wanted
        stay = self._sent.keys() | self._waiting
        live = [name for name in SETTINGS if _applies_live(name) and name not in stay]
        dropped = self._take_from_run(live)
        return [name for name in SETTINGS if getattr(before, name) != self[name]], dropped

    def adopt(self, config: Config) -> None:
        """Wants a config as a whole, that of another run, and takes the preset next to it."""
        if config != self.wanted:
            self._undo_stack.append((self.preset, self.wanted))
            self.wanted = config
            self.preset = min((self.preset, *self.presets), key=self.difference)

    def _take_from_run(self, names: Collection[str]) -> dict[str, str]:
        """Wants the run's values of these settings, and of those that clash with them.

        Returns a sentence about each dropped value of the latter, by setting.
        """
        kept = {name: self[name] for name in SETTINGS if name not in names}
        config = self._run_config
        with suppress(ConfigError):
            self.wanted = config.replace(**kept)
            return {}
        dropped: dict[str, str] = {}
        count = None
        while len(kept) != count:  # repeated, because a value may fit only after another one
            count = len(kept)
            for name, value in list(kept.items()):
                try:
                    config = config.replace(**{name: value})
                    del kept[name]
                except ConfigError as error:
                    setting = SETTINGS[name]
                    dropped[name] = f"{setting.label} {setting.write(value)} was dropped: {error}"
        self.wanted = config
        for name in kept:
            self._sent.pop(name, None)
        return {name: dropped[name] for name in kept}

    def _expected(self, name: str) -> Any:
        """The value that the run has, or will have when it receives what is sent."""
        return self._sent.get(name, getattr(self._run_config, name))


def _applies_live(name: str) -> bool:
    return name in SETTINGS and SETTINGS[name].applies == "next batch"
