"""Finds settings by the words of a query, and the value in a query such as "dropout 0.2"."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from core.config.config import SETTINGS
from core.config.settings import Setting
from core.errors import ConfigError
from core.text import capitalized


class SearchInput(Input):
    """The field for the words. It is shown only while you search."""

    BINDINGS = [Binding("escape", "close", "Close the search", show=False)]

    cursor_blink = Reactive(False, init=False)  # an idle app uses no CPU time

    class Closed(Message):
        """The search has ended."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True, max_length=80)

    @property
    def HINT(self) -> str:  # noqa: N802
        """What Enter does, for the key bar."""
        action = find(self.value).action
        return f"Enter {action}" if action else ""

    async def on_key(self, event: events.Key) -> None:
        """Takes Enter here, or it would come after text that is typed while the form is busy."""
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            await self.action_submit()

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


@dataclass(frozen=True)
class Found:
    """What a query finds.

    settings: those it is about, the best match first; empty if it has no words.
    action: what Enter does, such as "set dropout to 0.2"; "" for nothing.
    value: the value to set, alone in a tuple, or None. fault: why there is nothing to do, or "".
    """

    settings: tuple[Setting, ...] = ()
    action: str = ""
    value: tuple[Any] | None = None
    fault: str = ""


def find(query: str) -> Found:
    """Returns what a query finds: a setting and its value, or settings that have its words."""
    if not query.strip():
        return Found()
    if named := assignment(query):
        setting, text = named
        try:
            value = setting.parse(text)
        except ConfigError as error:
            return Found((setting,), fault=f"{capitalized(str(error))}.")
        return Found((setting,), f"set {setting.label} to {setting.write(value)}", (value,))
    settings = tuple(matching(query))
    if not settings:
        return Found(fault=f'No setting matches "{query.strip()}".')
    return Found(settings, f"go to {settings[0].label}")


def matching(query: str) -> list[Setting]:
    """Returns the settings that have all words of the query, the best match first.

    Words may be in the name, the group, the options or the meaning of a setting, and may be cut. A
    single letter is the first one of a word of the name: others would find nearly all settings.
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
    for word in words:
        if len(word) == 1 and not any(part.startswith(word) for part in label.split()):
            return _NO_MATCH
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
    if name == "lr":
        name = "learning-rate"
    return [*name.replace("-", " ").split(), *rest]
