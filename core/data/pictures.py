"""Reads pictures with Pillow: gray and square, shrunk or enlarged to fit, on black."""

import logging
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.data.files import opened
from core.data.pixels import gray
from core.data.reading import Report
from core.errors import DataError
from core.types import Bytes

if TYPE_CHECKING:
    from PIL import Image as PillowImage

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
_MAX_PIXELS = 50_000_000  # of a picture; more could be a bomb
_REPORT = 200  # pictures between two reports


def read(
    directory: Path, entries: Sequence[os.DirEntry[str]], side: int, report: Report
) -> tuple[Bytes, NDArray[np.bool_]]:
    """Returns the pictures (n, side, side), and (n,) which of them could be read.

    Raises DataError without Pillow. directory: for the message.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise DataError(
            f"{directory} has pictures, which need Pillow: pip install 'fashion-tui[images]'"
        ) from error
    if not (log := logging.getLogger("PIL")).handlers:  # else its errors go to standard error
        log.addHandler(logging.NullHandler())
    images = np.zeros((len(entries), side, side), np.uint8)
    readable = np.zeros(len(entries), np.bool_)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about damaged metadata, and about large pictures
        for number, entry in enumerate(entries):
            if number % _REPORT == 0:
                report(number / len(entries))
            image = _picture(Image, Path(entry.path), side)
            if image is not None:
                images[number], readable[number] = image, True
    return images, readable


def _picture(pillow: Any, path: Path, side: int) -> Bytes | None:
    """Returns the picture (side, side); None if it cannot be read."""
    from PIL import ImageOps

    try:
        with opened(path) as file, pillow.open(file, formats=_FORMATS) as image:
            if image.width * image.height > _MAX_PIXELS:
                return None
            return _square(pillow, ImageOps.exif_transpose(image), side)
    except Exception:  # Pillow raises almost anything on a damaged file
        return None


def _square(pillow: Any, image: "PillowImage.Image", side: int) -> Bytes:
    """Returns the picture in gray, in the middle of a black square."""
    if max(image.size) > 8 * side:
        image.thumbnail((4 * side, 4 * side))
    if image.mode.startswith(("I", "F")):  # 16 bits
        wide = np.asarray(image, np.float64)
        shade = pillow.fromarray(
            (wide / (257 if wide.max() > 255 else 1)).clip(0, 255).astype("u1")
        )
    elif image.has_transparency_data:
        shade = pillow.fromarray(gray(np.asarray(image.convert("RGBA"))))
    else:
        shade = image.convert("L")
    if shade.size == (side, side):
        return np.asarray(shade)
    scale = side / max(shade.size)
    size = [max(1, round(length * scale)) for length in shade.size]
    canvas = pillow.new("L", (side, side))
    place = (side - size[0]) // 2, (side - size[1]) // 2
    canvas.paste(shade.resize(size, pillow.Resampling.BILINEAR), place)
    return np.asarray(canvas)
