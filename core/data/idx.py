"""Reads an IDX file, the format of MNIST, plain or gzipped.

The header is two zero bytes, the type of the values, the number of dimensions, then each size as a
big-endian 32-bit integer. The values follow, row by row, big-endian.
Source: http://yann.lecun.com/exdb/mnist/
"""

import math
import os
from gzip import GzipFile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.data.files import MAX_BYTES, at_most, kind_of, unzipped
from core.errors import DataError

_TYPES = {8: "u1", 9: "i1", 0xB: ">i2", 0xC: ">i4", 0xD: ">f4", 0xE: ">f8"}


def read(path: Path, dimensions: int, content: str, most: int = 0) -> NDArray[Any]:
    """Returns the array in the file, read-only.

    Raises DataError if it has another number of dimensions, or of bytes than its header says. Reads
    and decompresses no more bytes than that.

    most: the largest number of dimensions, if several are possible.
    content: what the file should contain, such as "images", for the error message.
    """
    with unzipped(path) as file:
        dtype, shape = _header(path, file, range(dimensions, max(dimensions, most) + 1), content)
        expected = math.prod(shape) * dtype.itemsize
        may_be_there = isinstance(file, GzipFile) or os.fstat(file.fileno()).st_size > MAX_BYTES
        if expected > MAX_BYTES and may_be_there:
            raise DataError(
                f"{path} takes {expected / 1e9:,.1f} GB by its header, of {shape[0]:,} {content}; "
                "at most 2 GB can be read"
            )
        data = at_most(file, min(expected, MAX_BYTES) + 1)
    if len(data) != expected:
        short = len(data) < expected
        fault, found = ("truncated", f"{len(data):,}") if short else ("too long", "more")
        raise DataError(
            f"{path} is {fault}: {expected:,} bytes should follow its header, but {found} do"
        )
    array = np.frombuffer(data, dtype).reshape(shape)
    array.flags.writeable = False
    return array


def _header(
    path: Path, file: BinaryIO, dimensions: range, content: str
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Reads the header; returns the type of the values and the sizes, all above 0."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        otherwise = "not an IDX file: it does not start with two zero bytes"
        raise DataError(f"{path} is {kind_of(magic + file.read(60)) or otherwise}")
    if magic[2] not in _TYPES or magic[3] not in dimensions:
        raise DataError(
            f"{path} has the wrong magic number 0x{magic.hex()}; "
            f"a file of {content} starts with 0x000008{dimensions[0]:02x}"
        )
    size = 4 * magic[3]
    sizes = file.read(size)
    if len(sizes) < size:
        raise DataError(f"{path} is truncated: its header is incomplete")
    shape = tuple(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, size, 4))
    if shape[0] == 0:
        raise DataError(f"{path} is empty: its header says that it has 0 {content}")
    if 0 in shape:
        raise DataError(f"{path} has no pixels: the sizes in its header are {shape}")
    return np.dtype(_TYPES[magic[2]]), shape
