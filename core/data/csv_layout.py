"""The columns of a CSV file: which one has the label, and whether there is a header."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.data.files import kind_of
from core.errors import DataError
from core.text import counted

_MAX_WORD = 200  # bytes of a label
_LABELS = {"label", "labels", "class", "target", "y", "digit", "category"}
_NUMBERS = {"", "unnamed: 0", "index", "id"}
_SEPARATORS = ((b";", "semicolons"), (b"\t", "tabs"))  # of other tables
_PIXEL = re.compile(r"(pixel|px|p|x)?_?\d+(x\d+)?")
_SIDES = re.compile(r"(\d{1,4})x(\d{1,4})")


@dataclass(slots=True)
class Layout:
    """The columns of a file: their names, if it has a header; how many; which has the label, if
    any; whether the first one only numbers the lines."""

    header: list[str]
    columns: int
    label: int | None
    numbered: bool

    @classmethod
    def of(cls, path: Path, first: bytes) -> Self:
        """Returns the columns of a file with this first line. Raises DataError."""
        cells = _cells(first)
        header = [] if _is_data(cells) else [cell.lower() for cell in cells]
        if header and (what := kind_of(first)):
            raise DataError(f"{path} is {what}")
        for separator, name in _SEPARATORS:
            if first.count(separator) >= max(len(cells), 2):
                raise DataError(f"{path} has {name} between its values: save it as CSV with commas")
        if len(cells) < 2:
            raise DataError(f"{path} has one column; each line should be a label and pixels")
        if not header:
            return cls(header, len(cells), 0, False)
        numbered = header[0] in _NUMBERS
        names = header[numbered:]
        label = next((place for place, name in enumerate(names) if name in _LABELS), None)
        if label is None and not _PIXEL.fullmatch(names[0]):
            label = 0  # if the header names only pixels, the file has no labels
        return cls(header, len(cells), label, numbered)

    def shape(self, pixels: int) -> tuple[int, ...]:
        """Returns the sides of an image if the header ends with them, as in 28x28."""
        match = _SIDES.fullmatch(self.header[-1]) if self.header else None
        if match and int(match[1]) * int(match[2]) == pixels:
            return int(match[1]), int(match[2])
        return (pixels,)

    def split(self, path: Path, number: int, line: bytes) -> tuple[str, str]:
        """Returns the label and the pixels of a line. number: of the line, for messages."""
        columns = line.count(b",") + 1
        if columns != self.columns:
            found = counted(columns, "value")
            raise DataError(f"{path}, line {number}: {found}, not {self.columns}")
        word = b""
        if self.numbered:
            _, _, line = line.partition(b",")
        if self.label == 0:
            word, _, line = line.partition(b",")
        elif self.label is not None:
            cells = line.split(b",")
            word, line = cells.pop(self.label), b",".join(cells)
        pixels = line.replace(b'"', b"").decode("latin-1")
        return word.strip(b' "')[:_MAX_WORD].decode("utf-8", "replace"), pixels


def _cells(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace")
    return [cell.strip().strip('"') for cell in text.split(",")]


def _is_data(cells: list[str]) -> bool:
    """Whether this is not a header: all but the label are numbers or empty, but not 0, 1, 2, …"""
    if len(cells) < 2 or not cells[0]:
        return False
    names = [[str(n) for n in range(first, first + len(cells) - 1)] for first in (0, 1)]
    is_counted = len(cells) > 2 and cells[1:] in names
    return not is_counted and all(not cell or is_number(cell) for cell in cells[1:])


def is_number(text: str) -> bool:
    """Whether NumPy reads this as a number. Unlike Python, it does not accept 1_000."""
    if "_" in text:
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True
