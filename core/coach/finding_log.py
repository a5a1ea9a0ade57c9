"""The findings of the coach in a run: the current ones, since when they hold, and those that
passed."""

from dataclasses import dataclass, replace

from core.coach.finding import Finding
from core.coach.review import review
from core.config.config import Config
from core.history.snapshot import Snapshot

_MAX_PAST = 50


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


class FindingLog:
    """Follows a run through its snapshots.

    now: the findings that hold, the most serious and then the newest first. past: those that have
    passed, the latest first.
    """

    def __init__(self) -> None:
        self.now: tuple[Noted, ...] = ()
        self.past: tuple[Noted, ...] = ()
        self._run: object = None
        self._configs: dict[str, Config | None] = {}  # when a rule last found something
        self._evaluated = -1

    def follow(self, snapshot: Snapshot) -> tuple[Noted, ...]:
        """Reviews a snapshot; returns the findings that are new.

        A finding that comes back under the same settings is not new. The numbers of a finding stay
        as they were until the next evaluation, so that its text does not change all the time.
        """
        if snapshot.run is not self._run:
            self._run, self.now, self.past, self._configs = snapshot.run, (), (), {}
        step = snapshot.steps
        evaluated = snapshot.evaluation.step if snapshot.evaluation else -1
        renewed, self._evaluated = evaluated != self._evaluated, evaluated
        held = {noted.finding.rule: noted for noted in self.now if noted.since <= step}
        kept = [noted for noted in self.past if noted.until is not None and noted.until <= step]
        now, new = [], []
        for finding in review(snapshot):
            noted = held.pop(finding.rule, None)
            if noted is None and self._configs.get(finding.rule) == snapshot.config:
                before = next((each for each in kept if each.finding.rule == finding.rule), None)
                if before is not None:
                    kept.remove(before)
                    noted = Noted(finding, before.since, at=step)
            self._configs[finding.rule] = snapshot.config
            if noted is None:
                noted = Noted(finding, step)
                new.append(noted)
            elif renewed or finding.proposal != noted.finding.proposal:
                noted = replace(noted, finding=finding, at=step)
            now.append(noted)
        passed = [replace(noted, until=step) for noted in held.values()]
        self.past = (*passed, *kept)[:_MAX_PAST]
        self.now = tuple(sorted(now, key=lambda n: (-n.finding.seriousness, -n.since)))
        return tuple(new)
