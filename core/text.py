"""Small changes of text: made safe to print, or to begin a sentence."""


def printable(text: str) -> str:
    """Replaces the characters that could control a terminal, reorder text or hide in it.

    For text from outside, such as paths, option values and class names.
    """
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def capitalized(text: str) -> str:
    """Returns the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
