"""Reads IDX files of unsigned bytes, the format of MNIST, plain or gzipped.

The header is two zero bytes, the type (8: unsigned byte), the number of dimensions, then each size
as a big-endian 32-bit integer. The values follow, row by row.
Source: http://yann.lecun.com/exdb/mnist/
"""

import gzip
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from core.data import files
from core.errors import DataError
from core.types import Bytes

_MAX_BYTES = 2**31
_CHUNK = 2**20


def read(path: Path, dimensions: int, content: str) -> Bytes:
    """Returns the array in the file, read-only.

    Raises DataError if it does not have so many dimensions, or not as many bytes as its header
    says. No more than these are read, or decompressed.

    content: what the file should contain, such as "images", for the error message.
    """
    with _opened(path) as file:
        shape = _shape(path, file, dimensions, content)
        expected = math.prod(shape)
        data = _at_most(file, min(expected, _MAX_BYTES) + 1)
    if len(data) > _MAX_BYTES:
        raise DataError(f"{path} is larger than {_MAX_BYTES:,} bytes")
    if len(data) != expected:
        short = len(data) < expected
        fault, found = ("truncated", f"{len(data):,}") if short else ("too long", "more")
        raise DataError(
            f"{path} is {fault}: {expected:,} bytes should follow its header, but {found} do"
        )
    array = np.frombuffer(data, np.uint8).reshape(shape)
    array.flags.writeable = False
    return array


def _shape(path: Path, file: BinaryIO, dimensions: int, content: str) -> tuple[int, ...]:
    """Reads the header and returns the sizes in it, all above 0."""
    size = 4 + 4 * dimensions
    header = file.read(size)
    if len(header) < 4 or header[:2] != b"\0\0":
        raise DataError(f"{path} is not an IDX file: it does not start with two zero bytes")
    if header[2:4] != bytes((8, dimensions)):
        raise DataError(
            f"{path} has the wrong magic number 0x{header[:4].hex()}; "
            f"a file of {content} starts with 0x0000{8:02x}{dimensions:02x}"
        )
    if len(header) < size:
        raise DataError(f"{path} is truncated: its header is incomplete")
    shape = tuple(int.from_bytes(header[at : at + 4], "big") for at in range(4, size, 4))
    if shape[0] == 0:
        raise DataError(f"{path} is empty: its header says that it has 0 {content}")
    if 0 in shape:
        raise DataError(f"{path} has no pixels: the sizes in its header are {shape}")
    return shape


def _at_most(file: BinaryIO, limit: int) -> bytearray:
    """Reads up to `limit` bytes, in chunks, because a header can promise what is not there."""
    data = bytearray()
    while len(data) < limit and (chunk := file.read(min(_CHUNK, limit - len(data)))):
        data += chunk
    return data


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Opens the file, and decompresses it if its name ends in .gz."""
    with files.opened(path) as file:
        if path.suffix != ".gz":
            yield file
            return
        if file.read(2) != b"\x1f\x8b":
            raise DataError(f"{path} is not a gzip file, although its name ends in .gz")
        file.seek(0)
        try:
            with gzip.open(file) as unzipped:  # reads all members, as `gzip -d` does
                yield cast(BinaryIO, unzipped)
        except EOFError as error:
            raise DataError(f"{path} is truncated: its gzip data is incomplete") from error
        except (zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{path} is damaged: it cannot be decompressed") from error
