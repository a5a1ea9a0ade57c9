"""The rule about a schedule that ended too soon."""

from core.coach.facts import Facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.text import rate_text

_ENDED = 0.01  # of the learning rate


def schedule_ended(f: Facts) -> Finding | None:
    """The schedule has lowered the rate to next to nothing long before the end of the run."""
    config, step = f.config, f.snapshot.step
    if f.schedule_factor > _ENDED or step is None or step.epochs < max(1, config.warmup):
        return None
    rates = f.snapshot.training_curves["learning rate"]
    high = rates.last[(rates.low > _ENDED * config.learning_rate) & (rates.last > f.since)]
    low_since = int(high[-1]) if len(high) else f.since
    if config.scheduled_rate(step.epochs) > _ENDED * config.learning_rate:
        return None  # added epochs raise the rate again
    if config.schedule in ("cosine", "one-cycle"):  # they end with the run, unless it was extended
        extended = [c.step for c in f.snapshot.changes if c.field == "epochs" and c.new > c.old]
        if low_since > max(extended, default=-1):
            return None
    left = config.epochs - step.epochs
    if config.schedule == "constant" or left + (f.steps - low_since) / f.epoch_steps < 1:
        return None
    return Finding(
        "schedule ended",
        Seriousness.WARNING,
        "the schedule has ended too soon",
        f"In epoch {f.epoch_of(low_since + 1)} of {config.epochs:,}, the learning rate fell below "
        f"1% of the setting. It is {rate_text(f.rate)} now.",
        *_after_the_schedule(f, left),
    )


def _after_the_schedule(f: Facts, left: float) -> tuple[str, Proposal]:
    """The reason, and what helps. left: the epochs that are left."""
    schedule = f.config.schedule
    if schedule in ("cosine", "one-cycle"):
        return (
            f"The schedule {schedule} stretches its decay over all epochs: with a few more epochs, "
            "the rate stays near 0; with many more, it rises again.",
            Proposal("epochs", 2 * f.config.epochs),
        )
    return (
        f"The schedule {schedule} keeps multiplying the rate, and by now the weights hardly move. "
        "cosine stretches its decay over the whole run.",
        Proposal("schedule", "cosine", restart=left < 1),
    )
