"""Changes of settings that are known from the start of a run: the option --at."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.config.config import SETTINGS, Config
from core.errors import ConfigError
from core.text import suggestion

PlannedChanges = tuple[int, Mapping[str, Any]]


class Plan:
    """Changes to make after given steps: each group (step, values by setting) at once, in order."""

    def __init__(self, groups: Sequence[PlannedChanges] = ()) -> None:
        self._groups = sorted(groups, key=lambda group: group[0])

    def __bool__(self) -> bool:
        return bool(self._groups)

    @property
    def steps(self) -> list[int]:
        """The steps whose changes were not taken yet, in order."""
        return [step for step, _ in self._groups]

    def take(self, step: int) -> Iterator[Mapping[str, Any]]:
        """Yields the changes to make after this step, which then are no longer planned."""
        while due := [group for group in self._groups if group[0] == step]:
            self._groups.remove(due[0])
            yield due[0][1]


def parse(options: Sequence[Sequence[str]], config: Config) -> tuple[PlannedChanges, ...]:
    """Returns the groups that the values of each option --at stand for: STEP SETTING=VALUE ....

    config: at the start of the run. Raises ConfigError if a value cannot be used.
    """
    groups = tuple(_group(option[0], option[1:]) for option in options)
    for _, changes in sorted(groups, key=lambda group: group[0]):
        config = config.replace(**changes)
    return groups


def step_from(text: str) -> int | None:
    """Returns the step that a person entered; None if the text is not a step."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _group(text: str, values: Sequence[str]) -> PlannedChanges:
    step = step_from(text)
    if step is None:
        raise ConfigError(
            "at",
            f"--at: enter a step in place of {text}, then settings: --at 1200 learning-rate=0.003",
        )
    changes = {}
    for text in values:
        option, equals, value = text.partition("=")
        name = option.replace("-", "_")
        if not equals:
            raise ConfigError(
                "at", f"--at: enter SETTING=VALUE in place of {text}: learning-rate=0.003"
            )
        if name not in SETTINGS:
            hint = suggestion(
                option,
                [setting.option for setting in SETTINGS.values()],
                "fashion-tui --help has them",
            )
            raise ConfigError("at", f"--at: {option} is not a setting; {hint}")
        if SETTINGS[name].applies == "restart":
            raise ConfigError("at", f"--at: {option} applies only to a new run; use --{option}")
        if name in changes:
            raise ConfigError("at", f"--at: {option} is given twice; use an --at for each")
        changes[name] = SETTINGS[name].parse(value)
    if not changes:
        raise ConfigError(
            "at", f"--at {step}: add at least one setting, for example learning-rate=0.003"
        )
    return step, changes
