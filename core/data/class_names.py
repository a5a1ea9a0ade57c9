"""Reads the class names from `labels.txt`, one name per line, beside the files of a dataset."""

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
