"""The settings pane: a field for each setting, made from its description."""

from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from core.config.config import SETTINGS, Config
from core.config.settings import GROUPS, MAIN
from core.errors import ConfigError
from core.history.snapshot import Snapshot
from core.text import capitalized
from tui.delay import call_after
from tui.panes.settings.draft import PRESET, Draft
from tui.panes.settings.field import INVALID, PENDING, Field
from tui.panes.settings.preset_field import PresetField
from tui.panes.settings.search import SearchInput, find
from tui.panes.settings.section import Section
from tui.panes.settings.setting_help import SettingHelp, explanation, facts

_ROOMY = (60, 20)  # the width or height from which the preset's description is always shown
_HIGH = 32  # the height from which a setting is explained in full
# The height at which all groups fit: a row for the preset and each setting and heading, and rows
# for the preset's description, a long label, and the help.
_ALL_ROWS = 1 + len(SETTINGS) + len(GROUPS) + 5 + 12
_EXPLAIN_DELAY = 0.06  # seconds
_NAMED = 3  # settings in a toast
_UNDONE = "Undone: "


class Form(Vertical):
    """Shows the draft of the settings in folding groups, and marks pending and invalid values."""

    BINDING_GROUP_TITLE = "Settings"
    ALLOW_MAXIMIZE = True

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    @dataclass
    class Changed(Message):
        """A setting that takes effect at the next batch has a new value."""

        name: str
        value: Any

    class PresetChosen(Message):
        """All settings may have another value."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(id="form")
        self.border_title = "Settings"
        self._draft = draft
        self._faults: dict[str, str] = {}
        self._focused: Field | None = None
        self._about = ""
        self._undone: tuple[str, ...] = ()  # the settings of the last undo
        self._fields = {PRESET: PresetField(draft, self._change)} | {
            name: Field(setting, draft, self._change) for name, setting in SETTINGS.items()
        }
        self._sections = {
            group: Section(
                group,
                [
                    self._fields[name]
                    for name, setting in SETTINGS.items()
                    if setting.group == group and name not in MAIN
                ],
            )
            for group in GROUPS
        }

    def compose(self) -> ComposeResult:
        yield SearchInput(placeholder="search, or set: dropout 0.2")
        yield Static(id="search-fault", markup=False)
        with VerticalScroll(can_focus=False):
            yield self._fields[PRESET]
            yield Static(id="about", markup=False)
            yield Vertical(*(self._fields[name] for name in MAIN), id="main-settings")
            yield from self._sections.values()
        yield SettingHelp(id="setting-help")

    def on_mount(self) -> None:
        self._fill()

    def on_resize(self, event: events.Resize) -> None:
        wide, high = event.size.width >= _ROOMY[0], event.size.height >= _ROOMY[1]
        before = self.classes
        self.set_class(wide, "-wide", update=False)
        self.set_class(wide or high, "-roomy", update=False)
        self.set_class(event.size.height >= _HIGH, "-high", update=False)
        if self.classes != before:
            self.update_node_styles()  # only once, because it restyles all fields
        for section in self._sections.values():
            section.adapt(event.size.height >= _ALL_ROWS)
        self.call_after_refresh(self._explain)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        new_run = snapshot.run is not before.run
        if new_run:
            self._draft.forget_sent()
        if new_run or snapshot.move_count != before.move_count:
            for field in self._fields.values():
                field.clear_refused()
        if new_run or snapshot.config is not before.config:
            if snapshot.config is not None:
                self._draft.confirm(snapshot.config)
                if new_run and snapshot.run and snapshot.run.records:  # a kept run continues
                    self.adopt(snapshot.config)
                elif snapshot.move_count != before.move_count:
                    names, dropped = self._draft.follow_run()
                    for name in names:
                        self._fields[name].show()
                    followed = [name for name in names if name not in dropped]
                    self._report_followed(followed, snapshot.steps)
                    self._report_dropped(dropped)
            self._mark()

    @property
    def first_focus(self) -> Widget:
        """The learning rate, which is changed most often."""
        return self._fields["learning_rate"].entry

    async def reveal(self, name: str) -> Field:
        """Unfolds the group of a setting and scrolls to its field; returns it."""
        field = self._fields[name]
        if name not in MAIN:
            await self._sections[field.setting.group].unfold()
        self.call_after_refresh(field.scroll_visible, animate=False)
        return field

    async def focus_field(self, name: str) -> None:
        """Shows a setting and moves the focus to it."""
        field = await self.reveal(name) if name in SETTINGS else self._fields[name]
        if field.entry.focusable:
            self.screen.set_focus(field.entry)  # at once: the next key is text
        else:  # its group has just unfolded
            self.call_after_refresh(field.focus_entry)

    def search(self) -> None:
        """Asks for words, and shows only the settings that have them."""
        entry = self.query_one(SearchInput)
        entry.display = True
        self.screen.set_focus(entry)  # at once: the next key is text

    @on(SearchInput.Changed)
    async def _show_found(self, event: SearchInput.Changed) -> None:
        event.stop()
        entry = event.input
        if not entry.display or event.value != entry.value:  # closed, or more was typed since
            return
        await self._show_only(event.value)
        self.refresh_bindings()  # the key bar says what Enter does

    async def _show_only(self, query: str) -> None:
        found = find(query)
        names = {setting.name for setting in found.settings} if query.strip() else None
        self.query_one("#search-fault", Static).update(found.fault)
        self.query_one("#search-fault").display = bool(found.fault)
        self.query_one("#about").set_class(names is not None, "-searching")
        for name in (PRESET, *MAIN):
            self._fields[name].display = names is None or name in names
        for section in self._sections.values():
            await section.show_only(names)

    @on(SearchInput.Submitted)
    async def _take_found(self, event: SearchInput.Submitted) -> None:
        """Enters the value, or moves to the first setting that was found."""
        event.stop()
        found = find(event.value)
        if found.fault:
            return
        self.query_one(SearchInput).close()
        await self._show_only("")
        if found.value:
            self.enter(found.settings[0].name, found.value[0])
            await self.reveal(found.settings[0].name)
            self.screen.set_focus(None)  # as after Enter in a field, so that 2 is a key again
        elif found.settings:
            await self.focus_field(found.settings[0].name)

    @on(SearchInput.Closed)
    async def _show_all(self, event: SearchInput.Closed) -> None:
        event.stop()
        await self._show_only("")
        self.call_after_refresh(self.query_one(VerticalScroll).scroll_home, animate=False)

    def enter(self, name: str, value: Any) -> bool:
        """Enters a value, or the name of a preset, as if it was typed in its field.

        False if it clashes with other settings.
        """
        if self._draft[name] == value and (name != PRESET or self._draft.is_preset):
            return True
        try:
            self._draft.change(name, value)
        except ConfigError as error:  # its field may be folded, and does not show the value
            self.notify(capitalized(str(error)), severity="error", markup=False)
            return False
        self._follow_change(name)
        self._fields[name].show()
        return True

    def refuse(self, name: str, message: str) -> None:
        """Marks a value that the run refused, with the reason."""
        if name in self._undone:
            self._refuse_undo(name, message)
            return
        dropped = self._draft.refuse(name)
        for other in dropped:
            self._fields[other].show()
        self._report_dropped(dropped)
        self.call_later(self._show_refused, name, message)

    def adopt(self, config: Config) -> None:
        """Shows the settings of another run."""
        self._draft.adopt(config)
        self._fill()

    def _refuse_undo(self, name: str, message: str) -> None:
        """Shows the value of the run again, and why the change to it cannot be undone."""
        self._undone = ()
        self._report_dropped(self._draft.refuse(name))
        self._fill()
        self.app.end_toasts(_UNDONE)  # type: ignore[attr-defined]
        text = f"Cannot undo. {capitalized(message)}."
        self.notify(text, severity="warning", markup=False)

    def _report_followed(self, names: list[str], step: int) -> None:
        """Shows which settings have another value at a step to which the run moved."""
        if not names:
            return
        start = "Settings at step "
        self.app.end_toasts(start)  # type: ignore[attr-defined]
        values = [f"{self._fields[name].setting.label} {self._fields[name].text}" for name in names]
        more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
        text = f"{start}{step:,}: {', '.join(values[:_NAMED])}{more}."
        self.notify(text, timeout=4, markup=False)

    def _report_dropped(self, dropped: dict[str, str]) -> None:
        """Shows a toast for each wanted value that was dropped."""
        for sentence in dropped.values():
            self.notify(capitalized(sentence), severity="warning", markup=False)

    async def _show_refused(self, name: str, message: str) -> None:
        (await self.reveal(name)).refuse(message)
        self._mark()

    def undo(self) -> None:
        """Drops what is being typed, or else undoes the last change, and reports what it undid."""
        if self._focused is not None and self._focused.discard_typing():
            return
        names = self._draft.undo()
        if not names:
            self.notify("Nothing to undo.", timeout=3)
            return
        self._undone = tuple(names)
        for name in names:
            self._send(name)
        self._fill()
        if PRESET in names:
            self.post_message(self.PresetChosen())
        fields = [self._fields[name] for name in names]
        for field in fields:  # such as "Initialization set to he. Press r to restart with it"
            self.app.end_toasts(f"{capitalized(field.setting.label)} ")  # type: ignore[attr-defined]
        changes = [f"{field.setting.label} back to {field.text}" for field in fields]
        text = _UNDONE + (changes[0] if names[0] == PRESET else ", ".join(changes))
        self.notify(text, timeout=3, markup=False)

    def _change(self, name: str, value: Any) -> None:
        """Enters the value of a field in the draft, and updates the form."""
        try:
            self._draft.change(name, value)
        except ConfigError as error:  # it clashes with other settings
            self._fields[name].refuse(str(error))
        else:
            self._follow_change(name)

    def _follow_change(self, name: str) -> None:
        self._undone = ()
        if name == PRESET:
            self._fill()
            self.post_message(self.PresetChosen())
        else:
            self._send(name)
            self._mark()

    @on(Field.FaultChanged)
    def _note_fault(self, event: Field.FaultChanged) -> None:
        event.stop()
        self._faults.pop(event.name, None)
        if event.fault:
            self._faults[event.name] = event.fault
        self._summarize()
        self._explain()

    def on_descendant_focus(self) -> None:
        self._update_focused()

    def on_descendant_blur(self) -> None:
        self._update_focused()

    def _update_focused(self) -> None:
        # From the screen, because the events of the two widgets may come in either order.
        widget = self.screen.focused
        nodes = widget.ancestors_with_self if widget else []
        field = next((node for node in nodes if isinstance(node, Field)), None)
        if field is not self._focused:
            self._focused = field
            # Later, because Textual would repaint all fields between the two if the focus and the
            # help changed in the same paint.
            call_after(self, _EXPLAIN_DELAY, self._explain)

    def _fill(self) -> None:
        """Shows the whole draft."""
        for field in self._fields.values():
            field.show()
        self._mark()

    def _send(self, name: str) -> None:
        """Sends a wanted value to the run, unless the run has it or it is sent already."""
        if self._draft.send(name):
            self.post_message(self.Changed(name, self._draft[name]))

    def _mark(self) -> None:
        """Updates the signs at the fields and headings, the help below, and the key bar."""
        self.refresh_bindings()
        pending = self._draft.pending
        for name in SETTINGS:
            field = self._fields[name]
            field.mark(PENDING if name in pending else field.sign)
        preset = self._fields[PRESET]
        preset.mark(preset.sign if self._draft.is_preset else "(differs)")
        about = self._draft.description
        if about != self._about:
            self._about = about
            self.query_one("#about", Static).update(about)
        self._summarize()
        self._explain()

    def _summarize(self) -> None:
        pending = set(self._draft.pending)
        for section in self._sections.values():
            names = section.names
            changed = sum(self._draft.is_changed(name) for name in names)
            sign = PENDING if names & pending else ""
            section.summarize(changed, INVALID if names & self._faults.keys() else sign)

    def _explain(self) -> None:
        """Updates the help below the fields."""
        setting_help = self.query_one(SettingHelp)
        faults = dict(self._faults)
        width = setting_help.size.width
        if self._focused is None:
            about = facts(self.snapshot.run, width) if self.snapshot.run else ""
        elif self._focused is self._fields[PRESET] and not self.has_class("-roomy"):
            about = self._draft.description
        else:
            about = explanation(self._focused, width, setting_help.size.height)
            faults = {self._focused.setting.name: ""} | faults  # the focused field's fault first
        fault = next((fault for fault in faults.values() if fault), None)
        setting_help.show_help(fault, [SETTINGS[name].label for name in self._draft.pending], about)
