"""Selects runs by words and terms, such as `adam acc>0.88 star`."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.config.config import SETTINGS
from core.config.kinds import Choice, Real, Sizes, Whole
from core.errors import ConfigError
from core.runs.summary import RunSummary
from core.text import suggestion

_TERM = re.compile(r"(.*?)(>=|<=|!=|>|<|=)(.*)", re.DOTALL)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?%?")
_SPACES = re.compile(r"\s*(>=|<=|!=|>|<|=)\s*")
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_SHARES = {"acc": "best_accuracy", "last": "last_accuracy", "test": "test_accuracy"}
_NUMBERS = _SHARES | {
    "steps": "step",
    "trained": "epochs",
    "speed": "images_per_second",
    "parameters": "parameters",
}
_TEXTS = {"name": "name", "note": "notes", "data": "data", "state": "state"}
_CHOICES = [name for name, setting in SETTINGS.items() if isinstance(setting.kind, Choice)]
_SETTINGS = {"lr": "learning_rate"} | {setting.option: name for name, setting in SETTINGS.items()}


@dataclass(frozen=True)
class Query:
    """Conditions that a run must all meet. Without any, every run does."""

    conditions: tuple[Callable[[RunSummary], bool], ...] = ()

    def __call__(self, run: RunSummary) -> bool:
        return all(condition(run) for condition in self.conditions)


def parse(text: str) -> Query:
    """Returns the query that a person entered. Raises ConfigError if a term is not understood.

    Words and terms are separated by spaces; upper and lower case are the same.

    - `star`: the run has a star.
    - `otter`: the word is in the name, the notes or the name of the dataset, or the state or a
      setting such as the optimizer begins with it.
    - `acc>0.88` or `acc>88%`: a number, compared by >, >=, <, <=, = or !=. It is a result (`acc`,
      the best validation accuracy; `last`; `test`), `steps`, `trained` (epochs), `speed` (images
      per second), `parameters`, or a setting such as `batch-size` or `lr`. A run that does not
      have the number does not meet the condition.
      There may be spaces around the sign, and commas as in steps>=3,440.
    - `data:shirts`: the `name`, `note`, `data` or `state` contains the text.
      `optimizer:adam`: the setting has this value. = means the same as the colon, != the opposite.
      Hidden layers are written as `hidden:30,10` or `hidden:30-10`.
    """
    parts = _SPACES.sub(r"\1", text).split()
    return Query(tuple(_condition(part.casefold()) for part in parts))


def _condition(part: str) -> Callable[[RunSummary], bool]:
    if part == "star":
        return lambda run: run.star
    if term := _TERM.fullmatch(part):
        return _comparison(part, *term.groups())
    name, colon, text = part.partition(":")
    if not colon:
        return partial(_mentions, part)
    return _has(part, name, text)


def _has(part: str, name: str, text: str) -> Callable[[RunSummary], bool]:
    if name in _TEXTS:
        return lambda run: text in getattr(run, _TEXTS[name]).casefold()
    setting = SETTINGS[_setting(name, part, [*_TEXTS, *_SETTINGS])]
    if isinstance(setting.kind, Sizes):
        text = text.replace("-", ",")
    elif _is_number(setting.name):
        text = _without_thousands(text)
    value = setting.parse(text)
    return lambda run: getattr(run.config, setting.name) == value


def _comparison(part: str, name: str, sign: str, text: str) -> Callable[[RunSummary], bool]:
    setting_name = _SETTINGS.get(name.replace("_", "-"))
    if sign in ("=", "!=") and (name in _TEXTS or (setting_name and not _is_number(setting_name))):
        has = _has(part, name, text)
        return has if sign == "=" else lambda run: not has(run)
    compare, wanted = _SIGNS[sign], _number(part, name, text)
    if name in _NUMBERS:
        return partial(_compares, compare, wanted, lambda run: getattr(run, _NUMBERS[name]))
    numeric = [name for name, key in _SETTINGS.items() if _is_number(key)]
    setting = _setting(name, part, [*_NUMBERS, *numeric])
    return partial(_compares, compare, wanted, lambda run: getattr(run.config, setting))


def _compares(
    compare: Callable[[float, float], bool],
    wanted: float,
    value_of: Callable[[RunSummary], Any],
    run: RunSummary,
) -> bool:
    value = value_of(run)
    return value is not None and compare(value, wanted)


def _mentions(word: str, run: RunSummary) -> bool:
    texts = (run.name, run.notes, run.data)
    beginnings = [run.state, *(getattr(run.config, name) for name in _CHOICES)]
    return any(word in text.casefold() for text in texts) or any(
        beginning.startswith(word) for beginning in beginnings
    )


def _number(part: str, name: str, text: str) -> float:
    text = _without_thousands(text)
    percent = text.endswith("%") and name in _SHARES
    try:
        value = float(text.removesuffix("%")) / 100 if percent else float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise _error(part, "enter a number, for example acc>0.88 or steps>=1000")
    if name in _SHARES and abs(value) > 1:
        raise _error(part, "enter an accuracy from 0 to 1, for example acc>0.88 or acc>88%")
    return value


def _without_thousands(text: str) -> str:
    """Returns the text of a number without the commas between groups of three digits."""
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def _setting(name: str, part: str, known: list[str]) -> str:
    """Returns the field of Config that a name in a query stands for."""
    name = name.replace("_", "-")
    if name not in known:
        listed = f"enter one of {', '.join(known)}"
        if not name:
            raise _error(part, f"{listed} before the sign")
        exists = name in _TEXTS or name in _SETTINGS
        fault = "has no numbers to compare" if exists else "is not a column or setting"
        raise _error(part, suggestion(name, known, f"{name} {fault}; {listed}"))
    return _SETTINGS[name]


def _is_number(setting: str) -> bool:
    return isinstance(SETTINGS[setting].kind, Real | Whole)


def _error(part: str, message: str) -> ConfigError:
    return ConfigError("filter", f"filter {part}: {message}")
