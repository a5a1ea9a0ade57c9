"""The findings of the coach in a run: the current ones, since when they hold, and those that
passed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.branches import owner, path_to
from core.coach.finding import Finding
from core.coach.review import review
from core.config.config import Config
from core.history.snapshot import Snapshot

_MAX_PAST = 50
_MAX_LOOKS = 1000  # of a branch


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding, and the steps at which a look at the run first and no longer found it.

    What it describes may have begun before `since` and ended before `until`.
    at: the step that the numbers of the finding are of; None: `since`.
    """

    finding: Finding
    since: int
    until: int | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at the run found, the settings then, and the step of the last evaluation."""

    findings: tuple[Finding, ...]
    config: Config | None
    evaluated: int


_Looks = Mapping[int, _Look]  # by step


class FindingLog:
    """Follows a run through its snapshots.

    It is the log of the steps that lead to the current one. It follows from the looks at these
    steps alone, in whatever order the run came to them: what was found on another branch after the
    fork, or on this one after the current step, is left out until the run is there again. A second
    look at a step replaces the first.

    now: the findings that hold, the most serious and then the newest first. past: those that have
    passed, the latest first.
    """

    def __init__(self) -> None:
        self.now: tuple[Noted, ...] = ()
        self.past: tuple[Noted, ...] = ()
        self._run: object = None
        self._looks: defaultdict[int, _Looks] = defaultdict(dict)  # by number of the branch
        self._reported: set[tuple[str, Config | None]] = set()  # rules and settings

    def follow(self, snapshot: Snapshot) -> tuple[Noted, ...]:
        """Reviews a snapshot; returns the findings that are new.

        A finding that comes back under the same settings is not new. The numbers of a finding stay
        as they were until the next evaluation, so that its text does not change all the time.
        """
        if snapshot.run is not self._run:
            self._run = snapshot.run
            self._looks.clear()
            self._reported.clear()
        if snapshot.evaluation_is_outdated:
            snapshot = replace(snapshot, evaluation=None)
        step, config, evaluation = snapshot.steps, snapshot.config, snapshot.evaluation
        look = _Look(review(snapshot), config, evaluation.step if evaluation else -1)
        number = owner(snapshot.branches, snapshot.branch, step).number
        self._looks[number] = _thinned({**self._looks[number], step: look})
        self.now, self.past = _log(self._looks_to(snapshot))
        current = {(noted.finding.rule, config): noted for noted in self.now}
        fresh = current.keys() - self._reported
        self._reported |= current.keys()
        new = [noted for key, noted in current.items() if key in fresh and noted.since == step]
        return tuple(new)

    def _looks_to(self, snapshot: Snapshot) -> list[tuple[int, _Look]]:
        """Returns the looks on the path to the current step, by step; at a fork, the later one."""
        looks: dict[int, _Look] = {}
        for branch, last in reversed(list(path_to(snapshot.branches, snapshot.branch))):
            end = snapshot.steps if branch.number == snapshot.branch else min(last, snapshot.steps)
            looks |= {step: at for step, at in self._looks[branch.number].items() if step <= end}
        return sorted(looks.items(), key=lambda item: item[0])


def _log(looks: Iterable[tuple[int, _Look]]) -> tuple[tuple[Noted, ...], tuple[Noted, ...]]:
    """Returns the findings that hold after looks at ascending steps, and those that have passed."""
    now: dict[str, Noted] = {}  # by rule
    past: list[Noted] = []
    configs: dict[str, Config | None] = {}  # when a rule last found something
    evaluated: int | None = None
    for step, look in looks:
        renewed, evaluated = look.evaluated != evaluated, look.evaluated
        held, now = now, {}
        for finding in look.findings:
            rule = finding.rule
            noted = held.pop(rule, None)
            if noted is None and rule in configs and configs[rule] == look.config:
                before = next((each for each in past if each.finding.rule == rule), None)
                if before is not None:
                    past.remove(before)
                    noted = Noted(finding, before.since, at=step)
            configs[rule] = look.config
            if noted is None:
                noted = Noted(finding, step)
            elif renewed or finding.proposal != noted.finding.proposal:
                noted = replace(noted, finding=finding, at=step)
            now[rule] = noted
        passed = [replace(noted, until=step) for noted in held.values()]
        past = [*passed, *past][:_MAX_PAST]
    order = sorted(now.values(), key=lambda noted: (-noted.finding.seriousness, -noted.since))
    return tuple(order), tuple(past)


def _thinned(looks: _Looks) -> _Looks:
    """Returns the looks of a branch; if they are too many, without those that found the same as the
    looks before and after them, and of the rest the last."""
    if len(looks) <= _MAX_LOOKS:
        return looks
    steps = sorted(looks)
    kinds = [(looks[step].config, {f.rule for f in looks[step].findings}) for step in steps]
    kept = [
        step
        for before, kind, after, step in zip(
            [None, *kinds], kinds, [*kinds[1:], None], steps, strict=False
        )
        if not before == kind == after
    ]
    return {step: looks[step] for step in kept[-_MAX_LOOKS // 2 :]}
