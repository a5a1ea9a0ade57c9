"""How the user wants the screen to look, kept in a small TOML file from one start to the next."""

import json
import os
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

from platformdirs import user_config_path
from textual.widget import Widget

from core.config.config_file import toml_fault
from core.config.settings import GROUPS
from core.data.files import opened
from core.directories import expanded
from core.errors import ConfigError, DataError, os_reason
from tui.drawing.pictures import Pictures

VARIABLE = "FASHION_TUI_PREFERENCES"
"""The environment variable that names another file for the preferences."""

COACH = ("off", "quiet", "on")

PICTURES = tuple(kind.name.lower() for kind in Pictures)

MAX_COMMANDS = 8

_MAX_BYTES = 10_000


@dataclass(frozen=True)
class Preferences:
    """What the screen remembers.

    theme: its name; None for the first of ours. pictures: one of PICTURES; None for those that
    suit the terminal. thumbnails: whether images and units are drawn at half size. log_loss:
    whether the loss has a logarithmic axis. percent: whether the confusion matrix shows percent of
    the row. unfolded: the groups of settings that are not folded; None until the user folds or
    unfolds one. commands: those chosen in the
    palette, the latest first, at most MAX_COMMANDS. coach: one of COACH: whether the coach says
    nothing, names problems in the status line, or shows toasts and notes, too.
    """

    theme: str | None = None
    pictures: str | None = None
    thumbnails: bool = True
    log_loss: bool = False
    percent: bool = False
    unfolded: tuple[str, ...] | None = None
    commands: tuple[str, ...] = ()
    coach: str = "quiet"


def default_path() -> Path:
    """Returns the file: FASHION_TUI_PREFERENCES, or one in the user's configuration."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return expanded(chosen)
    return user_config_path("fashion-tui", False) / "preferences.toml"


class PreferencesFile:
    """The preferences in a file; without a path, they last until the program ends.

    contents: what is in it; the default of each preference that is not. fault: a sentence about
    what in it cannot be used, or None.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._writable = path is not None
        self.contents, self.fault = Preferences(), None
        if path is not None and os.path.lexists(path):
            try:
                self.contents, unusable = _parse(_read(path))
                if unusable:
                    are, its = ("are", "their values") if unusable[1:] else ("is", "its value")
                    names = ", ".join(unusable)
                    self.fault = f"{path}: {names} {are} ignored: {its} cannot be used"
            except DataError as error:
                self.fault, self._writable = str(error), os.path.isfile(path)
            except ConfigError as error:
                self.fault = f"{path} is ignored: {error}"
            except (ValueError, RecursionError) as error:
                self.fault = f"{path} is ignored: {toml_fault(error)}"

    def remember(self, **values: Any) -> str | None:
        """Writes new values of some preferences; returns a sentence if that fails the first time.

        The others keep what the file has, whatever the command line says.
        """
        before = self.contents
        self.contents = replace(before, **values)
        if not self._writable or self.contents == before:
            return None
        try:
            _write(cast(Path, self._path), _text(self.contents))
        except OSError as error:
            self._writable = False
            return f"Preferences are not kept: {self._path} cannot be written: {os_reason(error)}"
        return None


def kept(widget: Widget) -> Preferences:
    """Returns the preferences of the widget's app."""
    preferences: Preferences = cast(Any, widget.app).preferences
    return preferences


def follow(widget: Widget, adopt: Callable[[Preferences], None]) -> None:
    """Calls `adopt` with the preferences of the widget's app, now and when they change."""
    widget.watch(widget.app, "preferences", adopt)


def remember(widget: Widget, **values: Any) -> None:
    """Changes preferences of the widget's app, for all that follow them, and keeps them."""
    cast(Any, widget.app).remember(**values)


def _read(path: Path) -> dict[str, Any]:
    with opened(path) as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ConfigError("preferences", f"it has more than {_MAX_BYTES:,} bytes")
    return tomllib.loads(content.decode("utf-8-sig"))


def _parse(values: dict[str, Any]) -> tuple[Preferences, list[str]]:
    """The preferences, and the names of those whose values cannot be used."""
    usable: dict[str, Any] = {}
    unusable = []
    for field in fields(Preferences):
        value = values.get(field.name, field.default)
        if isinstance(value, list):
            value = tuple(value)
        match field.name:
            case "theme":
                fits = value is None or isinstance(value, str)
            case "pictures":
                fits = value in (None, *PICTURES)
            case "coach":
                fits = value in COACH
            case "unfolded":
                fits = value is None or (
                    isinstance(value, tuple) and all(group in GROUPS for group in value)
                )
            case "commands":
                fits = isinstance(value, tuple) and all(isinstance(name, str) for name in value)
                value = value[:MAX_COMMANDS] if fits else value
            case _:
                fits = isinstance(value, bool)
        if fits:
            usable[field.name] = value
        else:
            unusable.append(field.name)
    return Preferences(**usable), unusable


def _text(preferences: Preferences) -> str:
    values = {name: value for name, value in asdict(preferences).items() if value is not None}
    # JSON's forms of these values are TOML's, too.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


def _write(path: Path, text: str) -> None:
    """Writes the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
