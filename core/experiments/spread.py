"""The spread of a result over seeds, and whether a difference between two settings exceeds it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.config.config import SETTINGS, WITHOUT_EFFECT, Config
from core.errors import ConfigError
from core.events import Phase
from core.runs.names import shown_name
from core.runs.summary import RunList, RunSummary, differing_settings, summarize
from core.text import capitalized, counted

FEWEST = 3
"""The fewest seeds of each setting with which the spread means something: of two settings that are
equal, the ranges of 2 seeds each are apart in one of three cases, of 3 seeds in one of ten."""

_NOT_COMPARED = WITHOUT_EFFECT | {"seed"}


@dataclass(frozen=True, slots=True)
class Spread:
    """Accuracies, 0..1, of the same settings with different seeds; at least one."""

    accuracies: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.accuracies:
            raise ConfigError("seeds", "a spread needs at least one accuracy")

    @property
    def seeds(self) -> int:
        return len(self.accuracies)

    @property
    def mean(self) -> float:
        return sum(self.accuracies) / len(self.accuracies)

    @property
    def lowest(self) -> float:
        return min(self.accuracies)

    @property
    def highest(self) -> float:
        return max(self.accuracies)

    def __str__(self) -> str:
        if self.seeds == 1:
            return f"{self.mean:.2%} (1 seed)"
        return (
            f"{self.mean:.2%} on average, from {self.lowest:.2%} to {self.highest:.2%} "
            f"({self.seeds} seeds)"
        )


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """The runs that have the same settings but for their seeds.

    config: with the seed of one of them. paths: of the finished runs, one for each seed; spread:
    of their accuracies, None without any. diverged: how many other seeds diverged.
    """

    config: Config
    paths: tuple[Path, ...]
    spread: Spread | None
    diverged: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(map(shown_name, self.paths))

    def __str__(self) -> str:
        if self.spread is None:
            return f"diverged ({counted(self.diverged, 'seed')})"
        diverged = f"; {counted(self.diverged, 'seed')} diverged" if self.diverged else ""
        return f"{self.spread}{diverged}"


def verdict(one: Spread, other: Spread, names: tuple[str, str]) -> str:
    """Returns a sentence: whether a difference of two settings exceeds the spread of their seeds.

    It does if the ranges do not overlap.
    """
    if one.mean == other.mean:
        return f"{names[0]} and {names[1]} are equally good ({_seeds(one, other)})"
    (better, name), (worse, other_name) = sorted(
        zip((one, other), names, strict=True), key=lambda pair: -pair[0].mean
    )
    points = f"{100 * (better.mean - worse.mean):.2f} points"
    seeds = _seeds(better, worse)
    difference = f"the difference of {points} between {name} and {other_name}"
    if min(one.seeds, other.seeds) < FEWEST:
        return (
            f"not conclusive: {difference} may be chance, with {seeds}; train each with at least "
            f"{FEWEST} seeds (N, or --seeds {FEWEST})"
        )
    if better.lowest > worse.highest:
        return (
            f"{name} is better than {other_name} by {points}: more than the spread of the seeds "
            f"({seeds})"
        )
    return f"not conclusive: {difference} is within the spread of the seeds ({seeds})"


def _seeds(one: Spread, other: Spread) -> str:
    """How many seeds two settings have: "3 seeds each" or "3 and 2 seeds"."""
    if one.seeds == other.seeds:
        return f"{counted(one.seeds, 'seed')} each"
    return f"{one.seeds} and {other.seeds} seeds"


def verdict_on_best(named: Iterable[tuple[str, Spread]]) -> str | None:
    """Returns the verdict on the best two of settings with their names; None for fewer."""
    ranked = sorted(named, key=lambda pair: -pair[1].mean)
    if len(ranked) < 2:
        return None
    (name, one), (other_name, other), *rest = ranked
    text = verdict(one, other, (name, other_name))
    return f"{text}; only the best two of {len(ranked)} settings are compared" if rest else text


def seed_groups_of(paths: Sequence[Path]) -> list[SeedGroup]:
    """Returns `seed_groups` of the runs in these files, and all others in their directories.

    Raises RunError if a file cannot be read.
    """
    known: list[RunSummary] = []
    for directory in dict.fromkeys(path.absolute().parent for path in paths):
        found = RunList(directory)
        found.refresh()
        known += found.runs
    return seed_groups([summarize(path) for path in paths], known)


def seed_groups(shown: Sequence[RunSummary], known: Iterable[RunSummary]) -> list[SeedGroup]:
    """Returns a group for each of the settings of the shown runs, in their order.

    known: all kept runs; some may have the same settings and another seed. A run counts if it has
    diverged, or is finished and has a validation accuracy, was trained on the data of the first one
    from its start, and its settings were not changed by hand. Of several with the same seed, the
    latest counts.
    """
    groups: dict[tuple[object, ...], dict[int, RunSummary]] = {}
    for run in shown:
        if _counts(run, shown[0].fingerprint):
            groups.setdefault(_settings(run.config), {}).setdefault(run.config.seed, run)
    for run in known:
        if _counts(run, shown[0].fingerprint) and (found := groups.get(_settings(run.config))):
            found.setdefault(run.config.seed, run)
    return [_group(list(runs.values())) for runs in groups.values()]


def _group(runs: Sequence[RunSummary]) -> SeedGroup:
    finished = [run for run in runs if run.phase is Phase.FINISHED]
    return SeedGroup(
        runs[0].config,
        tuple(run.path for run in finished),
        Spread(tuple(run.best_accuracy or 0.0 for run in finished)) if finished else None,
        diverged=len(runs) - len(finished),
    )


def labels(groups: Sequence[SeedGroup]) -> list[str]:
    """Returns how each group differs from the others: "learning rate 0.01, dropout 0.2"."""
    names = differing_settings(group.config for group in groups)
    shown = [SETTINGS[name] for name in names if name not in _NOT_COMPARED]
    return [
        ", ".join(f"{one.label} {one.write(getattr(group.config, one.name))}" for one in shown)
        or "these settings"
        for group in groups
    ]


def sentences(groups: Sequence[SeedGroup]) -> Iterator[str]:
    """Yields lines about the spread of each group; none if there is only one seed."""
    if sum(len(group.paths) for group in groups) < 2:
        return
    yield "Best validation accuracy, mean over seeds (all finished runs with the same settings):"
    for group, label in zip(groups, labels(groups), strict=True):
        yield f"  {label}: {group}"
    if sentence := compared(groups):
        yield f"{capitalized(sentence)}."


def compared(groups: Sequence[SeedGroup]) -> str | None:
    """Returns the verdict on the best two groups; None for fewer."""
    named = zip(labels(groups), groups, strict=True)
    return verdict_on_best((name, group.spread) for name, group in named if group.spread)


def _settings(config: Config) -> tuple[object, ...]:
    return tuple(getattr(config, name) for name in SETTINGS if name not in _NOT_COMPARED)


def _counts(run: RunSummary, fingerprint: str) -> bool:
    has_result = run.phase is Phase.FINISHED and run.best_accuracy is not None
    return (
        (has_result or run.phase is Phase.DIVERGED)
        and run.fingerprint == fingerprint
        and not run.changed
        and not run.origin
    )
