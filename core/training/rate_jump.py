"""Says why the learning rate jumps when a setting of its schedule is changed."""

from collections.abc import Sequence

from core.config.config import SETTINGS
from core.events import Change
from core.text import rate_text
from core.training.trainer import Trainer

_WHOLE_RUN = ("cosine", "one-cycle")  # schedules that stretch over all epochs


def rate_jump(changes: Sequence[Change], trainer: Trainer, before: float) -> str | None:
    """Returns a sentence with the learning rate before and after the changes.

    changes: just made in `trainer`, all at once. before: the learning rate that the next step would
    have had. None if it is the same, or if the user chose another learning rate or schedule.
    """
    old_rate, new_rate = rate_text(before), rate_text(trainer.learning_rate)
    if old_rate == new_rate or {"learning_rate", "schedule"} & {each.field for each in changes}:
        return None
    config, names = trainer.config, " and ".join(SETTINGS[c.field].label for c in changes)
    reason = f"the {config.schedule} schedule depends on {names}"
    for change in changes:
        if change.field == "epochs" and config.schedule in _WHOLE_RUN:
            old, new = (min(trainer.time / epochs, 1) for epochs in (change.old, change.new))
            unit = "epoch" if change.new == 1 else "epochs"
            reason = (
                f"with {change.new:,} {unit} in place of {change.old:,}, the {config.schedule} "
                f"schedule is at {new:.0%} of the run, not at {old:.0%}"
            )
    return f"{reason}: the learning rate goes from {old_rate} to {new_rate}"
