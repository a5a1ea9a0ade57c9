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
from core.coach.finding_log import FindingLog, Noted
from core.coach.review import is_problem
from core.config.config import Config
from core.events import Phase
from core.history.snapshot import Snapshot
from core.text import capitalized
from tui.preferences import COACH, Preferences, follow, kept, remember
from tui.screens.coach_levels import MEANINGS

_SIGNS = {Seriousness.NOTE: "i", Seriousness.WARNING: "!", Seriousness.ERROR: "!"}
_COLORS = {
    Seriousness.NOTE: "$text-muted",
    Seriousness.WARNING: "$text-warning",
    Seriousness.ERROR: "$text-error",
}


_RESUMED = "Findings from before the run was resumed are not kept."


class CoachScreen(ModalScreen[Proposal | None]):
    """The list over the panes; returns the proposal that the user takes, or None.

    training: the screen whose `snapshot` it follows. finding_log: what the coach has found.
    """

    AUTO_FOCUS = "OptionList"
    BINDINGS = [
        Binding("escape,q,k", "leave", "Close", show=False),
        Binding("r", "restart", "Restart", show=False),
        Binding("c", "level", "Coach: off, quiet or on", show=False),
    ]

    def __init__(self, training: Screen[None], finding_log: FindingLog) -> None:
        super().__init__()
        self._training: Any = training
        self._finding_log = finding_log
        self._shown: list[Content] = []
        self._listed: tuple[Noted, ...] = ()  # what holds, then what has passed

    def compose(self) -> ComposeResult:
        options = OptionList(markup=False)
        options.border_title = "Coach"
        yield options

    def on_mount(self) -> None:
        follow(self, self._show_level)
        self.watch(self._training, "coached", self._show)

    def _show_level(self, preferences: Preferences) -> None:
        level = preferences.coach
        self.query_one(OptionList).border_title = f"Coach: {level} ({MEANINGS[level]})"
        self._show()

    @on(OptionList.OptionHighlighted)
    def _show(self) -> None:
        """Shows the findings as they are now; the highlighted one stays highlighted."""
        options, level = self.query_one(OptionList), kept(self).coach
        log, place = self._finding_log, options.highlighted
        before = None if place is None or place >= len(self._listed) else self._listed[place]
        # When the coach is off, it no longer looks at the run, so what it has found may be over.
        # A note is about what is shown; one that has passed, or is behind a problem, helps no one.
        passed = [noted for noted in log.past if is_problem(noted.finding)]
        self._listed = () if level == "off" else (*log.now, *passed)
        places = (n for n, noted in enumerate(self._listed) if before and _same(noted, before))
        place = next(places, min(place or 0, len(self._listed) - 1))
        texts = self._texts(level, place)
        if texts != self._shown:
            selectable = sum(not option.disabled for option in options.options)
            if len(texts) == len(self._shown) and selectable == len(self._listed) > 0:
                for n, text in enumerate(texts):
                    if text != self._shown[n]:
                        options.replace_option_prompt_at_index(n, text)
            else:
                options.clear_options()
                options.add_options(
                    Option(text, disabled=n >= len(self._listed)) for n, text in enumerate(texts)
                )
            self._shown = texts
            options.highlighted = place if self._listed else None
            self.call_after_refresh(options.scroll_to_highlight)
        self._show_keys()

    def _texts(self, level: str, place: int) -> list[Content]:
        """Returns the texts of the list; that of a finding which has passed has its evidence and
        reason only if it is the highlighted one. Warnings that no finding explains follow. In a
        resumed run, the last text says so."""
        snapshot: Snapshot = self._training.snapshot
        warnings = snapshot.evaluation.warnings if snapshot.evaluation else ()
        if self._listed:
            config, current = self._training.draft.wanted, snapshot.config
            finished = snapshot.phase is Phase.FINISHED
            texts = [
                describe(noted, config, current, finished)
                if noted.until is None
                else describe_past(noted, in_full=n == place)
                for n, noted in enumerate(self._listed)
            ]
            if warnings and not any(is_problem(noted.finding) for noted in self._finding_log.now):
                texts.append(Content(_unexplained(warnings)))
        else:
            texts = [Content(_nothing(level, warnings))]
        if level != "off" and snapshot.run is not None and snapshot.run.records:
            texts.append(Content.styled(_RESUMED, "$text-muted"))
        return texts

    def _show_keys(self) -> None:
        """Lists the keys, of those for a change only what the highlighted finding can use."""
        keys = {
            "proposed": "Enter: make the change   ",
            "waits": "r: restart   ",
        }.get(self._state(self.query_one(OptionList).highlighted), "")
        options = self.query_one(OptionList)
        options.border_subtitle = f"{keys}c: off, quiet or on   Escape: close"

    def _state(self, place: int | None) -> str:
        """How far the change is that a finding proposes, see `state_of_change`, or "passed"."""
        if place is None or place >= len(self._listed):
            return "none"
        noted = self._listed[place]
        if noted.until is not None:
            return "passed"
        return state_of_change(noted.finding.proposal, self._training.draft.wanted)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        match self._state(event.option_index):
            case "proposed":
                self.dismiss(self._listed[event.option_index].finding.proposal)
            case "waits":
                self.notify("Pending: press r to restart.", timeout=3)
            case "done":
                self.notify("The change is made.", timeout=3)
            case "passed":
                self.notify("This has passed, so there is no change to make.", timeout=3)
            case _:
                self.notify("No change is proposed for this.", timeout=3)

    def action_restart(self) -> None:
        """Starts the new run that a pending change needs."""
        if any(self._state(place) == "waits" for place in range(len(self._listed))):
            self.dismiss(None)
            self._training.action_restart()
        else:
            self.notify("No change is pending.", timeout=3)

    def action_level(self) -> None:
        """Changes how much the coach says."""
        level = COACH[(COACH.index(kept(self).coach) + 1) % len(COACH)]
        remember(self, coach=level)
        self._show()

    def action_leave(self) -> None:
        self.dismiss(None)


