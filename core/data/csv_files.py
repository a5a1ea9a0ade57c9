"""Reads CSV files with a label and the pixels of one image in each line, as Kaggle has them.

The label is in the column `label`, or the first one. Lines may have a header above them.
"""

import codecs
import io
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.data.csv_layout import Layout, is_number
from core.data.files import MAX_BYTES, unzipped
from core.data.reading import Found, Part, Report
from core.errors import DataError
from core.text import printable
from core.types import ignore

_MAX_LINE = 2**24  # bytes
_MAX_LINES = 10_000_000
_START = 64  # bytes that tell the encoding
_LINES = 1000  # that are parsed at a time
_TRAIN = re.compile(r"(?<![a-z])train(?![a-z])", re.IGNORECASE)
_ENDINGS = (".csv", ".csv.gz")


@dataclass(slots=True)
class _Table:
    """What a file holds: labels, or None for a file without them; values; notes."""

    labels: NDArray[Any] | None
    values: NDArray[Any]
    notes: list[str]


def is_csv(path: Path) -> bool:
    return path.name.lower().endswith(_ENDINGS)


def read(path: Path, report: Report = ignore) -> Found:
    """Returns what the file holds, and the file of test images beside it, if there is one."""
    sibling = _sibling(path)
    first = 0.8 if sibling else 1.0  # the share of the work for the file itself
    table = _table(path, lambda share: report(first * share))
    if table.labels is None:
        raise DataError(f"{path} has no labels: its header names only pixels")
    found = Found("CSV", path.name, {"train": _part(path, table)}, notes=table.notes)
    if sibling:
        test = _table(sibling, lambda share: report(first + (1 - first) * share))
        pixels, wanted = test.values[0].size, table.values[0].size
        if test.labels is None or pixels != wanted:
            why = (
                "no labels"
                if test.labels is None
                else f"{pixels:,} pixels per image, not {wanted:,}"
            )
            found.notes.append(f"{sibling.name} was skipped, because it has {why}.")
        else:
            found.parts["test"] = _part(sibling, test)
            found.notes.append(f"The test images come from {sibling.name}.")
    return found


def find(directory: Path, subset: str, report: Report = ignore) -> Found | None:
    """Returns what the CSV files in a directory hold; None if there are none.

    Of several, it takes the one with train in its name, or the one named by `subset`.
    """
    paths = sorted(path for path in directory.iterdir() if is_csv(path) and path.is_file())
    if subset and paths:
        names = ", ".join(path.name for path in paths[:5])
        paths = [path for path in paths if subset.casefold() in path.name.casefold()]
        if not paths:
            raise DataError(f"{directory} has no CSV file with {subset} in its name: {names}")
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
    labels: list[str] = []
    chunks: list[NDArray[Any]] = []
    read = 0  # bytes of the chunks
    with unzipped(path) as file:
        size = max(1, os.fstat(file.fileno()).st_size)
        encoding = _wide_encoding(file.read(_START))
        file.seek(0)
        lines = _lines(path, file, encoding)
        first = next(lines, None)
        if first is None:
            raise DataError(f"{path} is empty")
        first = first.removeprefix(codecs.BOM_UTF8)
        layout = Layout.of(path, first)
        if not layout.header:
            lines = chain((first,), lines)
        for number, batch in _batches(path, lines, 2 if layout.header else 1):
            rows = [layout.split(path, number + n, line) for n, line in enumerate(batch)]
            labels += (label for label, _ in rows)
            chunks.append(_parsed(path, number, [pixels for _, pixels in rows]))
            read += chunks[-1].nbytes
            if read > MAX_BYTES:
                raise DataError(f"{path} takes more than 2 GB of memory, the most that can be read")
            raw = getattr(file, "fileobj", None) or file  # of a gzip file, the compressed one
            report(min(1.0, raw.tell() / size))
    if not chunks:
        raise DataError(f"{path} has a header, but no images")
    values = np.concatenate(chunks)
    values = values.reshape(len(values), *layout.shape(values.shape[1]))
    notes = ["The first column, which numbers the lines, was skipped."] if layout.numbered else []
    if encoding:
        notes.insert(0, f"{path.name} was read as {encoding[:6].upper()}.")
    return _Table(None if layout.label is None else _typed(labels), values, notes)


def _wide_encoding(start: bytes) -> str:
    """Returns the encoding of a text with several bytes for each character, as Excel writes it;
    "" for others."""
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(start) > 1 and not any(start[1::2]):
        return "utf-16-le"
    return "utf-16-be" if len(start) > 1 and not any(start[::2]) else ""


def _lines(path: Path, file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Yields the lines that are not empty, without their ends."""
    if not encoding:
        yield from _not_empty(path, iter(lambda: file.readline(_MAX_LINE), b""))
        return
    text = io.TextIOWrapper(file, encoding, errors="replace")
    try:
        yield from _not_empty(
            path, (line.encode() for line in iter(lambda: text.readline(_MAX_LINE), ""))
        )
    finally:
        with suppress(ValueError):  # the file is closed already
            text.detach()  # else it would close the file


def _not_empty(path: Path, lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        if len(line) >= _MAX_LINE:
            raise DataError(f"{path} has a line of more than {_MAX_LINE:,} bytes")
        if line := line.strip():
            yield line


def _batches(path: Path, lines: Iterator[bytes], number: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yields lines to parse together, with the number of the first one."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) == _LINES or size > _MAX_LINE:
            yield number, batch
            number, batch, size = number + len(batch), [], 0
            if number > _MAX_LINES:
                raise DataError(f"{path} has more than {_MAX_LINES:,} lines")
    if batch:
        yield number, batch


def _parsed(path: Path, number: int, lines: list[str]) -> NDArray[Any]:
    """Returns the numbers in the lines as (lines, pixels): bytes, or else float32.

    number: of the first line.
    """
    for offset, line in enumerate(lines):
        if not line.strip():
            raise DataError(f"{path}, line {number + offset}: an empty cell is not a number")
    try:
        return np.loadtxt(lines, np.uint8, delimiter=",", comments=None, ndmin=2)
    except (ValueError, OverflowError):
        pass
    try:
        return np.loadtxt(lines, np.float32, delimiter=",", comments=None, ndmin=2)
    except ValueError as error:
        for offset, line in enumerate(lines):
            for cell in line.split(","):
                if not is_number(cell):
                    shown = f"“{printable(cell[:20])}”" if cell.strip() else "an empty cell"
                    raise DataError(
                        f"{path}, line {number + offset}: {shown} is not a number"
                    ) from error
        last = number + len(lines) - 1
        raise DataError(
            f"{path}: not all values of lines {number} to {last} are numbers"
        ) from error


def _typed(labels: list[str]) -> NDArray[Any]:
    """Returns the labels as numbers if they all are, else as words."""
    try:
        return np.array(labels, np.float64)
    except ValueError:
        return np.array(labels)
