"""Toasts for the events that the panes do not show, or not clearly enough."""

from dataclasses import dataclass

from textual.notifications import SeverityLevel

from core.events import Event, Phase, PhaseChanged, Refused, Scored, Warned
from core.history.snapshot import Snapshot
from core.text import capitalized


@dataclass(frozen=True)
class Toast:
    """A message for the screen to show; timeout: in seconds, None for Textual's default."""

    message: str
    title: str = ""
    severity: SeverityLevel = "information"
    timeout: float | None = None


AFTER_THE_END = "t: test set · add epochs: go on · b, g: go back · r: new run"


def ending(snapshot: Snapshot, promise: str) -> Toast:
    """What a finished run has reached, next to what its preset promises, and what to do next.

    promise: the description of the preset, or "" if the settings are others.
    """
    evaluation, best, run = snapshot.evaluation, snapshot.best_evaluation, snapshot.run
    reached = ""
    if evaluation and run:
        reached = f"{run.evaluation_set} accuracy {evaluation.accuracy:.1%}"
        percent = f"{best.accuracy:.1%}" if best else ""
        if best and percent != f"{evaluation.accuracy:.1%}":  # as the user reads them
            reached += f", best {percent} in epoch {best.epoch}"
    promised = f"The preset: {promise}" if promise else ""
    lines = (line for line in (capitalized(reached), promised, AFTER_THE_END) if line)
    return Toast("\n".join(lines), "Finished", timeout=12)


def toast(event: Event) -> Toast | None:
    """The toast for an event, if it needs one."""
    match event:
        case Refused(_, message):
            return Toast(capitalized(message), severity="warning")
        case PhaseChanged(phase, str(message)):
            severity: SeverityLevel = "information" if phase is Phase.FINISHED else "error"
            message, title = capitalized(message), capitalized(phase.value)
            named = message.startswith(title)  # as in "Diverged at step 7 with ..."
            return Toast(message, "" if named else title, severity, timeout=15)
        case Warned(message):
            return Toast(capitalized(message), "Warning", "warning", timeout=15)
        case Scored(test):
            return Toast(
                f"Accuracy {test.accuracy:.2%}, loss {test.loss:.4f} after step {test.step:,}",
                f"Test set of {len(test.labels):,} images",
            )
    return None
