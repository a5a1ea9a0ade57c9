"""Reads the pictures of a folder: gray and square, shrunk or enlarged to fit, on black."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data import pillow
from core.data.pixels import gray
from core.data.reading import Report
from core.errors import DataError
from core.types import Bytes

_REPORT = 200  # pictures between two reports


def read(
    directory: Path, entries: Sequence[os.DirEntry[str]], side: int, report: Report
) -> tuple[Bytes, NDArray[np.bool_]]:
    """Returns the pictures (n, side, side), and (n,) which of them could be read.

    Raises DataError without Pillow. directory: for the message.
    """
    pillow.check_installed(directory)
    images = np.zeros((len(entries), side, side), np.uint8)
    readable = np.zeros(len(entries), np.bool_)
    for number, entry in enumerate(entries):
        if number % _REPORT == 0:
            report(number / len(entries))
        try:
            images[number] = _square(Path(entry.path), side)
        except (DataError, MemoryError):
            continue
        readable[number] = True
    return images, readable


def _square(path: Path, side: int) -> Bytes:
    """Returns the picture in gray, in the middle of a black square."""
    from PIL import Image

    with pillow.opened(path) as image:
        if max(image.size) > 8 * side:
            image.thumbnail((4 * side, 4 * side))
        wide = pillow.wide_gray(image)
        if wide is not None:
            shade = Image.fromarray(np.rint(wide).astype(np.uint8))
        elif image.has_transparency_data:
            shade = Image.fromarray(gray(np.asarray(image.convert("RGBA"))))
        else:
            shade = image.convert("L")
        return pillow.fitted(shade, (side, side))
