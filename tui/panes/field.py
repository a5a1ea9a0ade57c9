"""One hyperparameter in the form: its name, the widget that holds its value, what is wrong."""

from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.validation import ValidationResult, Validator
from textual.widgets import Input, Label, Select

from core.errors import ConfigError
from core.settings import Choice, Flag, Setting


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
        if isinstance(self.setting.kind, Choice | Flag):
            options = [(option, self.setting.parse(option)) for option in self.setting.kind.options]
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
        self.value = value
        if isinstance(self.setting.kind, Choice | Flag):
            self.show(value)
            self.app.notify(message, severity="error", markup=False)
            return
        field = self.query_one(Input)
        self._validator.refused[field.value] = message
        field.validate(field.value)
        self.post_message(self.Mistyped(self.setting.name, message))

    def forgive(self) -> None:
        """Forgets what was refused: another run may take it."""
        self._validator.refused.clear()

    def show(self, value: Any) -> None:
        """Puts another value into the field."""
        self.value = value
        if isinstance(self.setting.kind, Choice | Flag):
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
