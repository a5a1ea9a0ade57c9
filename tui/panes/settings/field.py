"""One hyperparameter in the form: its name, the widget that holds its value, what is wrong."""

from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Select

from core.config.settings import Choice, Flag, Setting, Sizes
from tui.panes.settings.entry import OptionSelect, SettingValidator, ValueInput

WAITS_FOR_RESET = "↻"
PENDING = "*"
WRONG = "!"


class Field(Horizontal):
    """One setting: its name and a sign, left of the widget that holds its value.

    It writes them itself, for every widget less is a layout, a style and a painting less.
    """

    BINDINGS = [
        Binding("up,left", "nudge(True)", "Next value above", show=False),
        Binding("down,right", "nudge(False)", "Next value below", show=False),
    ]

    @dataclass
    class Edited(Message):
        """A person gave the setting another value, in range; `nudged`: the one next to it."""

        name: str
        nudged: bool = False

    @dataclass
    class Picked(Message):
        """A person picked from the list the option that was there."""

        name: str

    @dataclass
    class Mistyped(Message):
        """A person typed something that cannot be used, or (None) mended it."""

        name: str
        message: str | None

    def __init__(self, setting: Setting, value: Any) -> None:
        super().__init__(id=f"field-{setting.name}")
        self.setting = setting
        self.value = value
        self._sign = self.sign
        self._fault: str | None = None
        self._validator = SettingValidator(setting)
        self._is_list = isinstance(setting.kind, Choice | Flag)
        self.tooltip = f"{setting.meaning}\n{self.rules}\n{self._keys}"

    @property
    def sign(self) -> str:
        """What stands after the name as long as nothing else is to be said."""
        return WAITS_FOR_RESET if self.setting.applies == "reset" else ""

    @property
    def rules(self) -> str:
        """The range, and when a change takes effect."""
        at_reset = self.setting.applies == "reset"
        applies = f"a reset ({WAITS_FOR_RESET})" if at_reset else "the next batch"
        return f"Must be {self.setting.kind.range}. Applies at {applies}."

    @property
    def _keys(self) -> str:
        if self._is_list:
            return "The arrows choose, Enter opens the list."
        return "↑ ↓ nudge it, the wheel too, and - + while all of it is selected."

    def compose(self) -> ComposeResult:
        kind = self.setting.kind
        if isinstance(kind, Choice | Flag):
            yield OptionSelect(
                [(option, kind.parse(option)) for option in kind.options], self.value
            )
        else:
            yield ValueInput(
                self.text,
                compact=True,
                select_on_focus=True,
                validators=[self._validator],
                validate_on=["changed"],
            )

    def on_mount(self) -> None:
        self.show(self.value)  # it may have changed while the widgets were made

    def render(self) -> Content:
        return Content.styled(self._caption, "$text-warning" if self._sign == PENDING else "")

    @property
    def text(self) -> str:
        """Its value as a person writes it."""
        return self.setting.write(self.value)

    @property
    def _caption(self) -> str:
        return f"{self.setting.label} {WRONG if self._fault else self._sign}".rstrip()

    def mark(self, sign: str) -> None:
        """Shows a sign after the name: `PENDING`, `sign`, or whatever there is to say."""
        if sign != self._sign:
            self._sign = sign
            self.refresh()

    def refuse(self, message: str, value: Any) -> None:
        """Marks what was typed as what the run could not take; Escape goes back to `value`."""
        self.value = value
        if self._is_list:
            self.show(value)
            self.app.notify(message, severity="error", markup=False)
            return
        entry = self.query_one(ValueInput)
        self._validator.refused[entry.value] = message
        entry.validate(entry.value)
        self._find(message)

    def forgive(self) -> None:
        """Forgets what was refused: another run may take it."""
        self._validator.refused.clear()

    def show(self, value: Any) -> None:
        """Puts another value into the field."""
        self.value = value
        if not self.is_mounted:
            return
        if self._is_list:
            self.query_one(OptionSelect).value = value
        else:
            self.query_one(ValueInput).value = self.text

    def take_back(self) -> bool:
        """Drops what is typed and not yet entered; whether there was such a thing."""
        entry = next(iter(self.query(ValueInput)), None)
        if entry is None or entry.value == self.text:
            return False
        self.show(self.value)
        entry.action_select_all()
        return True

    def action_nudge(self, up: bool) -> None:
        if self._is_list:
            if not self.query_one(OptionSelect).expanded:
                self._nudge(self.setting.kind.nudge(self.value, up))
        else:
            self._nudge_entry(self.query_one(ValueInput), up)

    @on(ValueInput.Nudged)
    def _nudge_by_sign(self, event: ValueInput.Nudged) -> None:
        event.stop()
        self.action_nudge(event.up)

    def _nudge_entry(self, entry: ValueInput, up: bool) -> None:
        kind = self.setting.kind
        start = self.setting.parse(entry.value) if entry.is_valid else self.value
        if not isinstance(kind, Sizes):
            self._nudge(kind.nudge(start, up))
            entry.action_select_all()
            return
        whole = entry.selected_text == entry.value
        place = min(entry.value[: entry.cursor_position].count(","), len(start) - 1)
        self._nudge(kind.nudge(start, up, place))
        if whole:
            entry.action_select_all()
        else:
            entry.cursor_position = len(kind.write(self.value[: place + 1]))

    def _nudge(self, value: Any) -> None:
        changed = value != self.value
        self.show(value)
        if changed:
            self.post_message(self.Edited(self.setting.name, nudged=True))

    @on(Select.Changed)
    def _choose(self, event: Select.Changed) -> None:
        event.stop()
        self._edit(event.select.value)  # as it is now: the event may be older than `show`

    @on(OptionSelect.Picked)
    def _pick_again(self, event: OptionSelect.Picked) -> None:
        event.stop()
        if self.query_one(OptionSelect).value == self.value:
            self.post_message(self.Picked(self.setting.name))

    @on(Input.Changed)
    def _judge(self, event: Input.Changed) -> None:
        event.stop()
        result = event.validation_result
        faults = result.failure_descriptions if result else []
        self._find(faults[0] if faults else None)

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

    def on_click(self) -> None:
        """A click on the name."""
        self.query_one("ValueInput, OptionSelect").focus()

    def _edit(self, value: Any) -> None:
        if value != self.value:
            self.value = value
            self.post_message(self.Edited(self.setting.name))

    def _find(self, fault: str | None) -> None:
        if fault != self._fault:
            self._fault = fault
            self.refresh()
            self.post_message(self.Mistyped(self.setting.name, fault))
