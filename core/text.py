"""Text from outside, such as paths, option values and class names, made safe to print."""


def printable(text: str) -> str:
    """Replaces the characters that could control a terminal, reorder text or hide in it."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
