"""The branches of a run: where each began, what was changed on it, how far and how well it got."""

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
    """Over the panes; left with the number of the branch to go to, or with None."""

    AUTO_FOCUS = "OptionList"
    BINDINGS = [Binding("escape,q,y", "leave", "Back", show=False)]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot

    def compose(self) -> ComposeResult:
        options = OptionList(*map(Option, descriptions(self._snapshot)), markup=False)
        options.border_title = "Branches"
        options.border_subtitle = "Enter: go to its end   Escape: back"
        yield options

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._snapshot.branch

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        if self.is_current:
            self.dismiss(event.option_index)

    def action_leave(self) -> None:
        if self.is_current:
            self.dismiss(None)


def descriptions(snapshot: Snapshot) -> list[Content]:
    """Two lines for each branch, in the order of their numbers; the one of now has a sign."""
    other_branches = {part.branch: part for part in snapshot.other_branches}
    return [
        Content(
            f"{_head(branch, snapshot, other_branches.get(branch.number))}\n    {_changes(branch)}"
        )
        for branch in snapshot.branches
    ]


def _head(branch: Branch, snapshot: Snapshot, other_branches: OtherBranchCurves | None) -> str:
    here = branch.number == snapshot.branch
    words = f"{'●' if here else ' '} {branch.number + 1}  "
    if branch.parent is not None:
        words += f"from step {branch.fork:,} of branch {branch.parent + 1}, "
    words += f"to step {snapshot.end if here else branch.end:,}"
    points = (other_branches.evaluation_curves if other_branches else snapshot.evaluation_curves)[
        "accuracy"
    ]
    if len(points) and snapshot.run:
        words += f", {snapshot.run.evaluation_set} accuracy {points.high[-1]:.2%}"
    return words


def _changes(branch: Branch) -> str:
    said = []
    for change in net_changes(branch.changes):
        setting = SETTINGS[change.field]
        values = f"{setting.write(change.old)} → {setting.write(change.new)}"
        said.append(f"{setting.label} {values} after step {change.step:,}")
    return ", ".join(said) or "as it began"
