"""Reads class names beside the files of a dataset: from `labels.txt`, one name per line, or from
EMNIST's mapping of labels to characters."""

import codecs
from pathlib import Path

from core.data import files
from core.data.labels import shown
from core.errors import DataError

FILE = "labels.txt"
_MAX_BYTES = 2**16


def read(directory: Path) -> tuple[tuple[str, ...] | None, list[str]]:
    """Returns the names, each printable and not too long, and sentences about the encoding.

    Without the file, the names are None. Raises DataError if it cannot be used.
    """
    path = directory / FILE
    if not files.exists(path):
        return None, []
    with files.opened(path) as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise DataError(
            f"{path} is larger than {_MAX_BYTES:,} bytes; it should have one class name per line"
        )
    if what := files.kind_of(content):
        raise DataError(f"{path} is {what}")
    text, encoding = _decoded(content)
    names = tuple(shown(line) for line in text.rstrip().splitlines())
    if "" in names:
        raise DataError(f"{path} has no name in line {names.index('') + 1}")
    return names, [f"{FILE} was read as {encoding}."] if encoding else []


def read_mapping(path: Path, lowest: int, highest: int) -> tuple[str, ...] | None:
    """Returns the names in a file of EMNIST: in each line a label, and the code of its character.

    Of several codes, as of a capital and its small letter, the first is taken. None if there is no
    such file, or if its labels do not count from `lowest`, 0 or 1, to `highest`.
    """
    if not files.exists(path):
        return None
    with files.opened(path) as file:
        lines = [line.split() for line in file.read(_MAX_BYTES).splitlines() if line.strip()]
    try:
        labels = [int(label) for label, *_ in lines]
        names = tuple(shown(chr(int(codes[0]))) for _, *codes in lines)
    except (ValueError, IndexError, OverflowError):
        return None
    counts = lowest in (0, 1) and labels == list(range(lowest, highest + 1))
    return names if counts and "" not in names else None


def _decoded(content: bytes) -> tuple[str, str]:
    """Returns the text and its encoding, "" for UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), "UTF-16"
    if b"\0" in content:  # without the mark at the start
        order = "le" if content[1::2].count(0) >= content[::2].count(0) else "be"
        return content.decode(f"utf-16-{order}", "replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"
