"""The line at the bottom: the HINT of the focused pane, then the active key bindings.

Textual's Footer recreates a widget for each binding whenever the focus moves, which is slow. This
is one line of text made from the same bindings.
"""

from functools import cache

from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.keys import _character_to_key
from textual.timer import Timer
from textual.widgets import Static

from tui.delay import call_after
from tui.drawing.text import as_many
from tui.panes.picture_toggle import has_choice

_DELAY = 0.05  # seconds
_KEYS = {"esc": "escape", "Del": "delete"}  # names in the bar that are not those of Textual
_ALWAYS = ("help", "app.help_on", "app.quit")  # actions shown at the right, even in a narrow window


class KeyBar(Static):
    """As many keys as fit; a click on one presses it. Under a dialog, it is empty.

    Those of the actions in the `first_keys` of the screen come first, if it has any. Left out are
    those that the HINT has already, and those that do nothing now but say why: in the `idle_keys`
    of this screen and of those under it, and the choice of pictures where the terminal shows one
    kind only.
    """

    ALLOW_SELECT = False

    def on_mount(self) -> None:
        self._timer: Timer | None = None
        self.screen.bindings_updated_signal.subscribe(self, lambda screen: self._update_soon())
        self.watch(self.screen, "stack_updates", self._update_soon, init=False)

    def _hints_of(self, widget: DOMNode) -> list[str]:
        text: str = getattr(widget, "HINT", "")
        if getattr(self.app, "ascii", False):
            for arrows, words in _IN_ASCII.items():
                text = text.replace(arrows, words)
        hints = text.split("  ")
        return hints if has_choice(self.app) else [h for h in hints if h != _PICTURE]

    def on_resize(self) -> None:
        self._update_line()

    def _update_soon(self) -> None:
        # Later, because Textual would repaint everything between the two if this line and the
        # focused widget changed in the same paint.
        if self._timer is None:
            self._timer = call_after(self, _DELAY, self._update_line)

    def _update_line(self) -> None:
        self._timer = None
        if not self.screen.is_active:
            self.update("", layout=False)
            return
        active = self.screen.active_bindings
        escape = active.get("escape")
        leaves = [escape.binding] if escape and escape.enabled else []
        # Without the other keys that do what Escape does.
        actions = {binding.action for binding in leaves}
        shown = [each.binding for each in active.values() if each.binding.action not in actions]
        # The focused field may take as text the key that stands for the binding, but not another.
        shown = [binding for binding in shown if _displayed_key(binding) in active]
        # A binding with several keys is listed once for each key.
        shown = list({b.action: b for b in reversed(shown) if b.show}.values())[::-1]
        idle = {key for s in self.app.screen_stack for key in getattr(s, "idle_keys", ())}
        if not has_choice(self.app):
            idle.add("pictures")
        shown = [binding for binding in shown if binding.action not in idle]
        first = getattr(self.screen, "first_keys", ())
        shown.sort(key=lambda b: first.index(b.action) if b.action in first else len(first))
        always = [hint("esc", b) for b in leaves if b.description]
        always += [hint(self.app.get_key_display(b), b) for b in shown if _is_always(b)]
        room = self.size.width - sum(len(h.plain) for h in always)
        left: list[Content] = []
        focused = self.screen.focused
        for widget in focused.ancestors_with_self if focused else ():
            if text := as_many(self._hints_of(widget), room - 3):
                left.append(Content.from_markup("[$accent] $text [/]", text=text))
                room -= len(text) + 3
                hinted = {each.partition(" ")[0] for each in text.split("  ")}
                shown = [b for b in shown if self.app.get_key_display(b) not in hinted]
                break
        is_after_hints = bool(left)
        for binding in shown:
            if not _is_always(binding):
                entry = hint(self.app.get_key_display(binding), binding)
                if len(entry.plain) > room:
                    break
                if is_after_hints:
                    left.append(Content("│"))
                    is_after_hints = False
                room -= len(entry.plain)
                left.append(entry)
        room += is_after_hints  # which need no line
        self.update(Content.assemble(*left, " " * max(room, 0), *always), layout=False)


_PICTURE = "i picture"  # the hint of panes for the action `pictures`
_IN_ASCII = {"←→": "left/right", "↑↓": "up/down"}  # "<>" and "^v" would be read as keys


def _is_always(binding: Binding) -> bool:
    return binding.action.partition("(")[0] in _ALWAYS


def _displayed_key(binding: Binding) -> str:
    """The key that the bar shows for a binding, which may be another of its keys."""
    display = binding.key_display or binding.key
    return _character_to_key(display) if len(display) == 1 else _KEYS.get(display, display)


@cache
def hint(key: str, binding: Binding) -> Content:
    """A key and its description."""
    first_key = binding.key.split(",")[0]
    return Content.from_markup(
        f"[@click=app.simulate_key('{first_key}')] [$accent b]$key[/] $text [/]",
        key=key,
        text=binding.description,
    )
