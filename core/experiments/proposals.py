"""Values to propose for the search of a setting: some below and above the present one."""

from typing import Any

from core.config.kinds import Choice, Flag, Sizes
from core.config.settings import Setting
from core.experiments.search_space import write

SEEDS = 5
"""How many seeds a repetition has at first."""

_STEPS = 2  # of the grid of a setting, between two values


def proposed(setting: Setting, value: Any) -> str:
    """Returns values as a person enters them: "0.001,0.003,0.01"."""
    if setting.name == "seed":
        return seeds(value, SEEDS)
    kind = setting.kind
    if isinstance(kind, Choice | Flag):
        return ",".join(kind.options)
    if value == ():
        return "none,32,128"
    if isinstance(kind, Sizes):
        found = [tuple(_moved(kind, (size,), up)[0] for size in value) for up in (False, True)]
    else:
        found = [_moved(kind, value, up) for up in (False, True)]
    values = dict.fromkeys((found[0], value, found[1]))
    if len(values) == 2:  # the value is at an end of its range
        values[_moved(kind, found[1] if value == found[0] else found[0], value == found[0])] = None
    return ",".join(write(setting, one) for one in sorted(values))


def seeds(first: int, count: int) -> str:
    """Returns that many seeds, from the first one on."""
    return ",".join(map(str, range(first, first + count)))


def _moved(kind: Any, value: Any, up: bool) -> Any:
    for _ in range(_STEPS):
        value = kind.next_value(value, up)
    return value
