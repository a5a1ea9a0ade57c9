"""Opens the files that a person names. Only regular files: a device or a pipe could block or never
end."""

import gzip
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from core.errors import DataError, os_reason

MAX_BYTES = 2**31
"""The most that a part of a dataset takes in memory: 2 GB."""

_CHUNK = 2**20
_GZIP = b"\x1f\x8b"
_STARTS = {
    b"version https://git-lfs": "a Git LFS pointer: fetch the file with git lfs pull",
    b"PK\x03\x04": "a ZIP archive: unpack it first",
    b"BZh": "a bzip2 file: unpack it first",
    b"\xfd7zXZ": "an xz file: unpack it first",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89HDF": "an HDF5 file",
    b"%PDF": "a PDF document",
    b"\x80\x04": "a pickle, which can run code and is never read",
    b"\x80\x05": "a pickle, which can run code and is never read",
}


def exists(path: Path) -> bool:
    """Whether the file exists. Raises DataError if that cannot be determined."""
    try:
        return path.exists()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Opens a file to read its bytes.

    Raises DataError if it is not a regular file, or if reading fails within the `with` block.
    """
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # open() itself refuses a directory
            raise DataError(f"{path} cannot be read: it is a device or a pipe, not a regular file")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error


@contextmanager
def unzipped(path: Path) -> Iterator[BinaryIO]:
    """Opens the file, and decompresses it if it is gzipped, whatever its name."""
    with opened(path) as file:
        start = file.read(64)
        file.seek(0)
        if start[:2] != _GZIP:
            if path.suffix == ".gz":
                otherwise = "not a gzip file, although its name ends in .gz"
                raise DataError(f"{path} is {kind_of(start) or otherwise}")
            yield file
            return
        try:
            with gzip.open(file) as unzipped:  # reads all members, as `gzip -d` does
                yield cast(BinaryIO, unzipped)
        except EOFError as error:
            raise DataError(f"{path} is truncated: its gzip data is incomplete") from error
        except (zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{path} is damaged: it cannot be decompressed") from error


def at_most(file: BinaryIO, limit: int) -> bytearray:
    """Reads up to `limit` bytes, in chunks, because a header can promise what is not there."""
    data = bytearray()
    while len(data) < limit and (chunk := file.read(min(_CHUNK, limit - len(data)))):
        data += chunk
    return data


def kind_of(start: bytes) -> str | None:
    """Returns what a file with this beginning is, and what to do about it; None if it may be
    data."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<!--")):
        return "a web page, not the file itself: download it again from a direct link"
    return next((what for magic, what in _STARTS.items() if start.startswith(magic)), None)
