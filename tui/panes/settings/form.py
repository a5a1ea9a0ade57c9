"""The hyperparameters: a field for each setting of the config, made from its description."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from core.config.config import SETTINGS, Config
from core.config.settings import GROUPS, Choice, Setting
from core.errors import ConfigError
from core.history.snapshot import Snapshot
from tui.panes.settings.draft import PRESET, Draft
from tui.panes.settings.field import PENDING, WRONG, Field
from tui.panes.settings.section import Section
from tui.panes.settings.setting_help import SettingHelp, explanation, facts

_UNFOLDED = ("optimizer", "network")
_ROOMY = (60, 20)  # from this width or height on the preset's sentence is always shown
_SECONDS_BEFORE_EXPLAINING = 0.06


class Form(Vertical):
    """All settings. Those that differ from the run's config wait for a reset, and say so."""

    BINDING_GROUP_TITLE = "Settings"
    HINT = "↑↓ or + - next value  Enter set  ^z take back"
    ALLOW_MAXIMIZE = True

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    @dataclass
    class Changed(Message):
        """A setting that applies at the next batch was given another value."""

        name: str
        value: Any

    def __init__(self, config: Config, preset: str) -> None:
        super().__init__(id="form")
        self.border_title = "Settings"
        self._draft = Draft(config, preset)
        self._first = config
        self._sent: dict[str, Any] = {}  # values on their way to the run
        self._pending: set[str] = set()
        self._faults: dict[str, str] = {}
        self._focused: Field | None = None
        self._fields = {PRESET: _preset_field(self._draft)} | {
            name: Field(setting, self._draft[name]) for name, setting in SETTINGS.items()
        }
        self._sections = {
            group: Section(
                group,
                [self._fields[name] for name in SETTINGS if SETTINGS[name].group == group],
                folded=group not in _UNFOLDED,
            )
            for group in GROUPS
        }

    @property
    def wanted(self) -> Config:
        """The config that a reset would start: every field's last good value."""
        return self._draft.config

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield self._fields[PRESET]
            yield Static(id="about", markup=False)
            yield from self._sections.values()
        yield SettingHelp(id="foot")

    def on_mount(self) -> None:
        self._fill()

    def on_resize(self, event: events.Resize) -> None:
        wide, high = event.size.width >= _ROOMY[0], event.size.height >= _ROOMY[1]
        before = self.classes
        self.set_class(wide, "-wide", update=False)
        self.set_class(wide or high, "-roomy", update=False)
        if self.classes != before:
            self.update_node_styles()  # once, for it styles all fields anew
        self.call_after_refresh(self._explain)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        run = snapshot.run is not before.run
        if run:
            self._sent.clear()
            for field in self._fields.values():
                field.forgive()
        if run or snapshot.config is not before.config:
            for name, value in list(self._sent.items()):
                if getattr(snapshot.config, name) == value:
                    del self._sent[name]  # it has arrived
            if snapshot.move_count != before.move_count and snapshot.config is not None:
                self._adopt(snapshot.config)
            self._mark()

    async def reveal(self, name: str) -> Field:
        """The field of a setting, its group unfolded."""
        field = self._fields[name]
        await self._sections[field.setting.group].unfold()
        return field

    def refuse(self, name: str, message: str) -> None:
        """Marks the field with the reason; the value in force is wanted again."""
        self._sent.pop(name, None)
        self._fields[name].value = value = self._in_force(name)
        with suppress(ConfigError):  # it may not go with what else is wanted; a reset says so
            self._draft.refuse(name, value)
        self.call_later(self._show_refused, name, message, value)

    async def _show_refused(self, name: str, message: str, value: Any) -> None:
        (await self.reveal(name)).refuse(message, value)
        self._mark()

    def undo(self) -> None:
        """Takes back what is being typed, or else the last change, and says what.

        Nudges of one field, one after the other, are one change.
        """
        if self._focused is not None and self._focused.take_back():
            return
        for name in self._fields:
            self._take(name)  # what a field has but its message has not yet told
        names = self._draft.take_back()
        if not names:
            self.notify("There is no change of the settings to take back.", timeout=3)
            return
        self._fill()
        for name in names:
            self._send(name)
        fields = [self._fields[name] for name in names]
        said = [f"{field.setting.label} back to {field.text}" for field in fields]
        self.notify(said[0] if names[0] == PRESET else ", ".join(said), timeout=3, markup=False)

    @on(Field.Edited)
    def _edit(self, event: Field.Edited) -> None:
        event.stop()
        self._take(event.name, event.nudged)

    @on(Field.Picked)
    def _pick_again(self, event: Field.Picked) -> None:
        event.stop()
        if event.name == "preset":
            self._draft.change(PRESET, self._draft.preset)
            self._fill()

    def _take(self, name: str, nudged: bool = False) -> None:
        """Wants what a field holds. It may be more than its message told, or be known already."""
        field = self._fields[name]
        if field.value == self._draft[name]:
            return
        try:
            self._draft.change(name, field.value, nudged)
        except ConfigError as error:  # it does not go with the other settings
            field.refuse(str(error), self._draft[name])
            return
        if name == PRESET:
            self._fill()
        else:
            self._send(name)
            self._mark()

    @on(Field.Mistyped)
    def _judge(self, event: Field.Mistyped) -> None:
        event.stop()
        self._faults.pop(event.name, None)
        if event.message:
            self._faults[event.name] = event.message
        self._summarize()
        self._explain()

    def on_descendant_focus(self) -> None:
        self._follow_focus()

    def on_descendant_blur(self) -> None:
        self._follow_focus()

    def _follow_focus(self) -> None:
        # As it is now: the events of the two widgets come in any order.
        widget = self.screen.focused
        nodes = widget.ancestors_with_self if widget else []
        field = next((node for node in nodes if isinstance(node, Field)), None)
        if field is not self._focused:
            self._focused = field
            self._draft.rest()
            # In a paint of its own: with it, the move would paint all fields in between.
            self.set_timer(_SECONDS_BEFORE_EXPLAINING, self._explain)

    def _fill(self) -> None:
        """Puts all that is wanted into the fields."""
        for name, field in self._fields.items():
            field.show(self._draft[name])
        self.query_one("#about", Static).update(self._draft.description)
        self._mark()

    def _adopt(self, config: Config) -> None:
        """Wants what is in force at the step that the run went to; what waits for a reset, waits
        on, and what is on its way to the run, too."""
        live = {n: getattr(config, n) for n in SETTINGS if SETTINGS[n].applies == "next batch"}
        for name in self._draft.adopt({n: v for n, v in live.items() if n not in self._sent}):
            self._fields[name].show(self._draft[name])

    def _in_force(self, name: str) -> Any:
        """The value of the run, or of the change that is on its way to it."""
        return self._sent.get(name, getattr(self.snapshot.config or self._first, name))

    def _send(self, name: str) -> None:
        """Sends a wanted value to the run, if it takes effect there and is not yet in force."""
        value = self._draft[name]
        live = name in SETTINGS and SETTINGS[name].applies == "next batch"
        if live and value != self._in_force(name):
            self._sent[name] = value
            self.post_message(self.Changed(name, value))

    def _mark(self) -> None:
        """Brings all signs and words up to date with what is wanted and what is in force."""
        self._pending.clear()
        for name in SETTINGS:
            field, waits = self._fields[name], self._draft[name] != self._in_force(name)
            field.mark(PENDING if waits else field.sign)
            if waits:
                self._pending.add(name)
        preset = self._fields[PRESET]
        preset.mark(preset.sign if self._draft.is_preset else "(changed)")
        self._summarize()
        self._explain()

    def _summarize(self) -> None:
        for group, section in self._sections.items():
            names = {name for name in SETTINGS if SETTINGS[name].group == group}
            set_ = sum(not self._draft.is_default(name) for name in names)
            waits = PENDING if names & self._pending else ""
            section.summarize(set_, WRONG if names & self._faults.keys() else waits)

    def _explain(self) -> None:
        foot = self.query_one(SettingHelp)
        faults = dict(self._faults)
        width = foot.size.width
        if self._focused is None:
            about = facts(self.snapshot.run, width) if self.snapshot.run else ""
        elif self._focused is self._fields[PRESET] and not self.has_class("-roomy"):
            about = self._draft.description
        else:
            about = explanation(self._focused, width)
            faults = {self._focused.setting.name: ""} | faults  # its own fault comes first
        fault = next((fault for fault in faults.values() if fault), None)
        foot.show_help(fault, [SETTINGS[n].label for n in SETTINGS if n in self._pending], about)


def _preset_field(draft: Draft) -> Field:
    meaning = "Values for all settings that go well together."
    setting = Setting(PRESET, "run", Choice(tuple(draft.presets)), meaning, "reset")
    field = Field(setting, draft.preset)
    field.tooltip = "\n".join(f"{p.name}: {p.description}." for p in draft.presets.values())
    return field
