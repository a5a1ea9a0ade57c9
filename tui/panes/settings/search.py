"""Finds settings by the words of a query, and the value in a query such as "dropout 0.2"."""

from textual.binding import Binding
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from core.config.config import SETTINGS
from core.config.settings import Setting


class SearchInput(Input):
    """The field for the words. It is shown only while you search."""

    HINT = "Enter go to the setting, or set the value"
    BINDINGS = [Binding("escape", "close", "Close the search", show=False)]

    cursor_blink = Reactive(False, init=False)  # an idle app uses no CPU time

    class Closed(Message):
        """The search has ended."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True, max_length=80)

    def on_blur(self) -> None:
        self.close()

    def action_close(self) -> None:
        self.close()
        self.screen.set_focus(None)

    def close(self) -> None:
        """Ends the search."""
        if self.display:
            self.display = False
            self.value = ""
            self.post_message(self.Closed())


def matching(query: str) -> list[Setting]:
    """Returns the settings that have all words of the query, the best match first.

    Words may be in the name, the group, the options or the meaning of a setting, and may be cut.
    """
    words = _words(query)
    ranked = [(_rank(setting, words), setting) for setting in SETTINGS.values()]
    return [
        setting for rank, setting in sorted(ranked, key=lambda pair: pair[0]) if rank < _NO_MATCH
    ]


def assignment(query: str) -> tuple[Setting, str] | None:
    """Returns the setting that the query begins with and the text after it, if there is one.

    The name may be followed by "=" or ":", and its words joined by "-" or "_".
    """
    words = _words(query)
    for count in range(len(words) - 1, 0, -1):
        setting = SETTINGS.get("_".join(words[:count]))
        if setting:
            return setting, " ".join(words[count:])
    return None


_NO_MATCH = 9


def _rank(setting: Setting, words: list[str]) -> int:
    label = setting.label
    options = " ".join(getattr(setting.kind, "options", ()))
    texts = (label, f"{label} {setting.group} {options}", f"{label} {setting.meaning.lower()}")
    if label.startswith(" ".join(words)):
        return 0
    for rank, text in enumerate(texts, 1):
        if all(word in text for word in words):
            return rank
    return _NO_MATCH


def _words(query: str) -> list[str]:
    for sign in "=:_":
        query = query.replace(sign, " ")
    words = query.lower().split()
    # "learning-rate 0.1", but not the sign of a number.
    name, *rest = words or [""]
    return [*name.replace("-", " ").split(), *rest]
