"""What the coach says at the end of a run without a screen."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.coach.finding_log import Noted
from core.coach.review import is_problem
from core.config.config import Config


def advice(found: Sequence[Noted], config: Config, steps: int, has_diverged: bool) -> Iterator[str]:
    """Yields a line for each problem, and one for the change that should help.

    steps: of the run so far. What only the look at the end has found may have begun long before.
    has_diverged: of that, only the change, because the message that ends the run says the rest.
    """
    for noted in found:
        finding, start = noted.finding, "coach:"
        if not is_problem(finding):
            continue
        if not (has_diverged and finding.rule == "diverged"):
            when = "at the end" if noted.since >= steps else f"at step {noted.since:,}"
            yield f"coach: {finding.title}, noticed {when}: {finding.evidence}"
            start = "      "
        if finding.proposal:
            yield f"{start} try {finding.proposal.describe(config)}"


def as_object(noted: Noted) -> dict[str, Any]:
    """Returns a finding as JSON has it."""
    finding, proposal = noted.finding, noted.finding.proposal
    return {
        "rule": finding.rule,
        "seriousness": finding.seriousness.name.lower(),
        "title": finding.title,
        "since": noted.since,
        "evidence": finding.evidence,
        "reason": finding.reason,
        "setting": proposal.setting if proposal else None,
        "value": proposal.value if proposal else None,
        "applies": proposal.applies if proposal else None,
    }
