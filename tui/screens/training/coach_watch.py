"""The coach of the training screen: when it looks at the run, and what it says where."""

from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING

from core.coach.finding import Proposal
from core.coach.finding_log import FindingLog
from core.config.config import SETTINGS
from core.events import Phase
from core.history.snapshot import Snapshot
from tui.preferences import Preferences, kept
from tui.run.session import Session
from tui.screens.coach_levels import spoken
from tui.screens.training.toasts import advice

if TYPE_CHECKING:
    from tui.screens.training.screen import TrainingScreen

_INTERVAL = 0.5  # seconds between two looks at a running run


class CoachWatch:
    """Lets the coach follow the run; what it says in the status line is `training.coached`."""

    def __init__(self, training: "TrainingScreen", session: Session) -> None:
        self._training, self._session = training, session
        self._finding_log = FindingLog()
        self._next_look = 0.0

    def look(self, before: Snapshot) -> None:
        """Lets the coach look at the snapshot: now and then, or if there is an evaluation."""
        training = self._training
        snapshot, level = training.snapshot, kept(training).coach
        waits = monotonic() < self._next_look and snapshot.evaluation is before.evaluation
        if level == "off" or (snapshot.phase is Phase.RUNNING and waits):
            return
        self._next_look = monotonic() + _INTERVAL
        self._follow(snapshot, level)
        training.coached = spoken(self._finding_log.now, level)

    def look_early(self, snapshot: Snapshot) -> None:
        """Lets the coach look at a step of the first epoch, also between two frames: at full speed,
        hundreds of steps are."""
        level = kept(self._training).coach
        if level != "off" and snapshot.step is not None and snapshot.step.epoch == 1:
            self._follow(snapshot, level)

    def _follow(self, snapshot: Snapshot, level: str) -> None:
        for noted in self._finding_log.follow(snapshot):
            if level == "on" and (notice := advice(noted, snapshot.phase)) is not None:
                self._training.notify(**asdict(notice))

    def adopt(self, preferences: Preferences) -> None:
        """Follows the preference for how much the coach says."""
        if preferences.coach != "off":
            self._finding_log.follow(self._training.snapshot)
        self._training.coached = spoken(self._finding_log.now, preferences.coach)

    def open(self) -> None:
        """Opens the list of findings; the change that is chosen there is made."""
        from tui.screens.coach import CoachScreen

        self._training.app.push_screen(CoachScreen(self._training, self._finding_log), self._change)

    def _change(self, proposal: Proposal | None) -> None:
        if proposal is None:
            return
        training, setting = self._training, SETTINGS[proposal.setting]
        is_diverged = training.snapshot.phase is Phase.DIVERGED
        goes_back = is_diverged and setting.applies == "next batch"
        if goes_back:  # the weights as they are can hardly be trained further
            self._session.step_back(1)
        training.enter(proposal.setting, proposal.value, proposal.restart, goes_back)
