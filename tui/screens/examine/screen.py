"""An examination of a picture over the whole window. Training continues behind it.

It follows the network: while training runs, at most a twentieth of the time goes to it.
"""

from collections.abc import Callable
from time import monotonic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen, Screen

from core.history.snapshot import Snapshot
from tui.panes.key_bar import KeyBar
from tui.panes.picture_toggle import PictureToggle
from tui.run.inspector import ExaminationTask
from tui.screens.examine.pane import ExaminePane

_INTERVAL = 0.25  # seconds between two looks whether the network has changed
_PAUSE = 20  # times what an answer took, before the next question


class ExamineScreen(ModalScreen[None], PictureToggle):
    """Shows a pane.

    training: the screen whose `snapshot` it follows. examine: asks the network, see
    `Session.examine`.
    """

    BINDINGS = [
        Binding("escape,q", "leave", "Close", key_display="esc"),
        Binding("i", "pictures", "Half-blocks or ASCII"),
        Binding("g", "app.steer('go_to')", "Go to", show=False),
        Binding("t,f5", "app.steer('run_or_pause')", "Train", key_display="t"),
        Binding("s,f10", "app.steer('step')", "One batch", key_display="s"),
    ]

    def __init__(
        self,
        training: Screen[None],
        pane: ExaminePane,
        examine: Callable[[str, ExaminationTask], None],
    ) -> None:
        super().__init__()
        self._training, self._pane, self._examine = training, pane, examine
        self._snapshot: Snapshot = training.snapshot  # type: ignore[attr-defined]
        self._asked: object = None  # the state of the run and the topic of the latest questions
        self._asked_at = self._next = 0.0  # seconds

    def compose(self) -> ComposeResult:
        yield self._pane.data_bind(ExamineScreen.pictures)
        yield KeyBar()

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they would cover the pictures
        self._pane.focus()
        self.watch(self._training, "snapshot", self._follow)
        self.ask()
        self.set_interval(_INTERVAL, self.ask)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _follow(self, snapshot: Snapshot) -> None:
        before, self._snapshot = self._snapshot, snapshot
        if snapshot.examined is not before.examined:
            now = monotonic()
            self._next = now + _PAUSE * (now - self._asked_at)
        self._pane.snapshot = snapshot

    @on(ExaminePane.TopicChanged)
    def ask(self) -> None:
        """Asks the network if it has changed, or the topic of the pane."""
        now, topic = self._snapshot, self._pane.topic
        state = (now.run, now.steps, now.move_count), topic
        is_same = isinstance(self._asked, tuple) and self._asked[1] == topic
        waits = now.full_speed and is_same and monotonic() < self._next
        if now.run is not None and now.progress is None and state != self._asked and not waits:
            self._asked, self._asked_at = state, monotonic()
            for task, work in self._pane.questions():
                self._examine(task, work)
