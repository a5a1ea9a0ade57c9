"""The rows of the sweep form: a name, and a text or an option to enter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import Reactive
from textual.suggester import SuggestFromList
from textual.validation import ValidationResult, Validator
from textual.widgets import Input, Select

from core.errors import ConfigError
from tui.drawing.text import cut
from tui.panes.settings.entry import OptionSelect
from tui.panes.settings.field import INVALID
from tui.screens.sweep.draft import plain

MARKED = "●"


class TextValidator(Validator):
    """Accepts the texts for which `check` raises no ConfigError."""

    def __init__(self, check: Callable[[str], None]) -> None:
        super().__init__()
        self._check = check

    def validate(self, value: str) -> ValidationResult:
        try:
            self._check(value)
        except ConfigError as error:
            return self.failure(plain(error))
        return self.success()


class SettingRow(Horizontal):
    """A name, beside the widget for what is entered.

    about: explains it. fault: what is wrong with it, or "".
    """

    BINDINGS = [
        Binding("up", "app.focus_previous", "Previous field", show=False),
        Binding("down", "app.focus_next", "Next field", show=False),
    ]

    def __init__(self, name: str, caption: str, about: str) -> None:
        super().__init__(id=f"sweep-{name}", name=name)
        self._caption = caption
        self.about, self.fault = about, ""

    def render(self) -> Content:
        return Content(f"{self._caption} {INVALID if self.fault else ''}".rstrip())


class EntryRow(SettingRow):
    """A name with a text to enter, checked as it is typed.

    value: a text beside the name. example: what an empty field shows; space enters it if `offers`
    is True, and space again clears it. known: texts that are proposed as they are typed. is_free:
    whether any text may be entered, so that no character is a key of the screen.
    """

    @dataclass
    class Changed(Message):
        """The text is another one."""

        row: "EntryRow"
        text: str

    def __init__(
        self,
        name: str,
        caption: str,
        text: str,
        check: Callable[[str], None],
        about: str,
        *,
        value: str = "",
        example: str = "",
        offers: bool = False,
        known: Sequence[str] = (),
        is_free: bool = False,
    ) -> None:
        super().__init__(name, caption, about)
        self._value, self._text = value, text
        self._example, self.offers, self._known = example, offers, known
        self.is_free = is_free
        self._validator = TextValidator(check)

    @property
    def HINT(self) -> str:  # noqa: N802
        """The keys for the key bar."""
        offer = "  space clear" if self._text else "  space propose values"
        rest = offer if self.offers else "  → complete" if self._known else ""
        return f"↑↓ fields  Enter go to start{rest}"

    def compose(self) -> ComposeResult:
        yield Entry(
            self._text,
            placeholder=self._example,
            compact=True,
            max_length=400,
            validators=[self._validator],
            validate_on=["changed"],
            select_on_focus=False,
            suggester=SuggestFromList(self._known) if self._known else None,
        )

    def render(self) -> Content:
        """The name, with a mark if it is searched, and the present value."""
        if not self.offers:
            return super().render()
        room = self.size.width - self.query_one(Entry).outer_size.width - 2
        sign = INVALID if self.fault else MARKED if self._text else " "
        value = cut(self._value, max(room - cell_len(self._caption) - 3, 3))
        gap = " " * max(room - cell_len(self._caption) - cell_len(value) - 2, 1)
        style = "$text-error" if self.fault else "bold $text" if self._text else ""
        return Content.assemble(
            Content.styled(f"{sign} {self._caption}", style),
            gap,
            Content.styled(value, "$text-muted"),
        )

    def propose(self, text: str) -> None:
        """Enters a text as if it was typed."""
        self.query_one(Entry).value = text

    @property
    def proposal(self) -> str:
        return self._example if self.offers else ""

    @on(Input.Changed)
    def _take(self, event: Input.Changed) -> None:
        event.stop()
        result = event.validation_result
        self.fault = result.failure_descriptions[0] if result and not result.is_valid else ""
        self._text = event.value.strip()
        self.refresh()
        self.post_message(self.Changed(self, self._text))


class OptionRow(SettingRow):
    """A name with a list of options."""

    HINT = "←→ choose  Enter list"
    BINDINGS = [
        Binding("left", "choose(-1)", "Previous option", show=False),
        Binding("right", "choose(1)", "Next option", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another option is chosen."""

        row: "OptionRow"
        value: Any

    def __init__(
        self, name: str, caption: str, options: Sequence[tuple[str, Any]], value: Any, about: str
    ) -> None:
        super().__init__(name, caption, about)
        self._options, self._value = options, value

    def compose(self) -> ComposeResult:
        yield OptionSelect(self._options, self._value)

    def action_choose(self, by: int) -> None:
        select = self.query_one(OptionSelect)
        values = [value for _, value in self._options]
        place = values.index(select.value) + by
        if 0 <= place < len(values):
            select.value = values[place]

    @on(Select.Changed)
    def _take(self, event: Select.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value))


class Entry(Input):
    """A text, which space fills with the proposal of its row while it is empty, or empties while
    all of it is selected."""

    cursor_blink = Reactive(False, init=False)  # an idle app uses no CPU time

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text here, and not a key of the screen."""
        return not self._is_no_text(character) and super().check_consume_key(key, character)

    def _is_no_text(self, character: str | None) -> bool:
        """Whether no value has a character here."""
        if not isinstance(self.parent, EntryRow) or self.parent.is_free:
            return False
        if character == "E":  # the exponent follows a digit
            return not self.value[: min(self.selection)][-1:].isdigit()
        return character in ("?", "q")

    def on_key(self, event: events.Key) -> None:
        if self._is_no_text(event.character):
            event.prevent_default()  # but not stopped: the screen handles it
            return
        row = self.parent
        if event.key != "space" or not isinstance(row, EntryRow) or not row.proposal:
            return
        if not self.value:
            self.value = row.proposal
            self.action_select_all()
        elif self.selected_text == self.value:
            self.value = ""
        else:
            return
        event.stop()
        event.prevent_default()
