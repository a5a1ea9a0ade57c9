"""The numbers of images, as people list them: on the command line, and in a file."""

import re
from collections.abc import Iterable
from pathlib import Path

from core.data.files import at_most, opened
from core.errors import DataError

_NUMBER = re.compile(r"#?(\d{1,15})(?![\w.])")
_LIST = re.compile(r"\s*(#?\d+\s*(,\s*|$))+")
_MOST = 10_000_000  # bytes of a file


def is_list(text: str) -> bool:
    """Whether a text is a list of numbers, such as "45592,17", and not the name of a file."""
    return _LIST.fullmatch(text) is not None


def parse(lines: Iterable[str]) -> tuple[int, ...]:
    """Returns the number at the start of each line, in order; blank lines have none.

    What follows a number is a comment. Raises DataError if a line begins otherwise.
    """
    numbers = []
    for line in filter(str.strip, lines):
        found = _NUMBER.match(line.strip())
        if found is None:
            raise DataError(f"enter the number of an image in place of {line.strip()[:40]}")
        numbers.append(int(found[1]))
    return tuple(sorted(set(numbers)))


def read(path: Path) -> tuple[int, ...]:
    """Returns the numbers in a file, one at the start of each line. Raises DataError."""
    try:
        with opened(path) as file:
            content = at_most(file, _MOST + 1)
        if len(content) > _MOST:
            raise DataError(f"{path} is too large for a list of images")
        return parse(content.decode("utf-8").splitlines())
    except UnicodeError as error:
        raise DataError(f"{path} is not a text in UTF-8") from error


def write(path: Path, numbers: Iterable[int]) -> None:
    """Writes the numbers, one on each line. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text("".join(f"{number}\n" for number in sorted(numbers)), "utf-8")
    half.replace(path)