def describe(noted: Noted, wanted: Config, current: Config | None, finished: bool) -> Content:
    """Returns a finding as lines: title, evidence, reason and the change.

    wanted: the settings of the form. current: those of the run. finished: whether it has finished.
    """
    finding = noted.finding
    color = _COLORS[finding.seriousness]
    title = f"{_SIGNS[finding.seriousness]} {capitalized(finding.title)}"
    return Content.assemble(
        (title, f"bold {color}"),
        (f"  noticed at step {noted.since:,}", "$text-muted"),
        f"\n{finding.evidence}\n{finding.reason}",
        (_change(finding, wanted, current, finished), "bold"),
        "\n",
    )


def _change(finding: Finding, wanted: Config, current: Config | None, finished: bool) -> str:
    proposal = finding.proposal
    match state_of_change(proposal, wanted):
        case "waits":
            return "\nPending: press r to restart."
        case "done":
            return "\nDone."
    return f"\n→ {proposal.describe(current or wanted, finished)}" if proposal else ""


def state_of_change(proposal: Proposal | None, wanted: Config) -> str:
    """Returns whether a change is "proposed", "waits" for a restart, or is "done"; else "none".

    wanted: the settings of the form.
    """
    if proposal is None:
        return "none"
    if getattr(wanted, proposal.setting) != proposal.value:
        return "proposed"
    return "waits" if proposal.applies == "restart" else "done"


def describe_past(noted: Noted, in_full: bool) -> Content:
    """Returns a line about a finding that no longer holds.

    in_full: also what it was, with the step that its numbers are of, and why.
    """
    finding = noted.finding
    text = (
        f"  {capitalized(finding.title)} (noticed at step {noted.since:,}, "
        f"gone at step {noted.until:,})"
    )
    if in_full:
        step = noted.since if noted.at is None else noted.at
        text += f"\nAt step {step:,}: {finding.evidence}\n{finding.reason}"
    return Content.styled(text, "$text-muted")


def _same(one: Noted, other: Noted) -> bool:
    """Whether it is the same finding, which may have passed in the meantime."""
    return (one.finding.rule, one.since) == (other.finding.rule, other.since)


def _unexplained(warnings: Sequence[str]) -> str:
    """The text about warnings that the coach has no finding for; the status line has the first."""
    names = "; ".join(warnings)
    return f"! {capitalized(names)}.\nThe coach can explain this after some more steps."


def _nothing(level: str, warnings: Sequence[str]) -> str:
    """The text in place of findings. warnings: of the last evaluation."""
    if level == "off":
        return "The coach is off and does not look at the run. Press c to switch it on."
    if warnings:
        return _unexplained(warnings)
    return (
        "No findings. While the run trains, the coach checks its losses, layers and "
        "evaluations, and lists here what goes wrong, why, and what to change."
    )
