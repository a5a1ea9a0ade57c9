"""The screen: four panes around one training session, and the keys that steer it."""

from time import thread_time

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Footer, Static, Tab, Tabs

from core.events import Phase, Refused, Scored, Turned
from core.history import History, Snapshot
from tui.panes.charts import Charts
from tui.panes.confusion import Confusion
from tui.panes.form import Form
from tui.panes.gallery import Gallery
from tui.panes.status import Status
from tui.screens.help import Help
from tui.session import Session

_FRAME = 0.1  # seconds between looks at what the session did
_SHARE = 0.15  # of a core that the screen may take; a costlier frame waits longer for the next
_LONGEST_FRAME = 0.5

_SMALL = (110, 32)  # below this width or height the panes are shown one at a time
_TALL = 58  # from this height on there are two rows of images
_TOO_SMALL = (50, 16)


class Training(Screen[None]):
    """Steers the session by keys and shows its snapshot."""

    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("space,f5", "run_or_pause", "Run/pause", key_display="space"),
        Binding("s,f10", "step", "One batch", key_display="s"),
        Binding("e", "epoch", "To epoch's end"),
        Binding("r", "reset", "Reset"),
        Binding("t", "score", "Test"),
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("q", "app.quit", "Quit"),
        Binding("1", "pane('charts')", "Curves", show=False),
        Binding("2", "pane('confusion')", "Confusion matrix", show=False),
        Binding("3", "pane('gallery')", "Mistakes", show=False),
        Binding("4", "pane('form')", "Settings", show=False),
        Binding("l", "log_loss", "Logarithmic loss", show=False),
        Binding("w", "window", "Whole run or its last steps", show=False),
        Binding("escape", "leave", "Leave the field", show=False),
        # With priority, or letters typed right after Tab would still go to the field before.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def __init__(self, session: Session, form: Form) -> None:
        super().__init__()
        self._session = session
        self._form = form
        self._history = History()
        self._frame_began = thread_time()

    def compose(self) -> ComposeResult:
        yield Status(id="status").data_bind(Training.snapshot)
        yield Tabs(
            Tab("1 Curves", id="tab-charts"),
            Tab("2 Confusion", id="tab-confusion"),
            Tab("3 Mistakes", id="tab-gallery"),
            Tab("4 Settings", id="tab-form"),
        )
        with Grid(id="panes"):
            yield self._form.data_bind(Training.snapshot)
            yield Charts(id="charts").data_bind(Training.snapshot)
            yield Confusion().data_bind(Training.snapshot)
            yield Gallery().data_bind(Training.snapshot)
        yield Static("The window is too small: at least 50×16 characters.", id="too-small")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(Tabs).can_focus = False
        self._show_pane("charts")
        self.call_after_refresh(self._frame)

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width < _SMALL[0] or height < _SMALL[1], "-small")
        self.set_class(height >= _TALL, "-tall")
        self.set_class(width < _TOO_SMALL[0] or height < _TOO_SMALL[1], "-too-small")

    def _frame(self) -> None:
        """A frame, and a timer for the next: the dearer this one, the later."""
        self.fetch()
        spent = thread_time() - self._frame_began
        self._frame_began = thread_time()
        self.set_timer(min(max(_FRAME, spent / _SHARE), _LONGEST_FRAME), self._frame)

    def fetch(self) -> None:
        """Fetches what the session did since the last time, and shows it."""
        news = self._session.drain()
        for event in news:
            self._history.add(event)
            if isinstance(event, Refused):
                self._form.refuse(event.field, event.message)
            elif isinstance(event, Turned) and event.message:
                self._tell(event)
            elif isinstance(event, Scored):
                test = event.evaluation
                self.notify(
                    f"accuracy {test.accuracy:.2%}, loss {test.loss:.4f} "
                    f"on {len(test.labels):,} images, after step {test.step}",
                    title="Test set",
                    markup=False,
                )
        if news:
            self.snapshot = self._history.snapshot()

    def action_run_or_pause(self) -> None:
        if not self._over():
            self._session.toggle()

    def action_step(self) -> None:
        if not self._over():
            self._session.step()

    def action_epoch(self) -> None:
        if not self._over():
            self._session.epoch()

    def action_reset(self) -> None:
        self._session.reset(self._form.wanted)

    def action_score(self) -> None:
        self._session.score()

    def action_help(self) -> None:
        self.app.push_screen(Help())

    def action_leave(self) -> None:
        self.set_focus(None)

    def action_pane(self, pane: str) -> None:
        """Shows the pane, if they are shown one at a time, and gives it the keys."""
        self._show_pane(pane)
        widget = self.query_one(f"#{pane}")
        target = widget if widget.can_focus else next(iter(widget.query("*:can-focus")), None)
        self.set_focus(target)

    def action_log_loss(self) -> None:
        self.query_one(Charts).action_log_loss()

    def action_window(self) -> None:
        self.query_one(Charts).action_window()

    @on(Tabs.TabActivated)
    def _follow_tabs(self) -> None:
        # The tab that is active now: the event may be older than the last key.
        active = self.query_one(Tabs).active.removeprefix("tab-")
        for widget in self.query("#panes > *"):
            widget.set_class(widget.id == active, "-shown")

    @on(Form.Changed)
    def _change(self, event: Form.Changed) -> None:
        self._session.change(**{event.name: event.value})

    def _show_pane(self, pane: str) -> None:
        self.query_one(Tabs).active = f"tab-{pane}"
        self._follow_tabs()

    def _tell(self, event: Turned) -> None:
        if self._history.snapshot().began is None:  # no data, so that there is nothing to show
            self.app.exit(event.message, return_code=2)
        else:
            self.notify(
                event.message or "",
                title=event.phase.value,
                severity="information" if event.phase is Phase.FINISHED else "error",
                timeout=15,
                markup=False,
            )

    def _over(self) -> bool:
        """Says so if all epochs are done, for then there is nothing to run."""
        if self.snapshot.phase is not Phase.FINISHED:
            return False
        self.notify("All epochs are done. Raise epochs in the settings, or press r to start anew.")
        return True
