"""Reads IDX files of unsigned bytes, the format of MNIST and its relatives, plain or gzipped.

Header: two zero bytes, the type (8: unsigned byte), the number of dimensions, then each size
as four bytes, the largest first; then the values, row by row.
Source: http://yann.lecun.com/exdb/mnist/
"""

import math
import zlib
from pathlib import Path

import numpy as np

from core.errors import DataError, os_reason
from core.types import Bytes

_MAX_BYTES = 2**31


def read(path: Path, dimensions: int, content: str) -> Bytes:
    """The array in the file, with as many `dimensions`; DataError if it holds anything else.

    `content` says what the file should hold ("images"), for the message.
    """
    data = _bytes(path)
    if len(data) < 4 or data[:2] != b"\0\0":
        raise DataError(f"{path} is not an IDX file: it does not begin with two zero bytes")
    if data[2:4] != bytes((8, dimensions)):
        raise DataError(
            f"{path} has the wrong magic number 0x{data[:4].hex()}; "
            f"a file of {content} has 0x0000{8:02x}{dimensions:02x}"
        )
    header = 4 + 4 * dimensions
    if len(data) < header:
        raise DataError(f"{path} is truncated within its header")
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, header, 4))
    promised, found = math.prod(shape), len(data) - header
    if found != promised:
        fault = "is truncated" if found < promised else "is too long"
        raise DataError(f"{path} {fault}: its header promises {promised:,} bytes, it has {found:,}")
    if shape[0] == 0:
        raise DataError(f"{path} is empty: its header promises no {content}")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        if path.suffix != ".gz":
            return data
        if data[:2] != b"\x1f\x8b":
            raise DataError(f"{path} is not gzip inside, though its name ends in .gz")
        # zlib in one go: gzip.decompress would take twice the memory for its pieces.
        inflate = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        whole = inflate.decompress(data, _MAX_BYTES)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error
    except zlib.error as error:
        raise DataError(f"{path} is damaged: its gzip data cannot be inflated") from error
    if inflate.unconsumed_tail:
        raise DataError(f"{path} holds more than {_MAX_BYTES:,} bytes")
    if not inflate.eof:
        raise DataError(f"{path} is truncated: its gzip data ends too early")
    return whole


def exists(path: Path) -> bool:
    """Whether there is such a file; DataError if that cannot be found out."""
    try:
        return path.exists()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error
