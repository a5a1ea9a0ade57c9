"""The tables of `fashion-tui runs show`: all that is known about one run."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from core.branches import net_changes
from core.config.config import SETTINGS
from core.runs.run import Run
from core.runs.summary import RunSummary
from core.text import capitalized, one_line
from tui.headless.run_facts import (
    MISSING,
    RESULTS,
    date,
    decimal,
    left_out,
    safe,
    scope,
    state,
    table_of,
)

_MACHINE = {"fashion_tui": "fashion-tui"}
"""The names of facts about the machine that are not their keys."""


def details(summary: RunSummary, run: Run) -> Iterator[Table | str]:
    """Yields what `runs show` prints: results, settings, changes by hand, branches, machine."""
    yield f"{summary.name}{' ★' * summary.star}: {state(summary, True)}"
    if summary.message:
        yield capitalized(summary.message)
    if summary.origin:
        yield f"{capitalized(str(summary.origin))}."
    if summary.notes:
        yield one_line(summary.notes)
    yield str(summary.path.absolute())
    machine = run.meta.get("machine")
    known = machine if isinstance(machine, dict) else {}
    rows = [
        *((head, text(summary) + scope(head, summary)) for head, text in RESULTS),
        ("epochs", f"{decimal(summary.epochs)} of {run.current_config.epochs:,}"),
        ("parameters", f"{summary.parameters:,}"),
        ("started", date(summary.started)),
        ("last trained", date(summary.updated)),
        ("data", f"{summary.data}, SHA-256 {summary.fingerprint[:12]}"),
        *((("left out", left_out(run)),) if run.reading.left_out else ()),
        *(
            (_MACHINE.get(name, name.replace("_", " ")), str(value))
            for name, value in known.items()
        ),
    ]
    yield _pairs(rows)
    config, current = run.first_config, run.current_config
    table = table_of("Settings", ("setting", "at the start", "now"))
    for name, setting in SETTINGS.items():
        first, now = (setting.write(getattr(values, name)) for values in (config, current))
        table.add_row(setting.label, first, Text(now, "bold" if now != first else ""))
    yield table
    changes = table_of("Changes by hand", ("branch", "after step", "setting", "from", "to"))
    branches = table_of("Branches", ("branch", "starts from", "after step", "ends at step", ""))
    for branch in run.branches:
        for change in net_changes(branch.changes):
            if not (branch.number or change.step):
                continue  # a setting of the first step
            setting = SETTINGS[change.field]
            values = setting.write(change.old), setting.write(change.new)
            changes.add_row(str(branch.number + 1), f"{change.step:,}", setting.label, *values)
        branches.add_row(
            str(branch.number + 1),
            MISSING if branch.parent is None else f"branch {branch.parent + 1}",
            MISSING if branch.parent is None else f"{branch.fork:,}",
            f"{branch.end:,}",
            f"here, at step {run.step:,}" if branch.number == run.branch else "",
        )
    if changes.row_count:
        yield changes
    if len(run.branches) > 1:
        yield branches


def _pairs(rows: Sequence[tuple[str, str]]) -> Table:
    table = table_of()
    table.show_header = False
    for head, text in rows:
        table.add_row(Text(safe(head)), Text(safe(text)))
    return table
