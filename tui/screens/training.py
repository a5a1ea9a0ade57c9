"""The screen: four panes around one training session, and the keys that steer it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from time import monotonic, thread_time

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.reactive import Reactive, reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from core.config.config import SETTINGS, Config
from core.events import Change, Event, Phase, PhaseChanged, Refused, Scored
from core.goals import Goal
from core.history.history import History
from core.history.image_selection import ImageSelection
from core.history.snapshot import Snapshot
from tui.journal import LOGGER
from tui.panes.confusion import Confusion
from tui.panes.curves.messages import MoveRequested
from tui.panes.gallery import Gallery
from tui.panes.key_bar import KeyBar
from tui.panes.pane_layout import PaneLayout
from tui.panes.settings.draft import Draft
from tui.panes.settings.form import Form
from tui.panes.status_bar import StatusBar
from tui.run.session import Session

_FRAME = 0.1  # seconds between frames while news keep coming
_SHARE = 0.07  # of a core that the screen may take; a costlier frame waits longer for the next
_LONGEST_FRAME = 0.5

_SMALL = (110, 32)  # below this width or height the panes are shown one at a time
_TALL = 58  # from this height on there are two rows of images
_TOO_SMALL = (50, 16)
_WIDE = 180  # from this width on a further pane has a column of its own


class TrainingScreen(Screen[None]):
    """Steers the session by keys and shows its snapshot."""

    AUTO_FOCUS = ""
    ALLOW_IN_MAXIMIZED_VIEW = "#status, KeyBar"
    # In the order in which they are worth a place at the bottom.
    BINDINGS = [
        Binding("space,f5", "run_or_pause", "Run/pause", key_display="space"),
        Binding("s,f10", "step", "One batch", key_display="s"),
        Binding("e", "epoch", "To epoch's end"),
        Binding("b", "back(1)", "Batch back"),
        Binding("r", "reset", "Reset"),
        Binding("t", "score", "Test"),
        Binding("g", "go_to", "Go to"),
        Binding("less_than_sign", "pace(-1)", "Slower", key_display="<"),
        Binding("greater_than_sign", "pace(1)", "Faster", key_display=">"),
        Binding("x", "further('step')", "Take a step apart"),
        Binding("f", "full_screen", "Full screen"),
        Binding("S", "steps(10)", "Ten batches", key_display="S"),
        Binding("B", "back(10)", "Ten batches back", key_display="B"),
        Binding("y", "branches", "Branches"),
        Binding("n", "log", "Log of what was said"),
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("q", "app.quit", "Quit"),
        Binding("ctrl+z", "undo", "Take back a setting", show=False),
        Binding("1", "pane('charts')", "Curves", show=False),
        Binding("2", "pane('confusion')", "Confusion matrix", show=False),
        Binding("3", "pane('gallery')", "Mistakes", show=False),
        Binding("4", "pane('form')", "Settings", show=False),
        Binding("5", "pane('step')", "The step, taken apart", show=False),
        Binding("6", "pane('network')", "Inside the network", show=False),
        Binding("d,f11", "walk(1)", "One stage of the step on", show=False),
        Binding("D", "walk(-1)", "One stage of the step back", show=False),
        Binding("l", "ask('charts', 'log_loss')", "Logarithmic loss", show=False),
        Binding("w", "ask('charts', 'window')", "Whole run or its last steps", show=False),
        Binding("%", "ask('confusion', 'percent')", "Counts or percent", show=False),
        Binding("m", "ask('gallery', 'kind')", "Mistakes, recognised, all", show=False),
        Binding("c", "ask('gallery', 'label(1)')", "Images of one class", show=False),
        Binding("C", "ask('gallery', 'label(-1)')", "Class before", show=False),
        Binding("o", "ask('gallery', 'order')", "Order of the images", show=False),
        Binding("i", "ask('gallery', 'pictures')", "Kind of picture", show=False),
        Binding("escape", "leave", show=False),
        # With priority, or letters typed right after Tab would still go to the field before.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    @dataclass
    class EventsReady(Message):
        """The session has something to say; someone waits for it if it is urgent."""

        urgent: bool

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    # Textual would paint all panes anew whenever the focus moves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, session: Session, config: Config, preset: str) -> None:
        super().__init__()
        self._session = session
        self.draft = Draft(config, preset)
        self._form = Form(self.draft)
        self._room = PaneLayout(self._form)
        self._history = History()
        self._frame_began = thread_time()
        self._next_frame = 0.0  # the earliest time for one that is not urgent
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield StatusBar(id="status").data_bind(TrainingScreen.snapshot)
        yield self._room.data_bind(TrainingScreen.snapshot)
        yield Static("The window is too small: at least 50×16 characters.", id="too-small")
        yield KeyBar()

    def on_mount(self) -> None:
        self._session.listen(lambda urgent: self.post_message(self.EventsReady(urgent)))

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        small = width < _SMALL[0] or height < _SMALL[1]
        self.set_class(small, "-small")
        self.set_class(width >= _WIDE and not small, "-wide")
        self.set_class(height >= _TALL, "-tall")
        self.set_class(width < _TOO_SMALL[0] or height < _TOO_SMALL[1], "-too-small")
        self._room.fit()

    def on_training_screen_events_ready(self, news: EventsReady) -> None:
        """An urgent frame is drawn at once; others keep their distance, the dearer the more."""
        wait = self._next_frame - monotonic()
        if news.urgent or wait <= 0:  # Textual divides by the seconds of a timer
            self._frame()
        elif self._timer is None:
            self._timer = self.set_timer(wait, self._frame)

    def _frame(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.fetch()
        # What this thread spent since the frame before: on that one, its layout and drawing.
        spent = thread_time() - self._frame_began
        self._frame_began = thread_time()
        self._next_frame = monotonic() + min(max(_FRAME, spent / _SHARE), _LONGEST_FRAME)

    def fetch(self) -> None:
        """Fetches what the session did since the last time, and shows it."""
        news = self._session.drain()
        for event in news:
            self._history.add(event)
            self._say(event)
        if news:
            self.snapshot = self._history.snapshot()

    def _say(self, event: Event) -> None:
        """In words what the panes do not show, or not clearly enough."""
        match event:
            case Change(step, field, old, new):
                write = SETTINGS[field].write
                name = SETTINGS[field].label
                LOGGER.info(f"{name} {write(old)} → {write(new)} after step {step:,}")
            case Refused(field, message) if field in SETTINGS:
                LOGGER.info(message)
                self._form.refuse(field, message)
            case Refused(_, message):
                self.notify(message, severity="warning")
            case PhaseChanged(phase, str(message)) if self._history.snapshot().run is None:
                # No data, so that there is nothing to show.
                self.app.exit(message, return_code=2)
            case PhaseChanged(phase, str(message)):
                well = phase is Phase.FINISHED
                severity: SeverityLevel = "information" if well else "error"
                self.notify(message, title=phase.value, severity=severity, timeout=15)
            case Scored(test):
                self.notify(
                    f"accuracy {test.accuracy:.2%}, loss {test.loss:.4f} "
                    f"on {len(test.labels):,} images, after step {test.step:,}",
                    title="Test set",
                )

    def commands(self) -> Iterable[SystemCommand]:
        """What the keys do, here and in the panes that are to be seen, for the palette."""
        told: set[str] = set()
        for actor in (self, *self._room.actors):
            for binding in actor.BINDINGS:
                if isinstance(binding, Binding) and binding.description not in told | {""}:
                    told.add(binding.description)
                    key = self.app.get_key_display(binding)
                    run = partial(actor.run_action, binding.action)
                    yield SystemCommand(binding.description, f"key {key}", run)

    def action_run_or_pause(self) -> None:
        if not self._over():
            self._session.toggle()

    async def action_step(self) -> None:
        if not self._over():
            self._session.step()
            await self._room.ask("step", "begin")

    def action_steps(self, count: int) -> None:
        if not self._over():
            self._session.steps(count)

    def action_epoch(self) -> None:
        if not self._over():
            self._session.epoch()

    def action_back(self, count: int) -> None:
        self._session.back(count)

    # What follows imports when it is needed: Markdown alone costs a tenth of a second.

    def action_go_to(self) -> None:
        from tui.screens.go_to import GoTo

        def go_to(goal: Goal | None) -> None:
            if goal is None:
                return
            behind = goal.kind == "step" and goal.value <= self.snapshot.steps
            if behind or not self._over():
                self._session.go_to(goal)

        run = self.snapshot.run
        self.app.push_screen(GoTo(run.evaluation_set if run else "validation"), go_to)

    def action_branches(self) -> None:
        from tui.screens.branches import Branches

        def switch_branch(branch: int | None) -> None:
            if branch is not None:
                self._session.switch_branch(branch)

        self.app.push_screen(Branches(self.snapshot), switch_branch)

    def action_pace(self, by: int) -> None:
        self._session.change_pace(by)

    def action_reset(self) -> None:
        self._session.reset(self.draft.wanted)

    def action_undo(self) -> None:
        self._form.undo()

    def action_score(self) -> None:
        self._session.score()

    def action_help(self) -> None:
        from tui.screens.help import Help

        self.app.push_screen(Help())

    def action_log(self) -> None:
        from tui.screens.log import Log

        self.app.push_screen(Log(list(self.app.journal.lines)))  # type: ignore[attr-defined]

    def action_leave(self) -> None:
        self._room.leave()

    def action_full_screen(self) -> None:
        self._room.enlarge()

    def action_pane(self, pane: str) -> None:
        self._room.choose(pane)

    def action_further(self, pane: str) -> None:
        self._room.toggle(pane)

    async def action_walk(self, by: int) -> None:
        """To the next stage of the step that is taken apart, or first of all to the pane."""
        if self._room.sees("step"):
            await self._room.ask("step", f"walk({by})")
        else:
            self._room.choose("step")

    async def action_ask(self, pane: str, action: str) -> None:
        """Lets a pane act, whichever has the keys."""
        await self._room.ask(pane, action)

    def on_step_pane_trace_requested(self) -> None:
        self._session.trace_step()

    async def on_step_pane_step_requested(self) -> None:
        await self.action_step()

    def on_network_pane_trace_requested(self) -> None:
        self._session.trace_step()

    def on_network_pane_survey_requested(self) -> None:
        self._session.survey()

    @on(MoveRequested)
    def _travel(self, event: MoveRequested) -> None:
        self._session.travel(event.step)

    @on(Confusion.Chosen)
    def _show_images(self, event: Confusion.Chosen) -> None:
        self._room.gallery.show(ImageSelection(label=event.true, predicted=event.predicted))
        self._room.choose("gallery")

    @on(Gallery.Opened)
    def _enlarge(self, event: Gallery.Opened) -> None:
        from tui.screens.image import ImageScreen

        screen = ImageScreen(event.selection, event.subset, event.index, event.pictures)
        self.app.push_screen(screen.data_bind(TrainingScreen.snapshot), self._room.gallery.restore)

    @on(Form.Changed)
    def _change(self, event: Form.Changed) -> None:
        self._session.change(**{event.name: event.value})

    def _over(self) -> bool:
        """Says so if all epochs are done, for then there is nothing to run."""
        if self.snapshot.phase is not Phase.FINISHED:
            return False
        self.notify(
            "All epochs are done. Raise epochs in the settings, go back with b, or start anew "
            "with r."
        )
        return True
