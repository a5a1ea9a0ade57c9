"""The line at the bottom: the keys that can be pressed now, the focused pane's HINT first.

Textual's Footer makes a widget of each and makes them all anew whenever the focus moves, which
takes longer than a person waits; this is one line of text, made from the same bindings.
"""

from functools import cache

from textual.binding import Binding
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

_SECONDS_BEFORE_WRITING = 0.05
_ALWAYS = ("help", "app.quit")  # kept at the right, however narrow the window


class KeyBar(Static):
    """As many keys as there is room for; a click on one presses it."""

    ALLOW_SELECT = False

    def on_mount(self) -> None:
        self._timer: Timer | None = None
        self.screen.bindings_updated_signal.subscribe(self, lambda screen: self._show_soon())

    def on_resize(self) -> None:
        self.show()

    def _show_soon(self) -> None:
        # In a paint of its own: one of both, this line and the field that the focus moved to,
        # would paint all that lies between them.
        if self._timer is None:
            self._timer = self.set_timer(_SECONDS_BEFORE_WRITING, self.show)

    def show(self) -> None:
        """Writes the line anew."""
        self._timer = None
        shown = [active.binding for active in self.screen.active_bindings.values()]
        # A binding with several keys comes once for each of them.
        shown = list({b.action: b for b in reversed(shown) if b.show}.values())[::-1]
        always = [hint(self.app.get_key_display(b), b) for b in shown if b.action in _ALWAYS]
        room = self.size.width - sum(len(h.plain) for h in always)
        left: list[Content] = []
        around = self.screen.focused.ancestors_with_self if self.screen.focused else ()
        for words in (getattr(widget, "HINT", None) for widget in around):
            if words and len(words) + 3 <= room:
                left.append(Content.from_markup("[$accent] $words [/]│", words=words))
                room -= len(words) + 3
        for binding in shown:
            if binding.action not in _ALWAYS:
                candidate = hint(self.app.get_key_display(binding), binding)
                if len(candidate.plain) > room:
                    break
                room -= len(candidate.plain)
                left.append(candidate)
        self.update(Content.assemble(*left, " " * max(room, 0), *always), layout=False)


@cache
def hint(key: str, binding: Binding) -> Content:
    """One key and what it does."""
    pressed = binding.key.split(",")[0]
    return Content.from_markup(
        f"[@click=app.simulate_key('{pressed}')] [$accent b]$key[/] $words [/]",
        key=key,
        words=binding.description,
    )
