"""Removes escape characters from pasted text, because Textual would read what follows as keys."""

_ESCAPE = "\x1b"
_START, _END = "\x1b[200~", "\x1b[201~"


class PasteFilter:
    """Filters the input of a terminal that comes in pieces. A marker may be split among them."""

    def __init__(self) -> None:
        self._pasting = False
        self._before = ""  # the end of what was returned, for a start marker that is split
        self._held = ""  # the beginning of what may be an end marker

    def __call__(self, text: str) -> str:
        """Returns the input without the escape characters between the markers of a paste."""
        text, self._held = self._held + text, ""
        done = ""
        while text:
            if not self._pasting:
                start = (self._before + text).find(_START)
                end = len(text) if start < 0 else start + len(_START) - len(self._before)
                done, text = done + text[:end], text[end:]
                self._before = "" if start >= 0 else (self._before + done)[1 - len(_START) :]
                self._pasting = start >= 0
                continue
            end = text.find(_END)
            if end < 0:
                self._held = _beginning_of(_END, text)
                return done + text[: len(text) - len(self._held)].replace(_ESCAPE, "")
            done += text[:end].replace(_ESCAPE, "") + _END
            text, self._pasting, self._before = text[end + len(_END) :], False, ""
        return done


def _beginning_of(marker: str, text: str) -> str:
    """The longest end of the text with which the marker begins."""
    lengths = range(min(len(marker) - 1, len(text)), 0, -1)
    return next((text[-n:] for n in lengths if marker.startswith(text[-n:])), "")
