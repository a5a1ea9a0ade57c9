"""The branches dialog: where each branch starts, what was changed on it and how far it got."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.branches import net_changes
from core.config.config import SETTINGS
from core.events import Branch
from core.history.branch_history import OtherBranchCurves
from core.history.snapshot import Snapshot


class Branches(ModalScreen[int | None]):
    """The list over the panes; returns the number of a branch, or None if it is cancelled.

    training: the screen whose `snapshot` it follows.
    """

    AUTO_FOCUS = "OptionList"
    BINDINGS = [Binding("escape,q,y", "leave", "Close", show=False)]

    def __init__(self, training: Screen[None]) -> None:
        super().__init__()
        self._training = training
        self._shown: list[Content] = []

    def compose(self) -> ComposeResult:
        options = OptionList(markup=False)
        options.border_title = "Branches"
        options.border_subtitle = "Enter: go to its end   Escape: close"
        yield options

    def on_mount(self) -> None:
        self.watch(self._training, "snapshot", self._follow)
        self.query_one(OptionList).highlighted = self._training.snapshot.branch  # type: ignore[attr-defined]

    def _follow(self, snapshot: Snapshot) -> None:
        """Shows the branches as they are now; the highlighted one stays highlighted."""
        options, texts = self.query_one(OptionList), descriptions(snapshot)
        if len(texts) < len(self._shown):  # of another run
            options.clear_options()
            self._shown = []
        for index, (text, before) in enumerate(zip(texts, self._shown, strict=False)):
            if text != before:
                options.replace_option_prompt_at_index(index, text)
        options.add_options(map(Option, texts[len(self._shown) :]))
        self._shown = texts

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
            f"{_head(branch, snapshot, other_branches.get(branch.number))}\n    "
            f"{_changes(branch, snapshot.branches)}"
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


def _changes(branch: Branch, branches: Sequence[Branch]) -> str:
    """The changes on a branch, each from the value that was trained with before, as in the charts.

    What the branch before it changed at the step where it begins was not trained with.
    """
    before = branches[branch.parent].changes if branch.parent is not None else ()
    untrained = [change for change in before if change.step == branch.fork]
    own = {(change.step, change.field) for change in branch.changes}
    merged = net_changes([*untrained, *branch.changes])
    kept = [change for change in merged if (change.step, change.field) in own]
    changes = []
    for change in kept or net_changes(branch.changes):
        setting = SETTINGS[change.field]
        values = f"{setting.write(change.old)} → {setting.write(change.new)}"
        changes.append(f"{setting.label} {values} after step {change.step:,}")
    return ", ".join(changes) or "no settings changed"
