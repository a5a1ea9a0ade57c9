"""The widgets that hold the value of a field: a validated text or a list of options."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.validation import ValidationResult, Validator
from textual.widgets import Input, OptionList, Select
from textual.widgets._select import SelectCurrent, SelectOverlay

from core.config.settings import Setting
from core.errors import ConfigError
from core.text import one_line

_NUMBER_CHARACTERS = set("0123456789.,+-")
_ROOM = 10  # cells beside the names in a narrow form
MAX_LENGTH = 80  # of a text; the longest list of sizes has 65 characters


class SettingValidator(Validator):
    """Accepts the texts that `setting.parse` accepts.

    refused: texts in the range of the setting that the run refused, with the reason.
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


class ValueInput(Input):
    """A number, or several with commas. Only keys that can be part of one are text.

    All other keys keep their meaning on the screen.
    """

    @dataclass
    class NextValueRequested(Message):
        """The wheel asks for the next higher or lower value."""

        up: bool

    # Without layout: Textual would lay out the whole screen at each character.
    virtual_size = Reactive(Size(0, 0), layout=False)

    cursor_blink = Reactive(False, init=False)  # an idle app uses no CPU time

    _focus_is_new = False  # given by the message before this one

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Overrides Textual's method, which takes 2 ms to restyle the widget."""

    def on_focus(self) -> None:
        self._focus_is_new = True
        self.call_later(self._forget_new_focus)  # after the click that gave it

    def _forget_new_focus(self) -> None:
        self._focus_is_new = False

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The click that gives the focus selects all of the text, as a key does; the next click
        places the cursor."""
        if self._focus_is_new:
            event.prevent_default()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text here, and not a key of the screen."""
        if character is None or not character.isprintable():
            return False
        if character in ("e", "E"):  # the exponent follows a digit
            return self.value[: min(self.selection)][-1:].isdigit()
        return character in _NUMBER_CHARACTERS

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and not self.check_consume_key(event.key, event.character):
            event.prevent_default()  # but not stopped: the screen handles it

    def on_paste(self, event: events.Paste) -> None:
        """Inserts the text of the clipboard if it can be part of a number."""
        text = event.text.strip()
        is_number = set(text) <= _NUMBER_CHARACTERS | set("eE ")
        if is_number and len(text) <= MAX_LENGTH:
            return
        event.stop()
        event.prevent_default()
        if is_number:
            self.restricted()
        else:
            shown = one_line(text if len(text) <= 20 else f"{text[:19]}…")
            self.notify(f'"{shown}" is not a number.', severity="warning", timeout=3, markup=False)

    def restricted(self) -> None:
        """Says why text that is typed or pasted is not taken."""
        text = f"A field takes at most {MAX_LENGTH} characters."
        self.notify(text, severity="warning", timeout=3, markup=False)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._request_next(event, True)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._request_next(event, False)

    def _request_next(self, event: events.MouseEvent, up: bool) -> None:
        if self.has_focus:
            event.stop()
            event.prevent_default()
            self.post_message(self.NextValueRequested(up))


class OpenList(SelectOverlay):
    """The open list of an `OptionSelect`. The first letters of an option select it."""

    BINDINGS = [Binding("escape", "dismiss", "Close the list", show=False)]

    _NO_TEXT = ("?", "q")  # they keep their meaning on the screen; no option has them

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Whether a key is text here, and not a key of the screen."""
        return character not in self._NO_TEXT and super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        if event.character in self._NO_TEXT:
            event.prevent_default()  # but not stopped: the screen handles it
        elif event.key in ("left", "right"):
            event.stop()  # or its row, or the group around it, would take them
            self._say_what_chooses()

    def _find_search_match(self, query: str) -> int | None:
        """Returns the index of the first option that begins with the query; if there is none, says
        which keys choose. Textual would find letters in the middle of an option, too."""
        for index, option in enumerate(self.options):
            if str(option.prompt).startswith(query.lower()):
                return index
        self._search_query = ""
        self._say_what_chooses()
        return None

    def _say_what_chooses(self) -> None:
        text = "Up, down or first letters choose, Enter applies, Escape closes."
        self.notify(text, timeout=3)


class OptionSelect(Select[Any], inherit_bindings=False):
    """A list that leaves the arrow keys to its row, and space to the screen.

    note: returns what to add to an option while the list is open, or "".

    It renders its closed state itself: Textual uses six widgets for it, and restyles them all
    whenever the focus moves.
    """

    BINDINGS = [Binding("enter", "show_overlay", "Open the list", show=False)]

    @property
    def HINT(self) -> str:  # noqa: N802
        """The keys of the open list, for the key bar."""
        return "↑↓ choose  Enter apply" if self.expanded else ""

    class Picked(Message):
        """An option was picked in the open list, perhaps the current one."""

    def __init__(
        self,
        options: Sequence[tuple[str, Any]],
        value: Any,
        note: Callable[[Any], str] = lambda value: "",
    ) -> None:
        super().__init__(options, value=value, allow_blank=False, compact=True)
        self._names = {value: name for name, value in options}
        self._note = note

    def compose(self) -> ComposeResult:
        yield SelectCurrent(self.prompt)
        yield OpenList().data_bind(compact=Select.compact)

    @property
    def _space(self) -> str:
        """Before the arrow. In ASCII, a "v" right after the name would be read as part of it."""
        return " " if getattr(self.app, "ascii", False) else ""

    def render(self) -> Content:
        width = max(0, self.size.width - 1 - len(self._space))
        name = Content(self._names.get(self.value, "")).truncate(width, ellipsis=True, pad=True)
        arrow = Content.styled("▲" if self.expanded else "▼", "$foreground 50%")
        line = name + self._space + arrow
        if self.has_focus:
            line = line.stylize("bold $block-cursor-foreground on $block-cursor-background")
        return line

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Repaints without a new style."""

    def watch_value(self) -> None:
        width = len(f"{self._names.get(self.value, '')}{self._space}▼")
        self.set_class(width > _ROOM, "-long")
        self.refresh()

    def watch_expanded(self, expanded: bool) -> None:
        self.refresh()
        if expanded:
            options = self.query_one(OptionList)
            self.screen.set_focus(options, scroll_visible=False)  # at once: the next key chooses
            for index, (value, name) in enumerate(self._names.items()):
                # Text, not Content, in which typing would find nothing.
                text = Text(f"{name}  {self._note(value)}".rstrip())
                options.replace_option_prompt_at_index(index, text)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # not its open list
            event.stop()
            self.expanded = not self.expanded

    def on_select_overlay_update_selection(self) -> None:
        self.post_message(self.Picked())
