"""Checks the values in a run file: each function returns the value, or raises ValueError."""

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config.config import SETTINGS
from core.events import Branch

_MAX_BRANCHES = 100_000

_Optional = NDArray[Any] | None


def whole(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise ValueError(f"{str(value)[:30]!r} is not a number of steps or branches")
    return value


def setting(name: str, text: str) -> object:
    """Returns the value of a setting."""
    value = json.loads(text)
    return SETTINGS[name].check(tuple(value) if isinstance(value, list) else value)


def array(data: object, kind: type[np.generic]) -> NDArray[Any] | None:
    if data is None:
        return None
    if not isinstance(data, bytes):
        raise ValueError("predictions are not binary")
    return np.frombuffer(data, kind)


def column(values: NDArray[Any], kind: Any) -> NDArray[Any]:
    if kind is np.int64 and (abs(values) > 1 << 53).any():
        raise ValueError("a step has a number that is too large")
    return values.astype(kind)


def finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("an evaluation has a number that is not finite")
    return float(value)


def predictions(predicted: _Optional, probability: _Optional) -> tuple[_Optional, _Optional]:
    """Raises ValueError unless both are there, for the same images, or both were dropped."""
    if predicted is None or probability is None:
        is_complete = predicted is probability
    else:
        is_complete = len(predicted) == len(probability)
    if not is_complete:
        raise ValueError("an evaluation lacks a part of its predictions")
    return predicted, probability


def tree(branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
    """Raises ValueError unless each branch comes after its parent and starts on it."""
    if not 0 < len(branches) < _MAX_BRANCHES:
        raise ValueError("it has no branches, or too many")
    for number, branch in enumerate(branches):
        first = branch.parent is None
        known = first or branch.parent < number  # type: ignore[operator]
        if branch.number != number or first != (number == 0) or not known:
            raise ValueError("its branches are not a tree")
        last = branch.end if first else branches[branch.parent].end  # type: ignore[index]
        if branch.fork > min(last, branch.end):
            raise ValueError("a branch starts after the end of its parent")
        if any(not branch.fork <= change.step <= branch.end for change in branch.changes):
            raise ValueError("a setting is changed outside its branch")
    return branches
