"""What the coach says at the end of a run without a screen."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.coach.memory import Noted
from core.coach.review import is_problem
from core.config.config import Config


def advice(found: Sequence[Noted], config: Config) -> Iterator[str]:
    """Yields a line for each finding, and one for the change that it proposes."""
    for noted in found:
        finding = noted.finding
        sign = "!" if is_problem(finding) else "i"
        yield f"coach {sign} {finding.title}, since step {noted.since:,}: {finding.evidence}"
        if finding.proposal:
            yield f"        try {finding.proposal.describe(config)}"
        else:
            yield f"        {finding.reason}"


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
