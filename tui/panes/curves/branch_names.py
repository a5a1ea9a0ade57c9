"""The names of other branches at the ends of their curves: what was changed on them."""

from core.branches import net_changes, path_to
from core.config.config import SETTINGS
from core.events import Branch, Change
from core.history.branch_history import OtherBranchCurves
from core.history.snapshot import Snapshot
from tui.drawing.marks import SHORT_NAMES


def branch_names(snapshot: Snapshot, part: OtherBranchCurves) -> tuple[str, ...]:
    """Returns names for a part that is not on the current run, the longest first.

    For a branch that starts where it leaves the run, it is the new value of what was changed
    there; for one that the run left, the value that it kept, or has at its end: "learning rate
    0.003".
    """
    if part.branch == snapshot.branch:
        return ("later steps", "later")
    branch = snapshot.branches[part.branch]
    path = [on_path for on_path, _ in path_to(snapshot.branches, snapshot.branch)]
    if branch in path:
        child = path[path.index(branch) - 1]
        later = {change.field: change.new for change in branch.changes if change.step > child.fork}
        changes = [(change, later.get(change.field, change.old)) for change in _first(child)]
    else:
        changes = [(change, change.new) for change in _first(branch)]
    if not changes:
        return (f"branch {part.branch + 1}",)
    texts = [f"{SETTINGS[c.field].label} {SETTINGS[c.field].write(value)}" for c, value in changes]
    more = f" +{len(changes) - 1}" * (len(changes) > 1)
    first = SETTINGS[changes[0][0].field]
    short = texts[0].replace(first.label, SHORT_NAMES.get(first.name, first.label))
    return ", ".join(texts), texts[0] + more, short + more, f"branch {part.branch + 1}"


def _first(branch: Branch) -> list[Change]:
    """The changes with which a branch starts."""
    changes = net_changes(branch.changes)
    return [change for change in changes if change.step == changes[0].step]
