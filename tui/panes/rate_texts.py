"""The learning rate in force, and why it is not the setting, as texts of several lengths."""

from core.branches import net_changes
from core.events import Phase
from core.history.snapshot import Snapshot
from core.text import rate_text
from tui.drawing.numbers import number, percent

_OF_RATE = ("learning_rate", "schedule", "epochs", "warmup", "decay_factor", "decay_epochs")

# Cells of the numbers that change at each step. Their padding is at the end: within the text it
# would look like a typing error.
_RATE, _SHARE = 8, 4


def rate_texts(snapshot: Snapshot) -> tuple[str, ...]:
    """The learning rate in force, and why it is not the setting, from the longest text on.

    For example "learning rate 0.000120 (one-cycle, 4% of 0.003)  ". None is without the reason.
    """
    config, rate = snapshot.config, snapshot.learning_rate
    if config is None or rate is None:
        return ("",)
    time = snapshot.step.epochs if snapshot.step else 0.0
    changes = net_changes(snapshot.changes)
    changed = any(c.step == snapshot.steps and c.field in _OF_RATE for c in changes)
    if changed and snapshot.phase is Phase.FINISHED:  # there is no next step
        here = [c for c in changes if c.step == snapshot.steps and c.field == "learning_rate"]
        setting = here[0].old if here else config.learning_rate
        if rate == setting:
            return f"learning rate {_text(rate)} in the last step", f"rate {_text(rate)}"
        share = f"{percent(rate / setting)} of {_text(setting)}"
        return (
            f"learning rate {_text(rate)} ({share}) in the last step",
            f"learning rate {share} in the last step",
            f"rate {share} in the last step",
            f"rate {share}",
        )
    if changed or snapshot.steps == 0:  # of the next step: a change has not had a step yet
        rate = config.scheduled_rate(time) * _plateau_factor(snapshot)
    reasons = ["warmup"] * (time <= config.warmup and config.warmup > 0) + [config.schedule] * (
        config.schedule != "constant"
    )
    if rate == config.learning_rate and not reasons:
        return (f"learning rate {_text(rate)}",)
    text, share = _text(rate, zeros=True), percent(rate / config.learning_rate)
    rate_end, share_end = " " * (_RATE - len(text)), " " * (_SHARE - len(share))
    if snapshot.phase is Phase.FINISHED:
        rate_end = share_end = ""
    share += f" of {_text(config.learning_rate)}"
    return (
        f"learning rate {text} ({', '.join([*reasons, share])}){rate_end}{share_end}",
        f"learning rate {text} ({share}){rate_end}{share_end}",
        f"rate {text} ({share}){rate_end}{share_end}",
        f"rate {share}{share_end}",
    )


def _plateau_factor(snapshot: Snapshot) -> float:
    """What the schedule plateau has made of the rate; 1 under other schedules, and at its start."""
    step, config = snapshot.step, snapshot.config
    if step is None or config is None or config.schedule != "plateau":
        return 1.0
    here = [change for change in snapshot.changes if change.step == snapshot.steps]
    before = {change.field: change.old for change in reversed(here) if change.field in _OF_RATE}
    if "schedule" in before:
        return 1.0
    start = step.epochs - step.images / step.epoch_size
    return step.learning_rate / config.replace(**before).scheduled_rate(start)


def _text(rate: float, zeros: bool = False) -> str:
    return number(rate, zeros=zeros) if rate < 1000 else rate_text(rate)
