"""The widgets that hold the value of a field: a text that is checked, and a list of options."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.validation import ValidationResult, Validator
from textual.widgets import Input, Select

from core.config.settings import Setting
from core.errors import ConfigError


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


class ValueInput(Input):
    """A text that can be nudged by - and + while all of it is selected, and by the wheel."""

    @dataclass
    class Nudged(Message):
        """A person wants the value next above, or next below."""

        up: bool

    # A line in a place of its own: Textual would lay out the whole screen anew at each letter.
    virtual_size = Reactive(Size(0, 0), layout=False)

    cursor_blink = Reactive(False, init=False)  # an idle program uses next to nothing

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Keeps its style, and is painted anew: with five styles Textual takes 2 ms for it."""

    def on_key(self, event: events.Key) -> None:
        # No setting takes a value that begins with a sign, so nothing typed is lost.
        if event.character in ("-", "+", "=") and self.selected_text == self.value:
            event.stop()
            event.prevent_default()
            self.post_message(self.Nudged(event.character != "-"))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._turn(event, True)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._turn(event, False)

    def _turn(self, event: events.MouseEvent, up: bool) -> None:
        if self.has_focus:
            event.stop()
            event.prevent_default()
            self.post_message(self.Nudged(up))


class OptionSelect(Select[Any], inherit_bindings=False):
    """A list that leaves the arrows to its field, and space to the run.

    Closed, it is a line that it draws itself: Textual makes it of six widgets, all of which it
    styles anew whenever the focus comes or goes.
    """

    BINDINGS = [Binding("enter", "show_overlay", "Open the list", show=False)]

    class Picked(Message):
        """A person picked an option in the open list, perhaps the one that was there."""

    def __init__(self, options: Sequence[tuple[str, Any]], value: Any) -> None:
        super().__init__(options, value=value, allow_blank=False, compact=True)
        self._names = {value: name for name, value in options}

    def render(self) -> Content:
        width = max(0, self.size.width - 2)
        name = Content(self._names.get(self.value, "")).truncate(width, ellipsis=True, pad=True)
        arrow = Content.styled(" ▲" if self.expanded else " ▼", "$foreground 50%")
        line = name + arrow
        if self.has_focus:
            line = line.stylize("bold $block-cursor-foreground on $block-cursor-background")
        return line

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Keeps its style, and is painted anew."""

    def watch_value(self) -> None:
        self.refresh()

    def watch_expanded(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # and not its list
            event.stop()
            self.expanded = not self.expanded

    def on_select_overlay_update_selection(self) -> None:
        self.post_message(self.Picked())
