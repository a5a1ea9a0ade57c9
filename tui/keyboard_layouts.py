"""The keys of keyboard layouts that are not Latin, by their place on the keyboard.

Each character stands for the one that a US keyboard has in the same place. A Russian "ы" is the
key `s`, a Greek "σ" too.
"""

import unicodedata

_US = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_US_SHIFT = 'QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_LETTERS = "qwertyuiopasdfghjklzxcvbnm"

_PLACES = (
    (_US, "йцукенгшщзхъфывапролджэячсмитьбю"),  # Russian
    (_US_SHIFT, "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"),
    ("s]'S}\"", "іїєІЇЄ"),  # Ukrainian, where it differs
    (_LETTERS[1:], "ςερτυθιοπασδφγηξκλζχψωβνμ"),  # Greek; its q is ";"
    (_LETTERS[2:].upper(), "ΕΡΤΥΘΙΟΠΑΣΔΦΓΗΞΚΛΖΧΨΩΒΝΜ"),
)
_LATIN = {theirs: ours for us, other in _PLACES for ours, theirs in zip(us, other, strict=True)}


def latin(character: str) -> str | None:
    """Returns the character in the same place of a US keyboard, or None if it is not known.

    A Latin letter, such as "ü", is itself.
    """
    is_latin = unicodedata.name(character, "").startswith("LATIN ") or character in "ªº"
    return character if is_latin else _LATIN.get(character)
