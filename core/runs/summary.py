"""What a list shows of a kept run, read quickly: its settings, its current step, its results."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from core.config.config import SETTINGS, Config
from core.config.settings import MAIN
from core.errors import RunError
from core.events import Phase
from core.runs.directory import files
from core.runs.names import shown_name
from core.runs.origin import Origin, origin_from
from core.runs.owner import Owner, owner_from
from core.runs.reader import Reader

PHASES = {phase.value: phase for phase in Phase}
_UNENDED = (Phase.RUNNING, Phase.LOADING)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A kept run in a list. `None` stands for a result that it does not have yet.

    name: that of the file, by which the commands find it, safe to print. config: the settings of
    the first step; changed: the names of those that were changed by hand later, on any branch.
    data, fingerprint: name and SHA-256 of the dataset.
    step, epochs: where the run stands; epochs have a fraction.
    branches: how many there are.
    best_accuracy, best_epochs, last_accuracy: on the validation set, 0..1, the best of all
    branches and steps, also of those after the current one; None for a run without one.
    test_accuracy: of the last evaluation of the test set, 0..1.
    images_per_second: mean over the time spent in training steps.
    started, updated: seconds since 1970. phase, message: what the run last did, and why.
    opened_by: the program that had the run open when the file was read. origin: the run from which
    it continues with other data, if it does.
    """

    path: Path
    name: str
    notes: str
    star: bool
    config: Config
    changed: tuple[str, ...]
    data: str
    fingerprint: str
    parameters: int
    step: int
    epochs: float
    branches: int
    best_accuracy: float | None
    best_epochs: float | None
    last_accuracy: float | None
    test_accuracy: float | None
    images_per_second: float | None
    started: float
    updated: float
    phase: Phase | None
    message: str
    opened_by: Owner | None
    origin: Origin | None = None

    @property
    def best_epoch(self) -> int | None:
        """The number of the epoch in which the best accuracy was measured; 0 before training."""
        return None if self.best_epochs is None else math.ceil(self.best_epochs)

    @property
    def best_scope(self) -> str:
        """Where the best accuracy may be from, if not only from the way to the current step."""
        if self.branches > 1:
            return f"of all {self.branches:,} branches"
        is_later = self.best_epochs is not None and self.best_epochs > self.epochs
        return "after the current step" if is_later else ""

    @property
    def owner(self) -> Owner | None:
        """The program that has the run open, if it still runs; it may be this one."""
        return self.opened_by if self.opened_by and self.opened_by.is_alive else None

    @property
    def is_open_elsewhere(self) -> bool:
        """Whether a program other than this one has the run open."""
        owner = self.owner  # once: it may end in between
        return owner is not None and not owner.is_this

    @property
    def state(self) -> str:
        """What the run does: a value of `Phase`, or "interrupted" if its program was killed."""
        return state_of(self.phase, self.opened_by)


def summarize(path: Path) -> RunSummary:
    """Reads the summary of the run in a file. Raises RunError if it cannot be read."""
    reader = Reader(path, at_once=True)
    try:
        meta, branches = reader.meta(), reader.branch_count()
        first, later = reader.changed_settings()
    finally:
        reader.close()
    try:
        return _summary(path, meta, meta["config"].replace(**first), later, branches)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path} is damaged: {error}") from error


