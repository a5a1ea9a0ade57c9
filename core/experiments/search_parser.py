"""The parser of `--set`: which settings a sweep searches, and with which values."""

from collections.abc import Sequence
from typing import Any

from core.config.config import SETTINGS
from core.config.kinds import Real, Sizes, Whole
from core.config.settings import Setting
from core.errors import ConfigError
from core.experiments.search_space import Range, SearchSpace, Values, write
from core.text import suggestion

_RANGE = ".."
_REFUSED = {
    "threads": "the jobs share the threads",
    "timeline_memory": "it changes no result",
    "validation": "accuracies on other validation sets do not compare",
}


def parse(texts: Sequence[str]) -> SearchSpace:
    """Returns what a person entered: SETTING=VALUE,VALUE or SETTING=LOW..HIGH, each once.

    In `hidden`, layers are joined by hyphens: hidden=64,128-64. Raises ConfigError.
    """
    if not texts:
        raise _error("enter what to search: --set learning-rate=0.001,0.003,0.01")
    dimensions: list[Values | Range] = []
    for text in texts:
        option, equals, values = text.partition("=")
        if not (option.strip() and equals):
            raise _error(f"enter SETTING=VALUES in place of {text}: learning-rate=0.001,0.01")
        setting = _setting(option)
        if any(one.setting is setting for one in dimensions):
            raise _error(f"{setting.option} is given twice; put all its values into one --set")
        dimensions.append(_dimension(setting, values))
    return SearchSpace(tuple(dimensions))


def is_searchable(name: str) -> bool:
    """Returns whether a setting can be searched."""
    return name in SETTINGS and name not in _REFUSED


def _setting(option: str) -> Setting:
    name = option.replace("-", "_")
    if name not in SETTINGS:
        known = [one.option for one in SETTINGS.values() if is_searchable(one.name)]
        hint = suggestion(option, known, "fashion-tui sweep --help has them")
        raise _error(f"{option} is not a setting; {hint}")
    if name in _REFUSED:
        raise _error(f"{option} cannot be searched: {_REFUSED[name]}")
    return SETTINGS[name]


def _dimension(setting: Setting, text: str) -> Values | Range:
    low, dots, high = text.partition(_RANGE)
    if dots:
        return _range(setting, low, high)
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise _error(f"{setting.option}: enter at least one value, with one comma between two")
    values = tuple(_parse(setting, part) for part in parts)
    for place, value in enumerate(values):
        if value in values[:place]:
            raise _error(f"{setting.option}: {write(setting, value)} is given twice")
    return Values(setting, values)


def _range(setting: Setting, low: str, high: str) -> Range:
    if not isinstance(setting.kind, Real | Whole):
        raise _error(f"{setting.option} has no range of numbers; enter its values: VALUE,VALUE")
    if not (low.strip() and high.strip()):
        raise _error(f"{setting.option}: enter both ends of the range {low}..{high}")
    start, end = _parse(setting, low), _parse(setting, high)
    if start > end:
        raise _error(f"{setting.option}: the range {low}..{high} is reversed; enter {high}..{low}")
    if start == end:
        raise _error(f"{setting.option}: the range {low}..{high} has one value; enter {low}")
    return Range(setting, start, end)


def _parse(setting: Setting, text: str) -> Any:
    try:
        value = setting.parse(text.replace("-", ",") if isinstance(setting.kind, Sizes) else text)
    except ConfigError as error:
        # Here, commas separate the values.
        allowed = str(error).replace(
            "separated by commas, for example 128,64", "joined by hyphens, for example 128-64"
        )
        raise _error(f"{allowed}, in place of {text}") from None
    return float(value) if isinstance(setting.kind, Real) else value


def _error(message: str) -> ConfigError:
    return ConfigError("set", f"--set: {message}")
