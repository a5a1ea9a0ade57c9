"""The hyperparameters: a field for each setting of the config, made from its description."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from core.config import SETTINGS, Config
from core.errors import ConfigError
from core.history import Snapshot
from core.presets import Preset, presets
from core.settings import GROUPS, Choice, Setting
from tui.panes.field import PENDING, WRONG, Field
from tui.panes.foot import Foot, explanation, facts
from tui.panes.section import Section

_UNFOLDED = ("optimizer", "network")
_ROOMY = (60, 20)  # from this width or height on the preset's sentence is always shown
_DEFAULTS = Config()


class Form(Vertical):
    """All settings. Those that differ from the run's config wait for a reset, and say so."""

    BINDING_GROUP_TITLE = "Settings"
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
        self._presets = presets()
        self._preset = preset
        self._wanted = self._first = config
        self._past: list[tuple[str, Config]] = []
        self._nudged = ""  # the setting whose run of nudges is taken back as one
        self._sent: dict[str, Any] = {}  # values on their way to the run
        self._pending: set[str] = set()
        self._faults: dict[str, str] = {}
        self._focused: Field | None = None
        self._fields = {"preset": _preset_field(self._presets.values(), preset)} | {
            name: Field(setting, getattr(config, name)) for name, setting in SETTINGS.items()
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
        return self._wanted

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield self._fields["preset"]
            yield Static(id="about", markup=False)
            yield from self._sections.values()
        yield Foot(id="foot")

    def on_mount(self) -> None:
        self._put(self._preset, self._wanted)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= _ROOMY[0], "-wide")
        self.set_class(event.size.width >= _ROOMY[0] or event.size.height >= _ROOMY[1], "-roomy")
        self.call_after_refresh(self._explain)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        began = snapshot.began is not before.began
        if began:
            self._sent.clear()
            for field in self._fields.values():
                field.forgive()
        if began or snapshot.config is not before.config:
            for name, value in list(self._sent.items()):
                if getattr(snapshot.config, name) == value:
                    del self._sent[name]  # it has arrived
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
            self._wanted = self._wanted.replace(**{name: value})
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
        self._nudged = ""
        while self._past and self._past[-1] == (self._preset, self._wanted):
            self._past.pop()  # it was refused, or nudged back
        if not self._past:
            self.notify("There is no change of the settings to take back.", timeout=3)
            return
        preset, config = self._past.pop()
        back = config.as_dict()
        changed = [n for n in SETTINGS if back[n] != getattr(self._wanted, n)]
        said = [f"{SETTINGS[n].label} back to {SETTINGS[n].write(back[n])}" for n in changed]
        if preset != self._preset:
            said = [f"preset back to {preset}"]
        self._put(preset, config)
        for name in changed:
            self._send(name)
        self.notify(", ".join(said), timeout=3, markup=False)

    @on(Field.Edited)
    def _edit(self, event: Field.Edited) -> None:
        event.stop()
        self._take(event.name, event.nudged)

    @on(Field.Picked)
    def _pick_again(self, event: Field.Picked) -> None:
        event.stop()
        if event.name == "preset":
            self._past.append((self._preset, self._wanted))
            self._put(self._preset, self._presets[self._preset].config)

    def _take(self, name: str, nudged: bool = False) -> None:
        """Wants what a field holds. It may be more than its message told, or be known already."""
        field, value = self._fields[name], self._fields[name].value
        before = (self._preset, self._wanted)
        if value == self._value(name):
            return
        if name == "preset":
            self._put(value, self._presets[value].config)
        else:
            try:
                self._wanted = self._wanted.replace(**{name: value})
            except ConfigError as error:  # it does not go with the other settings
                field.refuse(str(error), self._value(name))
                return
            self._send(name)
            self._mark()
        if not nudged or name != self._nudged:
            self._past.append(before)
        self._nudged = name if nudged else ""

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
            self._nudged = ""
            self._explain()

    def _put(self, preset: str, config: Config) -> None:
        """Fills all fields."""
        self._preset, self._wanted = preset, config
        for name, field in self._fields.items():
            field.show(self._value(name))
        self.query_one("#about", Static).update(f"{self._presets[preset].description}.")
        self._mark()

    def _value(self, name: str) -> Any:
        return self._preset if name == "preset" else getattr(self._wanted, name)

    def _in_force(self, name: str) -> Any:
        """The value of the run, or of the change that is on its way to it."""
        return self._sent.get(name, getattr(self.snapshot.config or self._first, name))

    def _send(self, name: str) -> None:
        """Sends a wanted value to the run, if it takes effect there and is not yet in force."""
        value = getattr(self._wanted, name)
        if SETTINGS[name].applies == "next batch" and value != self._in_force(name):
            self._sent[name] = value
            self.post_message(self.Changed(name, value))

    def _mark(self) -> None:
        """Brings all signs and words up to date with what is wanted and what is in force."""
        self._pending.clear()
        for name in SETTINGS:
            field, waits = self._fields[name], self._value(name) != self._in_force(name)
            field.mark(PENDING if waits else field.sign)
            if waits:
                self._pending.add(name)
        changed = self._wanted != self._presets[self._preset].config
        preset = self._fields["preset"]
        preset.mark("(changed)" if changed else preset.sign)
        self._summarize()
        self._explain()

    def _summarize(self) -> None:
        for group, section in self._sections.items():
            names = {name for name, setting in SETTINGS.items() if setting.group == group}
            set_ = sum(getattr(self._wanted, name) != getattr(_DEFAULTS, name) for name in names)
            waits = PENDING if names & self._pending else ""
            section.summarize(set_, WRONG if names & self._faults.keys() else waits)

    def _explain(self) -> None:
        foot = self.query_one(Foot)
        faults = dict(self._faults)
        width = foot.size.width
        if self._focused is None:
            about = facts(self.snapshot.began, width) if self.snapshot.began else ""
        elif self._focused is self._fields["preset"]:
            about = f"{self._presets[self._preset].description}."
        else:
            about = explanation(self._focused, width)
            faults = {self._focused.setting.name: ""} | faults  # its own fault comes first
        fault = next((fault for fault in faults.values() if fault), None)
        foot.tell(fault, [SETTINGS[n].label for n in SETTINGS if n in self._pending], about)


def _preset_field(choice: Iterable[Preset], name: str) -> Field:
    names = Choice(tuple(preset.name for preset in choice))
    meaning = "Values for all settings that go well together."
    field = Field(Setting("preset", "run", names, meaning, "reset"), name)
    field.tooltip = "\n".join(f"{preset.name}: {preset.description}." for preset in choice)
    return field
