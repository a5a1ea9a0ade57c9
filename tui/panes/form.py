"""The hyperparameters: a field for each setting of the config, made from its description."""

from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.validation import ValidationResult, Validator
from textual.widgets import Input, Label, Select, Static

from core.config import SETTINGS, Config, presets
from core.errors import ConfigError
from core.events import Began
from core.history import Snapshot
from core.settings import Choice, Setting


class SettingValidator(Validator):
    """Whether a text can be used for a setting, in the words of core.

    `refused` are texts that are in range but that the run could not take, and why.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.refused: dict[str, str] = {}

    def validate(self, value: str) -> ValidationResult:
        try:
            self.setting.parse(value)
        except ConfigError as error:
            return self.failure(str(error))
        return self.failure(self.refused[value]) if value in self.refused else self.success()


class Field(Horizontal):
    """One setting: its name and the widget that holds its value."""

    @dataclass
    class Edited(Message):
        """A person gave the setting a value that is in range."""

        name: str
        value: Any

    @dataclass
    class Mistyped(Message):
        """A person typed something that cannot be used, or (None) mended it."""

        name: str
        message: str | None

    def __init__(self, setting: Setting, value: Any) -> None:
        super().__init__(id=f"field-{setting.name}")
        self.setting = setting
        self.value = value
        self._validator = SettingValidator(setting)
        applies = "the next batch" if setting.applies == "next batch" else "reset"
        self.tooltip = f"{setting.meaning}\nMust be {setting.kind.range}. Applies at {applies}."

    def compose(self) -> ComposeResult:
        yield Label(self.setting.label)
        if isinstance(self.setting.kind, Choice):
            options = [(option, option) for option in self.setting.kind.options]
            yield Select(options, value=self.value, allow_blank=False, compact=True)
        else:
            yield Input(
                self.setting.write(self.value),
                compact=True,
                select_on_focus=True,
                validators=[self._validator],
                validate_on=["changed"],
            )

    def mark(self, pending: bool) -> None:
        """Shows whether the value waits for a reset."""
        self.set_class(pending, "-pending")
        self.query_one(Label).update(self.setting.label + " *" * pending)

    def refuse(self, message: str, value: Any) -> None:
        """Marks what was typed as what the run could not take; Escape goes back to `value`."""
        field = self.query_one(Input)
        self.value = value
        self._validator.refused[field.value] = message
        field.validate(field.value)
        self.post_message(self.Mistyped(self.setting.name, message))

    def forgive(self) -> None:
        """Forgets what was refused: another run may take it."""
        self._validator.refused.clear()

    def show(self, value: Any) -> None:
        """Puts another value into the field."""
        self.value = value
        if isinstance(self.setting.kind, Choice):
            self.query_one(Select).value = value
        else:
            self.query_one(Input).value = self.setting.write(value)

    @on(Select.Changed)
    def _choose(self, event: Select.Changed) -> None:
        event.stop()
        self._edit(event.value)

    @on(Input.Changed)
    def _judge(self, event: Input.Changed) -> None:
        event.stop()
        result = event.validation_result
        faults = result.failure_descriptions if result else []
        self.post_message(self.Mistyped(self.setting.name, faults[0] if faults else None))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.is_valid:
            self.screen.set_focus(None)

    @on(Input.Blurred)
    def _leave(self, event: Input.Blurred) -> None:
        event.stop()
        if event.input.is_valid:
            self._edit(self.setting.parse(event.input.value))

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and isinstance(self.screen.focused, Input):
            event.stop()
            self.show(self.value)
            self.screen.set_focus(None)

    def _edit(self, value: Any) -> None:
        if value != self.value:
            self.value = value
            self.post_message(self.Edited(self.setting.name, value))


class Form(VerticalScroll):
    """All settings. Those that differ from the run's config wait for a reset, and say so."""

    BINDING_GROUP_TITLE = "Settings"

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    @dataclass
    class Changed(Message):
        """A setting that applies at the next batch was given another value."""

        name: str
        value: Any

    def __init__(self, config: Config, preset: str) -> None:
        super().__init__(id="form", can_focus=False)
        self.border_title = "Settings"
        self._wanted = config
        self._preset = preset
        self._faults: dict[str, str] = {}

    @property
    def wanted(self) -> Config:
        """The config that a reset would start: every field's last good value."""
        return self._wanted

    def compose(self) -> ComposeResult:
        with Horizontal(id="field-preset"):
            yield Label("preset")
            names = [(name, name) for name in presets()]
            yield Select(names, value=self._preset, allow_blank=False, compact=True, id="preset")
        for name, setting in SETTINGS.items():
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
        self._set(name, value)
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
        self._set(event.name, event.value)
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

    def _set(self, name: str, value: Any) -> None:
        self._wanted = self._wanted.replace(**{name: value})

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
