"""What the sweep screen says of a sweep, in words: pure functions."""

from core.config.config import SETTINGS
from core.experiments.search_space import describe
from core.experiments.sweep import TrialProgress
from core.experiments.sweep_state import SweepState, about_repeated
from core.experiments.trial import TrialResult
from core.text import capitalized, counted, printable
from tui.screens.sweep.draft import duration, plain

_MOST_SPREADS = 3
_FEWEST = 20  # complete trials, from which there are importances


def status(state: SweepState, seconds: float, left: float | None) -> str:
    """Returns a line: which study, how far it is, and how long it takes.

    seconds: so far. left: that it still takes; None: unknown.
    """
    if state.plan is None:
        if not state.is_active:
            return "The sweep did not start"
        line = f"{capitalized(_starting(state.jobs))}   {duration(seconds)} so far"
        if state.phase == "stopping":
            line = "Stopping"
        return f"{line}   study {printable(state.study)}" if state.study else line
    parts = [f"{len(state.results):,} of {state.plan.trials:,} trials done"]
    match state.phase:
        case "stopping":
            parts.append("stopping")
        case "ended":
            if state.left:
                parts.append("stopped")
            elif state.is_new:  # the time of an earlier sweep is not known
                parts.append(f"took {duration(seconds)}")
        case _:
            ready = sum(bool(one.run or one.epoch) for one in state.running.values())
            if ready or state.epochs or not state.running:
                parts.append(f"{len(state.running)} training")
            else:
                parts.append(_starting(len(state.running)))
            if left is not None and state.left:
                parts.append(f"about {duration(left)} left")
    return "   ".join([*parts, f"study {printable(state.study)}"])


def _starting(jobs: int) -> str:
    return f"starting {counted(jobs, 'process')}"


def summary(state: SweepState) -> list[str]:
    """Returns sentences about the results so far, the most important ones first."""
    lines = []
    if state.fault:
        lines.append(fault(state))
    if not state.is_active and state.left and state.plan:
        elsewhere = state.elsewhere
        trains = "trains in another program" if elsewhere == 1 else "train in other programs"
        others = f" ({elsewhere} {trains} now)" if elsewhere else ""
        lines.append(
            f"{counted(state.left, 'trial')} {'are' if state.left > 1 else 'is'} left{others}. "
            f"Press g to continue now, or enter the study {printable(state.study)} later."
        )
    for name, spread in state.spreads[:_MOST_SPREADS]:
        lines.append(f"{capitalized(name) or 'These settings'}: {spread}.")
    if state.verdict:
        lines.append(f"{capitalized(state.verdict)}.")
    best = state.best
    if best and not state.spreads:
        lines.append(f"Best: {describe(best.settings)}: {best.accuracy:.2%}.")
    if repeated := about_repeated(state.results.values()):
        lines.append(f"{capitalized(repeated)}.")
    if state.importances:
        shares = [f"{SETTINGS[name].label} {share:.0%}" for name, share in _ranked(state)]
        lines.append(f"Importance for reaching the best 25%: {', '.join(shares)}.")
    elif state.plan and len(state.plan.space.names) > 1 and state.plan.trials >= _FEWEST:
        lines.append(f"The importance of the settings follows after {_FEWEST} complete trials.")
    return [*lines, *(f"{capitalized(note).rstrip('.')}." for note in reversed(state.notes))]


def fault(state: SweepState) -> str:
    """Returns why a sweep had to end, without options of the command line."""
    return f"{plain(state.fault)}."


def _ranked(state: SweepState) -> list[tuple[str, float]]:
    return sorted(state.importances.items(), key=lambda item: -item[1])


def ending(state: SweepState) -> str:
    """Returns what a sweep has reached, for a toast."""
    if state.fault:
        return fault(state)
    if state.spreads:
        name, spread = state.spreads[0]
        text = f"{capitalized(name)}: {spread}" if name else f"Validation accuracy {spread}"
    elif state.best:
        text = f"Best: {state.best.accuracy:.2%} with {describe(state.best.settings)}"
    else:
        text = "No trial is complete"
    return f"{text}. E shows all trials."


def result_text(trial: TrialResult | TrialProgress) -> str:
    """Returns how a trial ended, or how far it is."""
    if isinstance(trial, TrialProgress):
        return f"epoch {trial.epoch} of {trial.epochs}" if trial.epoch else "begins"
    return trial.state


def about(trial: TrialResult | TrialProgress) -> str:
    """Returns a line about the trial at the cursor."""
    text = f"Trial {trial.number} ({describe(trial.settings)}): {result_text(trial)}"
    if isinstance(trial, TrialResult) and trial.message:
        text += f", {printable(trial.message)}"
    return f"{text}, kept as {printable(trial.run)}." if trial.run else f"{text}, not kept yet."
