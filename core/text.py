"""Small changes of text: made safe to print, or to begin a sentence. What a word should be."""

from collections.abc import Iterable
from difflib import get_close_matches


def printable(text: str) -> str:
    """Replaces the characters that could control a terminal, reorder text or hide in it.

    For text from outside, such as paths, option values and class names.
    """
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def capitalized(text: str) -> str:
    """Returns the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def rate_text(rate: float) -> str:
    """Returns a learning rate with three significant digits, or without a fraction: 4,001."""
    return f"{rate:,.0f}" if 1000 <= rate < 1e6 else f"{rate:.3g}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Returns the known word that `word` was probably meant to be; None if it is like none."""
    by_case = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_case, n=1, cutoff=0.7)
    return by_case[found[0]] if found else None


def suggestion(word: str, known: Iterable[str], otherwise: str) -> str:
    """Returns how to end a sentence about an unknown word: "did you mean learning-rate?".

    otherwise: the end if it is like no known word.
    """
    near = nearest(word, known)
    return f"did you mean {near}?" if near else otherwise
