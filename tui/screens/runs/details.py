"""What the runs screen says about the run at the cursor, below the table."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.config.config import SETTINGS, Config
from core.errors import RunError
from core.events import Phase
from core.runs.directory import by_age
from core.runs.summary import RunSummary, summarize
from core.text import one_line, printable
from tui.drawing.text import cut
from tui.screens.runs.columns import date, net, percent, short_decimal, speed

_DEFAULT = Config()
_MAX_NOTE = 150  # cells; n shows all of it
_HERE = "open in this program"


def details(run: RunSummary) -> list[str]:
    """Returns paragraphs about a run: its state, results, settings, data and notes."""
    return [
        f"{run.name}: {_state(run)}. {_results(run)}",
        f"Hidden layers {net(run)}; {run.parameters:,} parameters; {_settings(run)}.",
        f"Started {date(run.started)} on the dataset {printable(run.data)} "
        f"(SHA-256 {run.fingerprint[:8]}), last trained {date(run.updated)}."
        + (f" It {run.origin}." if run.origin else ""),
        *([f"Note: {cut(one_line(run.notes), _MAX_NOTE)}"] if run.notes else []),
    ]


def _steps(run: RunSummary) -> str:
    return f"{run.step:,} step{'s' * (run.step != 1)}"


def _state(run: RunSummary) -> str:
    owner = run.owner
    where = "" if owner is None else _HERE if owner.is_this else f"open in {owner}"
    reason = printable(run.message).rstrip(".") if run.phase is not Phase.PAUSED else ""
    words = [run.state, f"({reason})" if reason else "", where and f"— {where}"]
    return " ".join(part for part in words if part)


def _results(run: RunSummary) -> str:
    epochs = short_decimal(run.epochs)
    parts = [f"{_steps(run)}, {epochs} epoch{'s' * (epochs != '1')}"]
    if run.best_accuracy is not None:
        place = f" in epoch {run.best_epoch:,}" if run.best_epoch is not None else ""
        place += f" ({run.best_scope})" if run.best_scope else ""
        parts.append(
            f"best validation accuracy {percent(run.best_accuracy)}{place}, "
            f"last {percent(run.last_accuracy)}"
        )
    if run.test_accuracy is not None:
        parts.append(f"test accuracy {percent(run.test_accuracy)}")
    if run.images_per_second is not None:
        parts.append(f"{speed(run)} images per second")
    return "; ".join(parts) + "."


def _settings(run: RunSummary) -> str:
    """The settings that are not the defaults, or were changed by hand."""
    texts: Sequence[str] = [
        f"{setting.label} {setting.write(getattr(run.config, name))}"
        + (" (changed later)" if name in run.changed else "")
        for name, setting in SETTINGS.items()
        if name != "hidden"
        and (getattr(run.config, name) != getattr(_DEFAULT, name) or name in run.changed)
    ]
    return ", ".join(texts) or "all other settings are the defaults"


def invitation(directory: Path) -> str:
    """Returns a line about the latest run in a directory, or "" if there is none to continue."""
    for path in by_age(directory):
        with suppress(RunError):
            run = summarize(path)
            can_continue = run.state in ("paused", "interrupted") and not run.owner
            return _line(run) if can_continue else ""
    return ""


def _line(run: RunSummary) -> str:
    best = f", {run.last_accuracy:.1%}" if run.last_accuracy is not None else ""
    return f"{run.name}{best} after {_steps(run)}: R, then Enter, continues it"
