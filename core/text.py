"""Small functions for text: make it safe to print, quote it, and suggest the word that was
meant."""

import re
import shlex
from collections.abc import Iterable
from difflib import get_close_matches


def printable(text: str) -> str:
    """Replaces the characters that could control a terminal, reorder text or hide in it.

    For text from outside, such as paths, option values and class names.
    """
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def printable_lines(text: str) -> str:
    """Returns a text of several lines, each of them printable."""
    return "\n".join(map(printable, text.split("\n")))


def shell_line(words: Iterable[str]) -> str:
    """Returns the words as one printable line for a shell, which reads the same words from it."""
    return " ".join(map(_shell_word, words))


def _shell_word(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(map(_escaped, word)) + "'"


def _escaped(char: str) -> str:
    """The character as it is written in $'...': bytes by three octal digits."""
    if char.isprintable():
        return f"\\{char}" if char in "\\'" else char
    is_byte = "\udc80" <= char <= "\udcff"  # of a file name that is not text
    content = char.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass")
    return "".join(f"\\{byte:03o}" for byte in content)


def capitalized(text: str) -> str:
    """Returns the text with its first letter in upper case, unless it begins with a path."""
    first = text.split(" ", 1)[0]
    is_path = any(mark in first.rstrip(".:,") for mark in "/\\.")
    return text if is_path else text[:1].upper() + text[1:]


def counted(count: int, noun: str) -> str:
    """Returns a number with its noun: "1 class", "2,000 classes"."""
    if count == 1:
        return f"1 {noun}"
    adds_e = noun.endswith(("s", "x", "ch", "sh")) and noun != "epoch"
    return f"{count:,} {noun}{'es' if adds_e else 's'}"


def one_line(text: str) -> str:
    """Returns a printable text with a space in place of each line break or tab."""
    return printable(re.sub(r"\s*[\r\n\t]\s*", " ", text))


def rate_text(rate: float) -> str:
    """Returns a learning rate with three significant digits, or without a fraction: 4,001."""
    return f"{rate:,.0f}" if 1000 <= rate < 1e6 else significant(rate, 3)


def significant(value: float, digits: int = 6, sign: str = "") -> str:
    """Returns a number with so many significant digits at most: 0.001, 5e-5, 1e12.

    sign: "+" to write it before a positive number, too.
    """
    return short_exponent(f"{value:{sign}.{digits}g}")


def short_exponent(text: str) -> str:
    """Returns the text of a number with the exponent as one would write it: 5e-5, not 5e-05."""
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Returns the known word that `word` was probably meant to be; None if it is like none.

    It may also be the first letters of its parts, such as lr for learning-rate.
    """
    by_case = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_case, n=1, cutoff=0.7)
    if not found and len(word) > 1:
        found = [name for name in by_case if _initials(name) == word.casefold()]
    return by_case[found[0]] if len(found) == 1 else None


def _initials(name: str) -> str:
    return "".join(part[:1] for part in re.split("[-_ ]", name))


def suggestion(word: str, known: Iterable[str], otherwise: str) -> str:
    """Returns how to end a sentence about an unknown word: "did you mean learning-rate?".

    otherwise: the end if it is like no known word.
    """
    near = nearest(word, known)
    return f"did you mean {near}?" if near else otherwise
