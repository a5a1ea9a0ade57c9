"""The branches dialog: where each branch starts, what was changed on it and how far it got."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.branches import net_changes
from core.config.config import SETTINGS
from core.events import Branch
from core.history.branch_history import OtherBranchCurves
from core.history.snapshot import Snapshot


class Branches(ModalScreen[int | None]):
    """The list over the panes; returns the number of a branch, or None if it is canceled."""

    AUTO_FOCUS = "OptionList"
    BINDINGS = [Binding("escape,q,y", "leave", "Close", show=False)]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot

    def compose(self) -> ComposeResult:
        options = OptionList(*map(Option, descriptions(self._snapshot)), markup=False)
        options.border_title = "Branches"
        options.border_subtitle = "Enter: go to its end   Escape: close"
        yield options

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._snapshot.branch

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_leave(self) -> None:
        self.dismiss(None)


def descriptions(snapshot: Snapshot) -> list[Content]:
    """Returns two lines for each branch in order; a dot marks the current branch."""
    other_branches = {part.branch: part for part in snapshot.other_branches}
    return [
        Content(
            f"{_head(branch, snapshot, other_branches.get(branch.number))}\n    {_changes(branch)}"
        )
        for branch in snapshot.branches
    ]


def _head(branch: Branch, snapshot: Snapshot, other_branches: OtherBranchCurves | None) -> str:
    is_current = branch.number == snapshot.branch
    text = f"{'●' if is_current else ' '} {branch.number + 1}  "
    if branch.parent is not None:
        text += f"from step {branch.fork:,} of branch {branch.parent + 1} "
    end = snapshot.end if is_current else branch.end
    text += f"to step {end:,}"
    points = (other_branches.evaluation_curves if other_branches else snapshot.evaluation_curves)[
        "accuracy"
    ]
    if len(points) and snapshot.run:
        text += f", {snapshot.run.evaluation_set} accuracy {points.high[-1]:.2%}"
        if points.last[-1] != end:
            text += f" at step {points.last[-1]:,}"
    return text


def _changes(branch: Branch) -> str:
    changes = []
    for change in net_changes(branch.changes):
        setting = SETTINGS[change.field]
        values = f"{setting.write(change.old)} → {setting.write(change.new)}"
        changes.append(f"{setting.label} {values} after step {change.step:,}")
    return ", ".join(changes) or "no settings changed"
