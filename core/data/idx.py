"""Reads IDX files of unsigned bytes, the format of MNIST, plain or gzipped.

The header is two zero bytes, the type (8: unsigned byte), the number of dimensions, then each size
as a big-endian 32-bit integer. The values follow, row by row.
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
    """Returns the array in the file. Raises DataError if it does not have so many dimensions.

    content: what the file should contain, such as "images", for the error message.
    """
    data = _bytes(path)
    if len(data) < 4 or data[:2] != b"\0\0":
        raise DataError(f"{path} is not an IDX file: it does not start with two zero bytes")
    if data[2:4] != bytes((8, dimensions)):
        raise DataError(
            f"{path} has the wrong magic number 0x{data[:4].hex()}; "
            f"a file of {content} starts with 0x0000{8:02x}{dimensions:02x}"
        )
    header = 4 + 4 * dimensions
    if len(data) < header:
        raise DataError(f"{path} is truncated: its header is incomplete")
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, header, 4))
    expected, actual = math.prod(shape), len(data) - header
    if actual != expected:
        fault = "is truncated" if actual < expected else "is too long"
        raise DataError(
            f"{path} {fault}: {expected:,} bytes should follow its header, but {actual:,} do"
        )
    if shape[0] == 0:
        raise DataError(f"{path} is empty: its header says that it has 0 {content}")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        if path.suffix != ".gz":
            return data
        if data[:2] != b"\x1f\x8b":
            raise DataError(f"{path} is not a gzip file, although its name ends in .gz")
        # zlib in one call, because gzip.decompress needs twice the memory.
        decompressor = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        content = decompressor.decompress(data, _MAX_BYTES)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error
    except zlib.error as error:
        raise DataError(f"{path} is damaged: it cannot be decompressed") from error
    if decompressor.unconsumed_tail:
        raise DataError(f"{path} is larger than {_MAX_BYTES:,} bytes")
    if not decompressor.eof:
        raise DataError(f"{path} is truncated: its gzip data is incomplete")
    return content


def exists(path: Path) -> bool:
    """Whether the file exists. Raises DataError if that cannot be determined."""
    try:
        return path.exists()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error
