"""One setting in the form: its name, the widget that holds its value, and its error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from core.config.kinds import Choice, Flag, Sizes
from core.config.settings import Setting
from core.text import capitalized
from tui.panes.settings.draft import Draft
from tui.panes.settings.entry import MAX_LENGTH, OptionSelect, SettingValidator, ValueInput

AT_RESTART = "↻"
PENDING = "*"
INVALID = "!"

OnChange = Callable[[str, Any], None]
"""Called with the name of a setting and the value that was entered."""


class Field(Horizontal):
    """One setting: its name and a sign, to the left of the widget that holds its value.

    Only Enter changes the setting. It renders name and sign itself, which is faster than a widget
    for each.
    """

    BINDINGS = [
        Binding("up", "next_value(True)", "Next value up", show=False),
        Binding("down", "next_value(False)", "Next value down", show=False),
    ]

    @dataclass
    class FaultChanged(Message):
        """The text in the field became invalid, or valid again (None)."""

        name: str
        fault: str | None

    def __init__(self, setting: Setting, draft: Draft, change: OnChange) -> None:
        """`change` is called with each value that you enter. A function, not a message: the draft
        has the value when the next key is handled."""
        super().__init__(id=f"field-{setting.name}")
        self.setting = setting
        self._draft = draft
        self._change = change
        self._sign = self.sign
        self._fault: str | None = None
        self._validator = SettingValidator(setting)
        self._is_list = isinstance(setting.kind, Choice | Flag)
        self._origin: Any = None  # the value before the first arrow key
        self._stepped: Any = None  # the value after the last one
        self.tooltip = Content(f"{setting.meaning}\n{self.rules}\n{self._keys}")

    @property
    def sign(self) -> str:
        """The sign after the name while the setting is neither pending nor invalid."""
        return AT_RESTART if self.setting.applies == "restart" else ""

    @property
    def rules(self) -> str:
        """The range, and when a change takes effect."""
        at_restart = self.setting.applies == "restart"
        when = f"a restart ({AT_RESTART})" if at_restart else "the next batch"
        return f"Enter {self.setting.kind.range}. Takes effect at {when}."

    @property
    def HINT(self) -> str:  # noqa: N802
        """The keys for the key bar."""
        keys = "↑↓ or Enter open the list" if self._is_list else "↑↓ next value  Enter apply"
        return f"{keys}{'  u undo' if self._draft.can_undo else ''}"

    @property
    def _keys(self) -> str:
        if self._is_list:
            return "↑, ↓ or Enter opens the list."
        return "↑ ↓ or the wheel: next value. Enter applies, Escape restores."

    def compose(self) -> ComposeResult:
        kind = self.setting.kind
        if isinstance(kind, Choice | Flag):
            options = [(option, kind.parse(option)) for option in kind.options]
            yield OptionSelect(options, self.value, self._note)
        else:
            yield ValueInput(
                self.text,
                compact=True,
                max_length=MAX_LENGTH,
                select_on_focus=True,
                validators=[self._validator],
                validate_on=["changed"],
            )

    def _note(self, value: Any) -> str:
        """What the open list adds to an option."""
        return ""

    def on_mount(self) -> None:
        self.show()  # it may have changed since `compose`

    def render(self) -> Content:
        return Content.styled(self._caption, "$text-warning" if self._sign == PENDING else "")

    @property
    def value(self) -> Any:
        """The value in the draft."""
        return self._draft[self.setting.name]

    @property
    def text(self) -> str:
        """The value as text, in the form in which you type it."""
        return self.setting.write(self.value)

    @property
    def _caption(self) -> str:
        return f"{self.setting.label} {INVALID if self._fault else self._sign}".rstrip()

    def mark(self, sign: str) -> None:
        """Shows a sign, or a short text, after the name."""
        if sign != self._sign:
            self._sign = sign
            self.refresh()

    def refuse(self, message: str) -> None:
        """Marks the text in the field as refused; Escape shows the value in the draft again."""
        if self._is_list:
            self.show()
            self.app.notify(capitalized(message), severity="error", markup=False)
            return
        entry = self.query_one(ValueInput)
        self._validator.refused[entry.value] = message
        entry.validate(entry.value)
        self._set_fault(message)

    def clear_refused(self) -> None:
        """Allows refused values again, because the run may accept them elsewhere."""
        if self._validator.refused:
            self._validator.refused.clear()
            self.show()

    def show(self) -> None:
        """Shows the value in the draft instead of what is typed."""
        if not self.is_mounted:
            return
        if self._is_list:
            self.query_one(OptionSelect).value = self.value
        else:
            self._end_reminder()
            self.query_one(ValueInput).value = self.text

    def discard_typing(self) -> bool:
        """Drops text that is typed but not entered. Returns whether there was any."""
        entry = next(iter(self.query(ValueInput)), None)
        if entry is None or entry.value == self.text:
            return False
        self.show()
        entry.action_select_all()
        return True

    def action_next_value(self, up: bool) -> None:
        """Puts the next value into the field, as if it was typed, or opens the list."""
        if self._is_list:
            self.query_one(OptionSelect).action_show_overlay()
        else:
            self._type_next(self.query_one(ValueInput), up)

    @on(ValueInput.NextValueRequested)
    def _next_by_wheel(self, event: ValueInput.NextValueRequested) -> None:
        event.stop()
        self.action_next_value(event.up)

    def _type_next(self, entry: ValueInput, up: bool) -> None:
        kind = self.setting.kind
        start = self.setting.parse(entry.value) if entry.is_valid else self.value
        if start != self._stepped:
            self._origin = start
        if not isinstance(kind, Sizes):
            self._stepped = _next(start, kind.next_value(start, up), self._origin, up)
            entry.value = self.setting.write(self._stepped)
            entry.action_select_all()
            return
        whole = entry.selected_text == entry.value
        place = min(entry.value[: entry.cursor_position].count(","), len(start) - 1)
        sizes = list(kind.next_value(start, up, place))
        if start and len(self._origin) == len(start) == len(sizes):
            sizes[place] = _next(start[place], sizes[place], self._origin[place], up)
        self._stepped = following = tuple(sizes)
        entry.value = self.setting.write(following)
        if whole:
            entry.action_select_all()
        else:
            entry.cursor_position = len(kind.write(following[: place + 1]))

    @on(OptionSelect.Picked)
    def _pick(self, event: OptionSelect.Picked) -> None:
        event.stop()
        self._change(self.setting.name, self.query_one(OptionSelect).value)

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        event.stop()
        # Not event.validation_result, which may be older than `refuse`.
        faults = self._validator.validate(event.input.value).failure_descriptions
        self._set_fault(faults[0] if faults else None)

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.is_valid:
            self._end_reminder()
            value = self.setting.parse(event.input.value)
            if value != self.value:
                self._change(self.setting.name, value)
            self.screen.set_focus(None)

    @on(Input.Blurred)
    def _leave(self, event: Input.Blurred) -> None:
        """Restores the value: a digit meant as a key must not become a value.

        Invalid text stays, marked as invalid.
        """
        event.stop()
        typed = event.input.value
        dropped = event.input.is_valid and self.discard_typing()
        if not event.input.has_focus:  # it may have it again
            event.input.cursor_position = 0  # or of a long number, only the end would be seen
        if dropped and self.setting.parse(typed) != self.value:
            text = f'{self._still} {self.text}: "{typed}" was not applied. Enter applies a value.'
            self.notify(text, timeout=4, markup=False)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and isinstance(self.screen.focused, Input):
            event.stop()
            self.show()
            self.screen.set_focus(None)
        elif self._is_list and event.key in ("left", "right"):
            event.stop()  # or the group around it would fold
            self.notify("Enter opens the list.", timeout=3)
        elif event.is_printable:  # it is no text, but a key of the screen
            self._remind()

    def _remind(self) -> None:
        """Says that what is typed does not apply yet."""
        entry = next(iter(self.query(ValueInput)), None)
        if entry is None or not (entry.has_focus and entry.is_valid):
            return
        if self.setting.parse(entry.value) != self.value:
            text = f"{self._still} {self.text}: Enter applies {entry.value}."
            self.notify(text, timeout=4, markup=False)

    def _end_reminder(self) -> None:
        self.app.end_toasts(self._still)  # type: ignore[attr-defined]

    @property
    def _still(self) -> str:
        return f"{capitalized(self.setting.label)} is still"

    def on_click(self) -> None:
        """A click on the name."""
        self.focus_entry()

    def focus_entry(self) -> None:
        """Moves the focus to the widget that holds the value."""
        self.entry.focus()

    @property
    def entry(self) -> Widget:
        """The widget that holds the value."""
        return self.query_one("ValueInput, OptionSelect")

    def _set_fault(self, fault: str | None) -> None:
        if fault != self._fault:
            self._fault = fault
            self.refresh()
            self.post_message(self.FaultChanged(self.setting.name, fault))


def _next(start: Any, following: Any, origin: Any, up: bool) -> Any:
    """Returns the value after `start`: `following`, or `origin` if that comes first.

    So the arrow keys also return to a value between the round ones.
    """
    is_ahead = origin > start if up else origin < start
    is_first = following == start or (origin < following if up else origin > following)
    return origin if is_ahead and is_first else following
