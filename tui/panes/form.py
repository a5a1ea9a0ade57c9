"""The hyperparameters: a field for each setting of the config, made from its description."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Label, Select, Static

from core.config import SETTINGS, Config
from core.errors import ConfigError
from core.events import Began
from core.history import Snapshot
from core.presets import presets
from core.settings import GROUPS
from tui.panes.field import Field


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
        self._wanted = config
        self._preset = preset
        self._faults: dict[str, str] = {}

    @property
    def wanted(self) -> Config:
        """The config that a reset would start: every field's last good value."""
        return self._wanted

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            with Horizontal(id="field-preset"):
                yield Label("preset")
                names = [(name, name) for name in presets()]
                preset = Select(names, value=self._preset, allow_blank=False, compact=True)
                preset.id = "preset"
                yield preset
            for group in GROUPS:
                yield Label(group, classes="group")
                for name, setting in SETTINGS.items():
                    if setting.group == group:
                        yield Field(setting, getattr(self._wanted, name))
        yield Static(id="facts")
        yield Static(id="notice", markup=False)

    def on_mount(self) -> None:
        self.query_one("#notice").display = False
        self.query_one("#field-preset").tooltip = "\n".join(
            f"{preset.name}: {preset.description}." for preset in presets().values()
        )

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.began is not None and snapshot.began is not before.began:
            self.query_one("#facts", Static).update(facts(snapshot.began))
            for field in self.query(Field):
                field.forgive()
        if snapshot.config is not before.config:
            self._mark_pending()

    def refuse(self, name: str, message: str) -> None:
        """Marks the field with the reason; the value in force is wanted again."""
        value = getattr(self.snapshot.config, name)
        with suppress(ConfigError):  # it may not go with what else is wanted; a reset says so
            self._wanted = self._wanted.replace(**{name: value})
        self.query_one(f"#field-{name}", Field).refuse(message, value)

    @on(Select.Changed, "#preset")
    def _fill(self, event: Select.Changed) -> None:
        event.stop()
        if event.value == self._preset:
            return
        self._preset = str(event.value)
        self._wanted = presets()[self._preset].config
        for name in SETTINGS:
            self.query_one(f"#field-{name}", Field).show(getattr(self._wanted, name))
        self._mark_pending()

    @on(Field.Edited)
    def _edit(self, event: Field.Edited) -> None:
        event.stop()
        before = getattr(self._wanted, event.name)
        try:
            self._wanted = self._wanted.replace(**{event.name: event.value})
        except ConfigError as error:  # it does not go with the other settings
            self.query_one(f"#field-{event.name}", Field).refuse(str(error), before)
            return
        if SETTINGS[event.name].applies == "next batch":
            self.post_message(self.Changed(event.name, event.value))
        self._mark_pending()

    @on(Field.Mistyped)
    def _judge(self, event: Field.Mistyped) -> None:
        event.stop()
        self._faults.pop(event.name, None)
        if event.message:
            self._faults[event.name] = event.message
        self._mark_pending()

    def _mark_pending(self) -> None:
        config = self.snapshot.config
        if config is None:
            return
        pending = []
        for name, setting in SETTINGS.items():
            waits = getattr(self._wanted, name) != getattr(config, name)
            self.query_one(f"#field-{name}", Field).mark(waits)
            if waits:
                pending.append(setting.label)
        if self._faults:
            self._show_notice(next(iter(self._faults.values())))
        elif pending:
            self._show_notice(
                f"* press r to reset the run and apply {', '.join(pending)}", fault=False
            )
        else:
            self._show_notice("")

    def _show_notice(self, message: str, fault: bool = True) -> None:
        # In the place of the facts, where there is always room for it.
        self.query_one("#facts").display = not message
        notice = self.query_one("#notice", Static)
        notice.display = bool(message)
        notice.set_class(fault, "-fault")
        notice.update(message)


def facts(began: Began) -> str:
    """The network and the data of a run, in words."""
    data = began.dataset
    sizes = (data.train_images[0].size, *began.config.hidden, len(data.class_names))
    return "\n".join(
        (
            "network " + "-".join(map(str, sizes)),
            f"{began.parameters:,} parameters",
            f"{began.training_images:,} training images",
            f"{began.watched_images:,} {began.watched} images",
        )
    )
