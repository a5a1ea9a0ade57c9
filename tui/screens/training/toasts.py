"""Toasts for the events that the panes do not show, or not clearly enough."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.notifications import SeverityLevel

from core.coach.finding import Seriousness
from core.coach.finding_log import Noted
from core.coach.review import is_problem
from core.config.config import SETTINGS
from core.config.presets import Preset
from core.events import Event, Phase, PhaseChanged, Refused, RunStarted, Scored, Warned
from core.history.branch_history import Result
from core.history.snapshot import Snapshot
from core.runs.notices import KEPT_AGAIN
from core.text import capitalized
from tui.drawing.numbers import loss_text


@dataclass(frozen=True)
class Toast:
    """A message for the screen to show; timeout: in seconds, None for Textual's default."""

    message: str
    title: str = ""
    severity: SeverityLevel = "information"
    timeout: float | None = None


_MOST_NOTES = 2
_OF_THE_START = ("seed", "hidden", "initialization", "deviation", "batch_norm")
AFTER_THE_END = "t: test set · b, g: go back · r: new run · more epochs (4) continue the run"


def ending(snapshot: Snapshot, presets: Iterable[Preset]) -> Toast:
    """What a finished run has reached, next to what its preset promises, and what to do next.

    What it has reached is left out until the last step is evaluated.

    presets: of which one may be that of the run. Their descriptions are about Fashion-MNIST.
    """
    result, best, run = snapshot.result, snapshot.best_evaluation, snapshot.run
    reached = ""
    if result and run and result.step == snapshot.steps:
        reached = f"{run.evaluation_set} accuracy {result.accuracy:.1%}"
        percent = f"{best.accuracy:.1%}" if best else ""
        if best and percent != f"{result.accuracy:.1%}":  # as the user reads them
            reached += f", best {percent} in epoch {best.epoch}"
    is_comparable = bool(reached) and run is not None and run.dataset.is_fashion_mnist
    preset = next((one for one in presets if one.config == snapshot.config), None)
    promised = ""
    if preset and is_comparable:
        # The description has a colon of its own, as in "784-30-10-10: about 88%".
        promised = f"The preset: {preset.description.replace(': ', ', ')}."
    evaluation = snapshot.evaluation  # of where the run was, if it has moved
    is_of_result = evaluation is not None and Result.of(evaluation) == result
    warnings = evaluation.warnings if evaluation and reached and is_of_result else ()
    warning = f"Warning: {warnings[0]}." if warnings else ""
    lines = (line for line in (capitalized(reached), warning, promised, AFTER_THE_END) if line)
    severity: SeverityLevel = "warning" if warning else "information"
    return Toast("\n".join(lines), "Finished", severity, timeout=8)


def about_start(started: RunStarted, before: RunStarted | None) -> Toast | None:
    """Whether a new run has the initial weights of the last one, which is the default."""
    if started.same_start is None or before is None:
        return None
    if started.same_start:
        is_same = started.config == before.config and started.dataset is before.dataset
        what = "initial weights and settings" if is_same else "initial weights"
        rest = ", so it will give the same results" if is_same else ""
        return Toast(f"Same {what} as the last run{rest}.", "New run", timeout=6)
    names = [SETTINGS[name].label for name in _OF_THE_START if _differs(started, before, name)]
    why = f", because {' and '.join(names)} changed" if names else ""
    return Toast(f"New initial weights{why}.", "New run")


def _differs(started: RunStarted, before: RunStarted, name: str) -> bool:
    return bool(getattr(started.config, name) != getattr(before.config, name))


def about_data(notes: Sequence[str]) -> Toast:
    """What was decided about the data of a new run."""
    lines = list(notes[:_MOST_NOTES])
    if notes[_MOST_NOTES:]:
        lines.append(f"{len(notes) - _MOST_NOTES} more: press I.")
    return Toast("\n".join(lines), "Data", timeout=12)


def advice(noted: Noted, phase: Phase) -> Toast | None:
    """The toast for a new finding of the coach, if it is a problem.

    A divergence has a toast already, from the run.
    """
    finding = noted.finding
    is_known = finding.rule == "diverged" and phase is Phase.DIVERGED
    if is_known or not is_problem(finding):
        return None
    text = f"{finding.evidence}\nk: why, and what to change"
    severity: SeverityLevel = "error" if finding.seriousness is Seriousness.ERROR else "warning"
    return Toast(text, capitalized(finding.title), severity, timeout=10)


def entered(
    name: str, value: Any, *, is_changed: bool, restart: bool, goes_back: bool = False
) -> Toast:
    """What a value that was entered for a setting, or the name of a preset, does.

    restart: whether it takes a restart, or helps only after one. goes_back: whether the run goes
    back to a step before it.
    """
    setting = SETTINGS.get(name)
    label, shown = (setting.label, setting.write(value)) if setting else (name, value)
    text = f"{label} {'set to' if is_changed else 'is already'} {shown}"
    if is_changed and setting and setting.applies == "next batch":
        text += " from the next batch on"
    text += ", and the run goes back to the last healthy step" if goes_back else ""
    keys = ["r to restart with it"] * restart + ["u to undo"] * is_changed
    press = f" Press {', '.join(keys)}." if keys else ""
    return Toast(f"{capitalized(text)}.{press}", timeout=6)


def toast(event: Event) -> Toast | None:
    """The toast for an event, if it needs one."""
    match event:
        case Refused("end"):
            return Toast(AFTER_THE_END, "Finished")
        case Refused(_, message):
            return Toast(capitalized(message), severity="warning")
        case PhaseChanged(phase, str(message)):
            severity: SeverityLevel = "information" if phase is Phase.FINISHED else "error"
            message, title = capitalized(message), capitalized(phase.value)
            named = message.startswith(title)  # as in "Diverged after step 7 with ..."
            return Toast(message, "" if named else title, severity, timeout=15)
        case Warned(message) if message == KEPT_AGAIN:
            return Toast(message, timeout=15)
        case Warned(message):
            return Toast(capitalized(message), "Warning", "warning", timeout=15)
        case Scored(test):
            return Toast(
                f"Accuracy {test.accuracy:.1%}, loss {loss_text(test.loss)} "
                f"after step {test.step:,}",
                f"Test set of {len(test.labels):,} images",
            )
    return None
