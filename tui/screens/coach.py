"""The coach's dialog: all findings with their evidence, and the change that each proposes."""

from collections.abc import Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.memory import Memory, Noted
from core.config.config import Config
from core.text import capitalized
from tui.preferences import COACH, Preferences, follow, kept, remember
from tui.screens.coach_levels import MEANINGS

_SIGNS = {Seriousness.NOTE: "i", Seriousness.WARNING: "!", Seriousness.ERROR: "!"}
_COLORS = {
    Seriousness.NOTE: "$text-muted",
    Seriousness.WARNING: "$text-warning",
    Seriousness.ERROR: "$text-error",
}


class CoachScreen(ModalScreen[Proposal | None]):
    """The list over the panes; returns the proposal that the user takes, or None.

    training: the screen whose `snapshot` it follows. memory: what the coach has found.
    """

    AUTO_FOCUS = "OptionList"
    BINDINGS = [
        Binding("escape,q,k", "leave", "Close", show=False),
        Binding("c", "level", "Coach: off, quiet or on", show=False),
    ]

    def __init__(self, training: Screen[None], memory: Memory) -> None:
        super().__init__()
        self._training: Any = training
        self._memory = memory
        self._shown: list[Content] = []
        self._proposals: list[Proposal | None] = []

    def compose(self) -> ComposeResult:
        options = OptionList(markup=False)
        options.border_title = "Coach"
        yield options

    def on_mount(self) -> None:
        follow(self, self._show_level)
        self.watch(self._training, "coached", self._show)

    def _show_level(self, preferences: Preferences) -> None:
        level = preferences.coach
        options = self.query_one(OptionList)
        options.border_title = f"Coach: {level} ({MEANINGS[level]})"
        options.border_subtitle = "Enter: make the change   c: off, quiet or on   Escape: close"

    def _show(self) -> None:
        """Shows the findings as they are now; the highlighted one stays highlighted."""
        config = self._training.draft.wanted
        now = self._memory.now
        texts = [describe(each, config, self._training.snapshot.config) for each in now]
        texts += [_past(each) for each in self._memory.past]
        if not texts:
            evaluation = self._training.snapshot.evaluation
            warnings = evaluation.warnings if evaluation else ()
            texts = [Content(_nothing(kept(self).coach, warnings))]
        if texts == self._shown:
            return
        self._shown, self._proposals = texts, [each.finding.proposal for each in now]
        options = self.query_one(OptionList)
        highlighted = options.highlighted or 0
        options.clear_options()
        options.add_options(
            Option(text, disabled=place >= len(now)) for place, text in enumerate(texts)
        )
        if now:
            options.highlighted = min(highlighted, len(now) - 1)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        proposal = self._proposals[event.option_index]
        if proposal is not None:
            self.dismiss(proposal)
        else:
            self.notify("No change is proposed for this.", timeout=3)

    def action_level(self) -> None:
        """Changes how much the coach says."""
        level = COACH[(COACH.index(kept(self).coach) + 1) % len(COACH)]
        remember(self, coach=level)
        self._show()

    def action_leave(self) -> None:
        self.dismiss(None)


def describe(noted: Noted, wanted: Config, current: Config | None) -> Content:
    """Returns a finding as lines: title, evidence, reason and the change.

    wanted: the settings of the form. current: those of the run.
    """
    finding = noted.finding
    color = _COLORS[finding.seriousness]
    title = f"{_SIGNS[finding.seriousness]} {capitalized(finding.title)}"
    return Content.assemble(
        (title, f"bold {color}"),
        (f"  since step {noted.since:,}", "$text-muted"),
        f"\n{finding.evidence}\n{finding.reason}",
        (_change(finding, wanted, current), "bold"),
        "\n",
    )


def _change(finding: Finding, wanted: Config, current: Config | None) -> str:
    proposal = finding.proposal
    if proposal is None:
        return ""
    if getattr(wanted, proposal.setting) == proposal.value:
        return "\nDone. Press r to restart." if proposal.applies == "restart" else "\nDone."
    return f"\n→ {proposal.describe(current or wanted)}"


def _past(noted: Noted) -> Content:
    """Returns one line about a finding that no longer holds."""
    text = f"  {capitalized(noted.finding.title)}, steps {noted.since:,} to {noted.until:,}"
    return Content.styled(text, "$text-muted")


def _nothing(level: str, warnings: Sequence[str]) -> str:
    """The text in place of findings. warnings: of the last evaluation."""
    if level == "off":
        return "The coach is off. Press c to switch it on."
    if warnings:  # the line at the top names the first
        names = "; ".join(warnings)
        return f"! {capitalized(names)}.\nThe coach can explain this after some more steps."
    return (
        "No findings. While the run trains, the coach checks its losses, layers and "
        "evaluations, and lists here what goes wrong, why, and what to change."
    )
