"""All rules of the coach, applied to a snapshot of a run."""

from collections.abc import Callable

from core.coach.batches import (
    batch_too_large,
    imbalanced_labels,
    last_batch_of_one,
    normalized_small_batch,
)
from core.coach.facts import Facts, facts
from core.coach.finding import Finding, Seriousness
from core.coach.fit import guesses, mirrored_images, overfitting, plateau
from core.coach.rates import (
    diverged,
    lowered_too_late,
    rate_too_high,
    rate_too_low,
)
from core.coach.results import test_below_validation, training_above_evaluation
from core.coach.schedule import schedule_ended
from core.coach.underfitting import bottleneck, too_regular
from core.coach.weights import (
    dead_units,
    large_weights,
    saturated_units,
    small_weights,
    zero_weights,
)
from core.history.snapshot import Snapshot

Rule = Callable[[Facts], Finding | None]

# Causes before their effects: what a rule of these finds explains the findings of all that follow,
# and those about the results; but not those that describe only settings or data.
_TRAINING: tuple[Rule, ...] = (
    zero_weights,
    large_weights,
    small_weights,
    too_regular,
    diverged,
    dead_units,
    saturated_units,
    batch_too_large,
    lowered_too_late,
    rate_too_high,
    schedule_ended,
    rate_too_low,
    mirrored_images,
    guesses,
    bottleneck,
    overfitting,
    plateau,
)
_OTHERS: tuple[Rule, ...] = (
    normalized_small_batch,
    last_batch_of_one,
    imbalanced_labels,
)
_RESULTS: tuple[Rule, ...] = (test_below_validation, training_above_evaluation)


def review(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Returns what the coach finds in a run as it is now, the most serious first.

    A pure function of the snapshot. It returns only the first cause of the findings about training,
    so that no two contradict each other, and only the more serious of two that propose the same
    setting.
    """
    known = facts(snapshot)
    if known is None:
        return ()
    cause = next((found for rule in _TRAINING if (found := rule(known))), None)
    rules = _OTHERS if cause else _OTHERS + _RESULTS
    others = [found for rule in rules if (found := rule(known))]
    findings = sorted([*([cause] if cause else []), *others], key=lambda found: -found.seriousness)
    proposed: set[str] = set()
    kept = []
    for found in findings:
        name = found.proposal.setting if found.proposal else ""
        if name and name in proposed:
            continue
        proposed.add(name)
        kept.append(found)
    return tuple(kept)


def is_problem(finding: Finding) -> bool:
    """Returns whether something goes wrong; a note only explains something."""
    return finding.seriousness > Seriousness.NOTE
