"""The training screen: all panes around one session, and the keys that control it."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static
from textual.widgets._toast import ToastRack

from core.coach.finding_log import Noted
from core.config.config import SETTINGS, Config
from core.data.reading import Reading
from core.events import LayersMeasured, Phase, RunStarted
from core.goals import Goal
from core.history.history import History
from core.history.image_selection import ImageSelection
from core.history.snapshot import Snapshot
from core.image_place import ImagePlace
from core.text import capitalized
from tui.ascii import with_ascii_names
from tui.delay import call_after
from tui.panes.browsed import Evaluated
from tui.panes.confusion import Confusion
from tui.panes.curves.messages import MoveRequested
from tui.panes.gallery import Gallery
from tui.panes.key_bar import KeyBar
from tui.panes.line_pane import LinePane
from tui.panes.numbers_line import NumbersLine
from tui.panes.settings.draft import PRESET, Draft
from tui.panes.settings.form import Form
from tui.panes.status_bar import StatusBar
from tui.preferences import follow
from tui.run.session import Session
from tui.screens.background import in_background
from tui.screens.bindings import BINDINGS, RUN_COMMANDS, VIEWS, WHAT_IF, first_keys, idle_keys
from tui.screens.keys import key_names
from tui.screens.training.coach_watch import CoachWatch
from tui.screens.training.commands import RunCommands
from tui.screens.training.event_notices import EventNotices
from tui.screens.training.experiment_tasks import ExperimentTasks
from tui.screens.training.frame_pacer import FramePacer
from tui.screens.training.pane_layout import PaneLayout
from tui.screens.training.picture_tasks import PictureTasks
from tui.screens.training.run_tasks import RunTasks
from tui.screens.training.toasts import entered
from tui.screens.window_size import TOO_SMALL, size_classes

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from tui.panes.network.network_pane import NetworkPane
    from tui.panes.step.step_pane import StepPane


class TrainingScreen(Screen[None]):
    """Turns keys into commands to the session, and shows its events as one snapshot."""

    AUTO_FOCUS = ""
    ALLOW_IN_MAXIMIZED_VIEW = "#top, KeyBar"
    BINDINGS = BINDINGS
    COMMANDS = {RunCommands}

    class SweepChanged(Message):
        """A sweep has come further."""

    @dataclass
    class EventsReady(Message):
        """The session has events; urgent: someone is waiting for them."""

        urgent: bool

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    # The numbers of training images that are marked as doubtful.
    doubtful: reactive[frozenset[int]] = reactive(frozenset[int](), repaint=False)
    # What the coach says in the status line.
    coached: reactive[tuple[Noted, ...]] = reactive((), repaint=False, always_update=True)
    # Without repaint: Textual would repaint all panes whenever the focus moves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, session: Session, config: Config, preset: str) -> None:
        super().__init__()
        self.draft = Draft(config, preset)
        self._session = session
        self._form = Form(self.draft)
        self._layout = PaneLayout(self._form)
        self._history = History()
        self._coach = CoachWatch(self, session)
        self._pacer = FramePacer()
        self._timer: Timer | None = None
        self._pictures = PictureTasks(self, session)
        self._runs = RunTasks(self, session, self._form.adopt)
        self._experiments = ExperimentTasks(self, session, self._pictures, self._form.adopt)
        self._notices = EventNotices(self, self._form)
        self.has_content = asyncio.Event()  # keys wait for it

    def compose(self) -> ComposeResult:
        with Vertical(id="top"):
            bound = TrainingScreen.snapshot, TrainingScreen.coached
            yield StatusBar(id="status").data_bind(*bound)
            yield NumbersLine().data_bind(TrainingScreen.snapshot)
        yield self._layout.data_bind(TrainingScreen.snapshot)
        width, height = TOO_SMALL
        text = f"Window too small: it needs {width}×{height} characters."
        yield Static(text, id="too-small", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._session.listen(lambda urgent: self.post_message(self.EventsReady(urgent)))
        if self._session.runs is not None and not self._session.is_resumed:
            invite = partial(self._invite, self._session.runs)
            self.call_after_refresh(in_background, self.app, invite)
        follow(self, self._coach.adopt)

    def on_pane_layout_panes_mounted(self) -> None:
        self.has_content.set()

    def _invite(self, directory: Path) -> None:
        """Names the latest kept run, if it is not finished."""
        from tui.screens.runs.details import invitation

        line = invitation(directory)
        if line:
            self.app.call_later(self.notify, line, timeout=10)

    def on_resize(self, event: events.Resize) -> None:
        # All at once: for each call Textual styles all widgets.
        self.update_classes(size_classes(*event.size))
        self._layout.fit()

    def on_training_screen_events_ready(self, event: EventsReady) -> None:
        """Draws an urgent frame at once, others when the pacer allows it."""
        delay = self._pacer.delay()
        if event.urgent or delay <= 0:
            self._draw_frame()
        elif self._timer is None:
            self._timer = call_after(self, delay, self._draw_frame)

    def on_descendant_focus(self) -> None:
        """Ends the toast about the end of the run: someone who moves to a pane has read it."""
        self.app.end_toasts("Finished")  # type: ignore[attr-defined]

    def _draw_frame(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.fetch()
        self._pacer.frame_fetched(self.snapshot.full_speed)

    def on_screen_suspend(self) -> None:
        """Hides the toasts: the screen above draws them, too."""
        for toasts in self.query(ToastRack):
            toasts.display = False

    def on_screen_resume(self) -> None:
        """Draws what has changed while an opaque screen was over this one."""
        for pane in self.query(LinePane):
            pane.redraw_soon()

    def fetch(self) -> None:
        """Fetches the new events of the session and shows them."""
        new_events = self._session.drain()
        for event in new_events:
            if isinstance(event, RunStarted) and getattr(self.app, "ascii", False):
                event = with_ascii_names(event)
            phase = self._history.phase
            self._history.add(event)
            self._notices.report(event, phase, self._history)
            if isinstance(event, LayersMeasured):  # after an evaluation
                self._coach.look_early(self._history.snapshot())
        if new_events:
            before, self.snapshot = self.snapshot, self._history.snapshot()
            listed = self.idle_keys, self.first_keys
            if (idle_keys(before), first_keys(before)) != listed:
                for screen in self.app.screen_stack:  # for their key bars
                    screen.refresh_bindings()
            self._coach.look(before)

    def commands(self) -> Iterable[SystemCommand]:
        """The described bindings of this screen and the visible panes, and what can be done with
        the file of the run, for the palette."""
        seen = set()
        for widget in (self, *self._layout.visible_panes):
            pane = widget.BINDING_GROUP_TITLE
            for binding in vars(type(widget)).get("BINDINGS", ()):  # not Textual's
                name = binding.description
                title = f"{pane}: {name[:1].lower()}{name[1:]}" if pane else name
                if name and title not in seen:
                    seen.add(title)
                    run = partial(widget.run_action, binding.action)
                    yield SystemCommand(title, f"key {key_names(binding)}", run)
        for action, title, meaning in RUN_COMMANDS:
            yield SystemCommand(title, meaning, partial(self.action_this_run, action))
        for view, title, meaning in VIEWS:
            show = partial(self._layout.show_in_pane, "network", f"show('{view}')")
            yield SystemCommand(title, meaning, show)
        for tab, (title, meaning) in enumerate(WHAT_IF):
            yield SystemCommand(title, meaning, partial(self.action_what_if, tab))

    @property
    def first_keys(self) -> tuple[str, ...]:
        """The actions that the key bar shows first: see `first_keys`."""
        return first_keys(self.snapshot)

    @property
    def idle_keys(self) -> tuple[str, ...]:
        """The actions that key bars leave out, also on other screens: see `idle_keys`."""
        return idle_keys(self.snapshot)

    def action_run_or_pause(self) -> None:
        self._session.toggle()

    async def action_step(self) -> None:
        self._session.step()
        if self.snapshot.phase is not Phase.FINISHED and self._layout.is_shown("step"):
            await self._layout.run_in_pane("step", "begin")

    def action_steps(self, count: int) -> None:
        self._session.steps(count)

    def action_epoch(self) -> None:
        self._session.epoch()

    def action_back(self, count: int) -> None:
        self._session.step_back(count)

    # Dialogs are imported when they are needed: Markdown alone takes a tenth of a second.

    def action_go_to(self) -> None:
        from tui.screens.go_to import GoTo

        run = self.snapshot.run
        evaluation_set = run.evaluation_set if run else "validation"

        def go(goal: Goal | ImagePlace | None) -> None:
            if goal is not None:
                self.go_to(goal)

        self.app.push_screen(GoTo(evaluation_set, self.snapshot.run_end), go)

    def go_to(self, goal: Goal | ImagePlace) -> bool:
        """Goes to a goal, or trains until it is met; enlarges an image. False if it cannot."""
        if isinstance(goal, ImagePlace):
            self._pictures.open_place(goal)
            return True
        from tui.screens.go_to import beyond_end

        if fault := beyond_end(goal, self.snapshot.run_end):
            self.notify(fault, severity="warning")
            return False
        self._session.go_to_goal(goal)
        return True

    def enter(
        self, name: str, value: object, restart: bool = False, goes_back: bool = False
    ) -> bool:
        """Enters the value of a setting, or the name of a preset, as if it was typed, and says what
        it does, because its field may be out of sight.

        restart, goes_back: see `entered`. False if it clashes with other settings.
        """
        before = self.draft.preset, self.draft.wanted
        if not self._form.enter(name, value):
            return False
        is_changed = before != (self.draft.preset, self.draft.wanted)
        pending = self.draft.pending
        restart = restart or bool(pending if name == PRESET else name in pending)
        if is_changed and (self._waits_at_end(name) or (name == PRESET and self._starts_anew)):
            return True  # another toast says it
        notice = entered(name, value, is_changed=is_changed, restart=restart, goes_back=goes_back)
        self.notify(**asdict(notice))
        return True

    async def find(self, name: str) -> None:
        """Shows a setting and moves the focus to it."""
        self._layout.show_pane("form")
        await self._form.focus_field(name)

    def action_branches(self) -> None:
        from tui.screens.branches import Branches

        def switch_branch(branch: int | None) -> None:
            if branch is not None:
                self._session.switch_branch(branch)

        self.app.push_screen(Branches(self), switch_branch)

    def action_coach(self) -> None:
        self._coach.open()

    def action_runs(self) -> None:
        self._runs.open()

    def action_this_run(self, action: str) -> None:
        """Carries out one of RUN_COMMANDS for the run on the screen."""
        self._runs.carry_out(action)

    def action_pace(self, by: int) -> None:
        self._session.change_pace(by)

    def action_restart(self) -> None:
        kept = self.snapshot.kept
        self.app.clear_notifications()  # they are about the run that ends
        if kept and kept.path:
            # A run may be resumed from a file elsewhere; new ones are kept with the others.
            runs, here = self._session.runs, kept.path.resolve().parent
            is_listed = runs is None or runs.resolve() == here
            where = "; R opens the list" if is_listed else f" in {here}"
            self.notify(f"{kept.name} is kept{where}.", timeout=4, markup=False)
        self._notices.is_restarting = True
        self._session.restart(self.draft.wanted)

    def restart_without(self, left_out: tuple[int, ...]) -> None:
        """Starts a new run that leaves out these training images."""
        now = self.snapshot.run
        if now is None or now.dataset.left_out == left_out:
            text = "No image is marked as doubtful, and this run leaves none out."
            if left_out:
                text = "This run already leaves out the doubtful images; r restarts it."
            self.notify(text)
            return
        images = f"{len(left_out):,} training image{'s' if len(left_out) != 1 else ''}"
        self.notify(f"A new run without {images}." if left_out else "A new run with all images.")
        self._notices.is_restarting = True
        self._session.restart(self.draft.wanted, left_out)

    def open_data(self, path: Path, reading: Reading) -> None:
        """Starts a new run on other data, read in this way."""
        self._session.open_data(path, self.draft.wanted, reading)

    def action_find_rate(self) -> None:
        self._experiments.find_rate()

    def action_sweep(self, is_repetition: bool = False) -> None:
        """Opens the sweep screen, for a repetition with a sweep over seeds."""
        self._experiments.open_sweep(is_repetition)

    def on_training_screen_sweep_changed(self) -> None:
        self._experiments.report_end_of_sweep()

    def stop_sweep(self) -> str:
        """Stops a sweep at the end of the program, and returns how to continue it, or ""."""
        return self._experiments.stop_sweep()

    def action_what_if(self, tab: int | None = None) -> None:
        """Opens the screen of questions about the network, with the tab that was shown last."""
        self._experiments.open_what_if(tab)

    def action_draw(self) -> None:
        """Opens the drawing board, with the last drawing if there is one."""
        self._pictures.draw()

    def draw_file(self, path: Path) -> None:
        """Opens the drawing board with a picture file."""
        self._pictures.draw_file(path)

    def action_data(self) -> None:
        """Opens the data view."""
        self._pictures.open_data()

    def action_search_settings(self) -> None:
        self._layout.show_pane("form")
        self._form.search()

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "leave" or self._layout.can_leave

    def action_leave(self) -> None:
        self._layout.leave()

    def action_close_toasts(self) -> None:
        self.app.clear_notifications()

    def action_full_screen(self) -> None:
        self._layout.toggle_full_screen()

    def action_show_pane(self, pane: str) -> None:
        self._layout.show_pane(pane)

    def action_toggle_pane(self, pane: str) -> None:
        self._layout.toggle_pane(pane)

    async def action_stage(self, by: int) -> None:
        """Moves by some stages of the traced step, or only shows it if it is hidden."""
        if self._layout.is_shown("step"):
            await self._layout.run_in_pane("step", f"move({by})")
        else:
            self._layout.show_pane("step")

    async def action_in_pane(self, pane: str, action: str) -> None:
        """Runs an action of a pane, whatever has the focus."""
        await self._layout.run_in_pane(pane, action)

    def on_step_pane_trace_requested(self) -> None:
        self._session.trace_step()

    def on_step_pane_along_step_requested(self, event: "StepPane.AlongStepRequested") -> None:
        self._session.measure_along_step(event.step)

    async def on_step_pane_step_requested(self) -> None:
        await self.action_step()

    def on_network_pane_trace_requested(self) -> None:
        self._session.trace_step()

    def on_network_pane_survey_requested(self) -> None:
        self._session.survey()

    def on_network_pane_asked(self, event: "NetworkPane.Asked") -> None:
        self._session.ask(event.question)

    @on(MoveRequested)
    def _move(self, event: MoveRequested) -> None:
        self._session.go_to_step(event.step)

    @on(Confusion.Chosen)
    def _show_images(self, event: Confusion.Chosen) -> None:
        self._layout.gallery.show(ImageSelection(label=event.true, predicted=event.predicted))
        self._layout.show_pane("gallery")

    @on(Gallery.Opened)
    def _open_image(self, event: Gallery.Opened) -> None:
        browsed = Evaluated(event.selection)
        select = self._layout.gallery.select
        self._pictures.open_image(browsed, event.subset, event.index, select)

    @on(Gallery.DrawRequested)
    def _draw_on_image(self, event: Gallery.DrawRequested) -> None:
        self._pictures.draw_on(event.subset, event.index)

    @on(Form.PresetChosen)
    def _start_with_preset(self) -> None:
        """Starts a new run with the preset, if no step of this one would be lost."""
        if self._starts_anew:
            self._notices.is_restarting = True
            self._session.restart(self.draft.wanted)

    @property
    def _starts_anew(self) -> bool:
        """Whether a preset that is chosen starts a new run at once."""
        is_new = self.snapshot.phase is Phase.PAUSED and not self.snapshot.end
        return is_new and bool(self.draft.pending)

    @on(Form.Changed)
    def _change_setting(self, event: Form.Changed) -> None:
        self._session.change(**{event.name: event.value})
        if not self._waits_at_end(event.name):
            return
        run, step = self.snapshot.config, self.snapshot.steps
        changes = (one for one in self.snapshot.changes if one.step == step)
        if any((one.field, one.old) == (event.name, event.value) for one in changes):
            self.app.end_toasts("Finished")  # type: ignore[attr-defined]  # nothing is pending
        elif run is None or getattr(run, event.name) != event.value:
            setting = SETTINGS[event.name]
            text = f"{capitalized(setting.label)} {setting.write(event.value)} is pending"
            keys = "add epochs to continue with it, press r to restart with it"
            keys += ", or u to undo." if self.draft.can_undo else "."
            self.notify(f"{text}: {keys}", title="Finished", timeout=6)

    def _waits_at_end(self, name: str) -> bool:
        """Whether the run is finished, so that a new value has no next batch to take effect."""
        is_live = name in SETTINGS and SETTINGS[name].applies == "next batch"
        return self.snapshot.phase is Phase.FINISHED and is_live and name != "epochs"