class RunList:
    """The runs in a directory, the last trained first. Reads only the files that have changed.

    runs: their summaries. faults: a sentence for each file that cannot be read.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.runs: tuple[RunSummary, ...] = ()
        self.faults: tuple[str, ...] = ()
        self._read: dict[Path, tuple[tuple[int, int], RunSummary | str]] = {}

    def refresh(self, limit: int | None = None) -> bool:
        """Reads the directory again; returns whether a run or a fault is new, changed or gone.

        limit: read at most so many files that are new or have changed, the latest; others are left
        to the next call.
        """
        before, self._read = self._read, {}
        left = math.inf if limit is None else limit
        for path, status in files(self.directory):
            version = status.st_mtime_ns, status.st_size
            known = before.get(path)
            if known and known[0] == version:
                self._read[path] = known
            elif left > 0:
                self._read[path] = version, _summary_or_fault(path)
                left -= 1
            elif known:
                self._read[path] = known
        found = [result for _, result in self._read.values()]
        runs = [result for result in found if isinstance(result, RunSummary)]
        self.runs = tuple(sorted(runs, key=attrgetter("updated"), reverse=True))
        self.faults = tuple(result for result in found if isinstance(result, str))
        return list(before.items()) != list(self._read.items())


def state_of(phase: Phase | None, opened_by: Owner | None) -> str:
    """Returns the state of a run, see `RunSummary.state`."""
    phase = phase or Phase.RUNNING  # without a screen, it is known only at the end
    if phase not in _UNENDED or (opened_by and opened_by.is_alive):
        return phase.value
    return "interrupted" if opened_by else Phase.PAUSED.value


def differing_settings(configs: Iterable[Config]) -> tuple[str, ...]:
    """Returns the names of the settings that are not the same in all configs, main ones first."""
    found = list(configs)
    return by_importance(n for n in SETTINGS if len({getattr(c, n) for c in found}) > 1)


def by_importance(names: Iterable[str]) -> tuple[str, ...]:
    """Returns the names of settings, the main ones first."""
    order = {name: place for place, name in enumerate(dict.fromkeys((*MAIN, *SETTINGS)))}
    return tuple(sorted(names, key=order.__getitem__))


def _summary_or_fault(path: Path) -> RunSummary | str:
    try:
        return summarize(path)
    except RunError as error:
        return str(error)


def _summary(
    path: Path, meta: Mapping[str, Any], config: Config, changed: Iterable[str], branches: int
) -> RunSummary:
    validates = _text(meta["evaluation_set"]) == "validation"
    epochs, seconds = _number(meta.get("epochs", 0)), _number(meta.get("seconds", 0))
    origin = origin_from(meta.get("origin"))
    # Of this run alone, without the one that it continues from.
    images = (epochs - (origin.epochs if origin else 0)) * _number(meta["training_images"])
    own_seconds = seconds - (origin.seconds if origin else 0.0)
    best, last = _share(meta.get("best_accuracy")), _share(meta.get("last_accuracy"))
    best_epochs = meta.get("best_epochs")
    test = _share(meta.get("test_accuracy"))
    known = set(changed)
    return RunSummary(
        path=path,
        name=shown_name(path),
        notes=_text(meta.get("notes", "")),
        star=meta.get("star") is True,
        config=config,
        changed=tuple(name for name in SETTINGS if name in known),
        data=_text(meta["data"]["name"]),
        fingerprint=_text(meta["data"]["fingerprint"]),
        parameters=int(_number(meta["parameters"])),
        step=int(_number(meta.get("step", 0))),
        epochs=epochs,
        branches=branches,
        best_accuracy=best if validates else None,
        best_epochs=_number(best_epochs) if validates and best_epochs is not None else None,
        last_accuracy=last if validates else None,
        test_accuracy=test if validates or test is not None else last,
        images_per_second=images / own_seconds if images > 0 and own_seconds > 0 else None,
        started=_number(meta["started"]),
        updated=_number(meta.get("updated", meta["started"])),
        phase=PHASES.get(_text(meta.get("phase", ""))),
        message=_text(meta.get("message") or ""),
        opened_by=owner_from(meta.get("owner")),
        origin=origin,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:30]!r} is not text")
    return value


def _number(value: object) -> float:
    usable = isinstance(value, int | float) and math.isfinite(value) and 0 <= value < 1 << 53
    if not usable:
        raise ValueError(f"{str(value)[:30]!r} is not a number that a run can have")
    return value  # type: ignore[return-value]


def _share(value: object) -> float | None:
    if value is None:
        return None
    if _number(value) > 1:
        raise ValueError(f"the accuracy {value} is above 1")
    return float(value)  # type: ignore[arg-type]
