"""The explanation of a key that does nothing: where it works, or where the keys are listed."""

from collections.abc import Container

from textual import events

from tui.keyboard_layouts import latin

_NAMED = {
    "enter": "Enter",
    "delete": "Delete",
    "insert": "Insert",
    "backspace": "Backspace",
    "space": "space",
    "up": "Arrow up",
    "down": "Arrow down",
    "left": "Arrow left",
    "right": "Arrow right",
    "home": "Home",
    "end": "End",
    "pageup": "Page Up",
    "pagedown": "Page Down",
}
NO_FURTHER = "No further"
"""The title of toasts about keys that move nothing, because the cursor is at an end."""

_LISTED = "question_mark"


def explanation(
    event: events.Key,
    here: Container[str],
    main: Container[str],
    is_main: bool,
    waiting: str = "",
    previous: Container[str] = (),
) -> str | None:
    """Returns one line about a key that nothing here has handled.

    here, main: the keys that work here, and those of the main screen. is_main: whether that is in
    front. waiting: what the key does here at other times, or "". previous: the keys of the screen
    below this one, if that is not the main one. None for keys that work here: at an end of a list,
    they cannot.
    """
    name = _name(event)
    if event.key in here or not name:
        return None
    if waiting and not is_main:
        return f"{name} ({waiting}) does nothing now."
    if not is_main and event.key in main:
        where = "previous" if event.key in previous else "main"
        return f"{name} works on the {where} screen; press Escape first."
    return f"{name} does nothing here{'; ? lists the keys' if _LISTED in here else ''}."


def _name(event: events.Key) -> str:
    """Returns the key as it is written on the keyboard; "" for keys that lead to other widgets."""
    character, key = event.character or "", event.key
    *modifiers, last = key.split("+")
    if last in _NAMED:
        return "+".join((*modifiers, _NAMED[last]))
    if "alt" in modifiers or ("ctrl" in modifiers and len(last) == 1 and last.isalpha()):
        return key
    if key[:1] == "f" and key[1:].isdecimal():
        return key.upper()
    is_key = character.isascii() or latin(character) == character  # or the app has named it as none
    return character if event.is_printable and is_key else ""
