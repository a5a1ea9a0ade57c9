"""The learning rate in force, and why it is not the setting, as texts of several lengths."""

from core.history.snapshot import Snapshot
from core.text import rate_text
from tui.drawing.numbers import number, percent


def rate_texts(snapshot: Snapshot) -> tuple[str, ...]:
    """The learning rate in force, and why it is not the setting, from the longest text on.

    For example "learning rate 0.00012 (one-cycle, 4% of 0.003)".
    """
    config, rate = snapshot.config, snapshot.learning_rate
    if config is None or rate is None:
        return ("",)
    time = snapshot.step.epochs if snapshot.step else 0.0
    changed = snapshot.steps == 0 or any(c.step == snapshot.steps for c in snapshot.changes)
    if config.schedule != "plateau" and changed:
        rate = config.scheduled_rate(time)  # of the next step: a change has not had a step yet
    text = f"learning rate {number(rate) if rate < 1000 else rate_text(rate)}"
    if rate == config.learning_rate:
        return (text,)
    reasons = ["warmup"] * (time <= config.warmup) + [config.schedule] * (
        config.schedule != "constant"
    )
    share = f"{percent(rate / config.learning_rate)} of {config.learning_rate:g}"
    return (f"{text} ({', '.join([*reasons, share])})", f"{text} ({share})", text)
