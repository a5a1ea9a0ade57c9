"""Finds settings by the words of a query, and the value in a query such as "dropout 0.2"."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from core.config.config import SETTINGS
from core.config.settings import GROUPS, MAIN, Setting
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

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text here: all but the key of the help, which no setting has."""
        return character != "?" and super().check_consume_key(key, character)

    async def on_key(self, event: events.Key) -> None:
        """Takes Enter here, or it would come after text that is typed while the form is busy."""
        if event.character == "?":
            event.prevent_default()  # but not stopped: the screen handles it
        elif event.key == "enter":
            event.prevent_default()
            event.stop()
            await self.action_submit()

    def restricted(self) -> None:
        """Says why text that is typed or pasted is not taken."""
        text = f"A search takes at most {self.max_length} characters."
        self.notify(text, severity="warning", timeout=3, markup=False)

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
class SearchResult:
    """What a query finds.

    settings: those it is about, in the order of the form; empty if it has no words.
    action: what Enter does, such as "set dropout to 0.2"; "" for nothing.
    value: the value to set, alone in a tuple, or None. fault: why there is nothing to do, or "".
    """

    settings: tuple[Setting, ...] = ()
    action: str = ""
    value: tuple[Any] | None = None
    fault: str = ""


def find(query: str) -> SearchResult:
    """Returns what a query finds: a setting and its value, or settings that have its words."""
    if not query.strip():
        return SearchResult()
    if named := assignment(query) or _short_assignment(query):
        setting, text = named
        try:
            value = setting.parse(text)
        except ConfigError as error:
            return SearchResult((setting,), fault=f"{capitalized(str(error))}.")
        return SearchResult((setting,), f"set {setting.label} to {setting.write(value)}", (value,))
    settings = tuple(matching(query))
    if not settings:
        return SearchResult(fault=f'No setting matches "{query.strip()}".')
    return SearchResult(settings, f"go to {settings[0].label}")


def matching(query: str) -> list[Setting]:
    """Returns the settings that a query is about, in the order of the form.

    Those with exactly this name, or else those with words in their name that start with the words
    of the query, or else those that have them in the name, the group, the options or the meaning.
    A single letter only starts a word of a name: it would find nearly all settings elsewhere.
    """
    words = _words(query)
    return (
        [setting for setting in _IN_ORDER if setting.label == " ".join(words)]
        or [setting for setting in _IN_ORDER if _starts_words(setting, words)]
        or [setting for setting in _IN_ORDER if _mentions(setting, words)]
    )


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


def _short_assignment(query: str) -> tuple[Setting, str] | None:
    """Returns the same for the start of a name, such as "drop 0.2": the first setting with it."""
    words = _words(query)
    for count in range(len(words) - 1, 0, -1):
        text = " ".join(words[count:])
        for setting in _IN_ORDER:
            if _starts_words(setting, words[:count]) and _may_be_value(setting, text):
                return setting, text
    return None


def _may_be_value(setting: Setting, text: str) -> bool:
    if text[0] in "0123456789.+-":  # if it is wrong, the fault is shown
        return True
    try:
        setting.parse(text)
    except ConfigError:
        return False
    return True


_IN_ORDER = [
    *(SETTINGS[name] for name in MAIN),
    *(
        setting
        for group in GROUPS
        for setting in SETTINGS.values()
        if setting.group == group and setting.name not in MAIN
    ),
]


def _starts_words(setting: Setting, words: list[str]) -> bool:
    parts = setting.label.split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _mentions(setting: Setting, words: list[str]) -> bool:
    options = " ".join(getattr(setting.kind, "options", ()))
    text = f"{setting.label} {setting.group} {options} {setting.meaning.lower()}"
    return all(word in text and len(word) > 1 for word in words)


def _words(query: str) -> list[str]:
    for sign in "=:_":
        query = query.replace(sign, " ")
    words = query.lower().split()
    # "learning-rate 0.1", but not the sign of a number.
    name, *rest = words or [""]
    if not rest:
        name, *rest = _without_space(name)
    if name == "lr":
        name = "learning-rate"
    return [*name.replace("-", " ").split(), *rest]


def _without_space(text: str) -> list[str]:
    """Splits "d.2" into "d" and ".2", "d0.2" into "d" and "0.2", and "l2.1" into "l2" and ".1"."""
    name, point, _ = text.partition(".")
    letters = name.rstrip("0123456789")
    if not (point and letters):
        return [text]
    if not any(_starts_words(setting, [name]) for setting in SETTINGS.values()):
        name = letters
    return [name, text[len(name) :]]
