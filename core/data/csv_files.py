"""Reads CSV files with a label and the pixels of one image in each line, as Kaggle has them.

The label is in the column `label`, or the first one. Lines may have a header above them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.data.files import MAX_BYTES, kind_of, unzipped
from core.data.reading import Found, Part, Report
from core.errors import DataError
from core.types import ignore

_MAX_LINE = 2**24  # bytes
_MAX_LINES = 10_000_000
_MAX_WORD = 200  # bytes of a label
_LINES = 1000  # that are parsed at a time
_LABELS = {"label", "labels", "class", "target", "y", "digit", "category"}
_TRAIN = re.compile(r"(?<![a-z])train(?![a-z])", re.IGNORECASE)
_SIDES = re.compile(r"(\d{1,4})x(\d{1,4})")
_ENDINGS = (".csv", ".csv.gz")


@dataclass(slots=True)
class _Table:
    """What a file holds: labels as words, or None for a file without them; values; notes."""

    labels: NDArray[Any] | None
    values: NDArray[Any]
    notes: list[str]


def is_csv(path: Path) -> bool:
    return path.name.lower().endswith(_ENDINGS)


def read(path: Path, report: Report = ignore) -> Found:
    """Returns what the file holds, and the file of test images beside it, if there is one."""
    sibling = _sibling(path)
    shares = (0.0, 0.8 if sibling else 1.0), (0.8, 1.0)
    table = _table(path, lambda share: report(shares[0][1] * share))
    if table.labels is None:
        raise DataError(f"{path} has no labels: its header names only pixels")
    found = Found("CSV", path.name, {"train": _part(path, table)}, notes=table.notes)
    if sibling:
        test = _table(sibling, lambda share: report(shares[1][0] + 0.2 * share))
        if test.labels is None or test.values.shape[1] != table.values.shape[1]:
            found.notes.append(f"{sibling.name} was left out, because it has no labels.")
        else:
            found.parts["test"] = _part(sibling, test)
            found.notes.append(f"The test images come from {sibling.name}.")
    return found


def find(directory: Path, subset: str, report: Report = ignore) -> Found | None:
    """Returns what the CSV files in a directory hold; None if there are none.

    Of several, it takes the one with train in its name, or the one named by `subset`.
    """
    paths = sorted(path for path in directory.iterdir() if is_csv(path) and path.is_file())
    if subset:
        paths = [path for path in paths if subset.casefold() in path.name.casefold()]
    training = [path for path in paths if _TRAIN.search(path.name)]
    if len(training or paths) > 1:
        names = ", ".join(path.name for path in (training or paths)[:5])
        raise DataError(f"{directory} has several CSV files; give the path of one: {names}")
    return read((training or paths)[0], report) if paths else None


def _sibling(path: Path) -> Path | None:
    """Returns the file of test images that belongs to a file of training images."""
    name = _TRAIN.sub("test", path.name)
    sibling = path.with_name(name)
    return sibling if name != path.name and sibling.is_file() else None


def _part(path: Path, table: _Table) -> Part:
    assert table.labels is not None
    return Part(table.values, table.labels, str(path), str(path))


def _table(path: Path, report: Report) -> _Table:
    notes: list[str] = []
    size = max(1, path.stat().st_size)
    with unzipped(path) as file:
        lines = _lines(path, file)
        first = next(lines, None)
        if first is None:
            raise DataError(f"{path} is empty")
        cells = _cells(first)
        header = [] if _is_data(cells) else [cell.strip().lower() for cell in cells]
        if header and (what := kind_of(first)):
            raise DataError(f"{path} is {what}")
        if len(cells) < 2:
            raise DataError(f"{path} has one column; each line should be a label and pixels")
        label, skipped = _columns(header, notes)
        labels: list[str] = []
        chunks: list[NDArray[Any]] = []
        number, total = bool(header) + 1, 0
        pending = lines if header else _chain(first, lines)
        while chunk := list(islice(pending, _LINES)):
            pixels = []
            for offset, line in enumerate(chunk):
                line_cells = line.count(b",") + 1
                if line_cells != len(cells):
                    raise DataError(
                        f"{path}, line {number + offset}: {line_cells} values, not {len(cells)}"
                    )
                rest = line
                for column in skipped:
                    _, rest = _without(rest, column)
                if label is not None:
                    word, rest = _without(rest, label)
                    labels.append(word.strip(b' "')[:_MAX_WORD].decode("utf-8", "replace"))
                pixels.append(rest.replace(b'"', b"").decode("latin-1"))
            chunks.append(_parsed(path, number, pixels))
            total += chunks[-1].nbytes
            if total > MAX_BYTES:
                raise DataError(f"{path} takes more than 2 GB of memory; at most that can be read")
            number += len(chunk)
            if number > _MAX_LINES:
                raise DataError(f"{path} has more than {_MAX_LINES:,} lines")
            raw = getattr(file, "fileobj", None) or file  # of a gzip file, the compressed one
            report(min(1.0, raw.tell() / size))
    if not chunks:
        raise DataError(f"{path} has a header, but no images")
    values = np.concatenate(chunks)
    values = values.reshape(len(values), *_shape(header, values.shape[1]))
    return _Table(_typed(labels) if label is not None else None, values, notes)


def _lines(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """Yields the lines that are not empty, without their ends."""
    while line := file.readline(_MAX_LINE):
        if len(line) == _MAX_LINE:
            raise DataError(f"{path} has a line of more than {_MAX_LINE:,} bytes")
        if line := line.strip():
            yield line


def _chain(first: bytes, lines: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from lines


def _cells(line: bytes) -> list[str]:
    text = line.decode("utf-8-sig", "replace")
    return [cell.strip().strip('"') for cell in text.split(",")]


def _is_data(cells: list[str]) -> bool:
    """Whether this is no header: all but the label are numbers or nothing, and do not count."""
    if len(cells) < 2 or not cells[0] or cells[0].lower() in _LABELS:
        return False
    names = [[str(n) for n in range(first, first + len(cells) - 1)] for first in (0, 1)]
    counts = len(cells) > 2 and cells[1:] in names
    return not counts and all(not cell or _is_number(cell) for cell in cells[1:])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _columns(header: list[str], notes: list[str]) -> tuple[int | None, list[int]]:
    """Returns the column of the label, and columns to skip before it, the last first."""
    if not header:
        return 0, []
    skipped = [0] if header[0] in ("", "unnamed: 0", "index", "id") else []
    if skipped:
        notes.append("The first column, which numbers the lines, was left out.")
    columns = header[1:] if skipped else header
    named = [place for place, name in enumerate(columns) if name in _LABELS]
    if named:
        return named[0], skipped
    # A header that names only pixels: a file without labels, as for a competition.
    pixels = re.compile(r"(pixel|px|p|x)?_?\d+(x\d+)?")
    return (None if pixels.fullmatch(columns[0]) else 0), skipped


def _without(line: bytes, column: int) -> tuple[bytes, bytes]:
    """Returns the cell in a column, and the line without it."""
    if column == 0:
        cell, _, rest = line.partition(b",")
        return cell, rest
    cells = line.split(b",")
    return cells.pop(column), b",".join(cells)


def _parsed(path: Path, number: int, lines: list[str]) -> NDArray[Any]:
    """Returns the numbers in the lines as (lines, pixels): bytes, or else float32.

    number: of the first line.
    """
    try:
        return np.loadtxt(lines, np.uint8, delimiter=",", comments=None, ndmin=2)
    except (ValueError, OverflowError):
        pass
    try:
        return np.loadtxt(lines, np.float32, delimiter=",", comments=None, ndmin=2)
    except ValueError:
        for offset, line in enumerate(lines):
            for cell in line.split(","):
                if not _is_number(cell):
                    shown = f"“{cell[:20]}” is" if cell.strip() else "an empty cell is"
                    raise DataError(f"{path}, line {number + offset}: {shown} no number") from None
        raise


def _shape(header: list[str], pixels: int) -> tuple[int, ...]:
    """Returns the sides of an image if the header ends with them, as in 28x28."""
    match = _SIDES.fullmatch(header[-1]) if header else None
    if match and int(match[1]) * int(match[2]) == pixels:
        return int(match[1]), int(match[2])
    return (pixels,)


def _typed(labels: list[str]) -> NDArray[Any]:
    """Returns the labels as numbers if they all are, else as words."""
    try:
        return np.array(labels, np.float64)
    except ValueError:
        return np.array(labels)
