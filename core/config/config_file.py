"""A config as a TOML file: a description and any of the settings, the others at their defaults."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from core.config.config import SETTINGS, Config
from core.config.kinds import Flag, Sizes
from core.data.files import opened
from core.errors import ConfigError, DataError, SettingError
from core.text import printable

_MAX_BYTES = 100_000
_MAX_DESCRIPTION = 200  # characters
_EXAMPLES = 'hidden = [128, 64] or optimizer = "adam"'


def read(path: Path) -> tuple[Config, str]:
    """Returns the config and its description, "" without one.

    Raises ConfigError, which names the file, if it is not such a file or a value cannot be used.
    """
    try:
        with opened(path) as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ConfigError("config", f"it has more than {_MAX_BYTES:,} bytes")
        values = tomllib.loads(content.decode("utf-8-sig"))
        description = values.pop("description", "")
        if not isinstance(description, str) or len(description) > _MAX_DESCRIPTION:
            raise ConfigError(
                "config", f"description: enter text of at most {_MAX_DESCRIPTION} characters"
            )
        return Config().replace(**values), printable(description)
    except DataError as error:
        raise ConfigError("config", str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        fault = f"{toml_fault(error)}; write one setting a line, such as {_EXAMPLES}"
        raise ConfigError("config", f"{path} is not a TOML file: {fault}") from error
    except ConfigError as error:
        raise ConfigError(error.field, f"{path}: {_in_toml(error)}") from error


def write(config: Config, description: str = "") -> str:
    """Returns the text of a file from which `read` makes the same config."""
    lines = [f"description = {_text(description)}"] if description else []
    lines += [f"{name} = {_value(getattr(config, name))}" for name in SETTINGS]
    return "\n".join(lines) + "\n"


def toml_fault(error: Exception) -> str:
    """Returns what is wrong with the text of a TOML file, and in which line, if that is known."""
    if isinstance(error, UnicodeDecodeError):
        return "it has bytes that are not text in UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    reason, _, place = str(error).rpartition(" (at ")
    if reason == "Cannot overwrite a value":
        return "a name is given twice"
    line = re.match(r"line \d+", place)
    return f"expected NAME = VALUE in {line[0]}" if line else "its end is missing"


def _in_toml(error: ConfigError) -> str:
    """Returns the message, with the TOML form of the value if that differs from what a person
    types."""
    if not isinstance(error, SettingError):  # but about several settings, or about no setting
        return str(error)
    match SETTINGS[error.field].kind:
        case Sizes(count, high):
            allowed = f"up to {count} whole numbers from 1 to {high:,}"
            return f"{error.field}: enter a list of {allowed}, such as [128, 64], or [] for none"
        case Flag():
            return f"{error.field}: enter true or false"
    return str(error)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    # JSON's escapes are TOML's, too, and all its other characters are printable.
    return json.dumps(printable(text)[:_MAX_DESCRIPTION], ensure_ascii=False)
