"""Opens picture files with Pillow, and makes gray images of them."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.data import files
from core.errors import DataError
from core.types import Bytes, Floats

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
_MAX_PIXELS = 50_000_000  # of a picture; more could be a decompression bomb


def check_installed(path: Path) -> None:
    """Raises DataError if Pillow is missing. path: what it is needed for."""
    try:
        import PIL  # noqa: F401
    except ImportError as error:
        raise DataError(
            f"{path}: pictures need Pillow: pip install 'fashion-tui[images]'"
        ) from error
    if not (log := logging.getLogger("PIL")).handlers:  # else its errors go to standard error
        log.addHandler(logging.NullHandler())


@contextmanager
def opened(path: Path) -> Iterator["Image.Image"]:
    """Opens a picture, turned upright. Raises DataError if it cannot be read, now or later."""
    from PIL import Image, ImageOps

    with files.opened(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about damaged metadata, and about large pictures
        try:
            with Image.open(file, formats=_FORMATS) as image:
                if image.width * image.height > _MAX_PIXELS:
                    raise DataError(f"{path} has more than {_MAX_PIXELS:,} pixels")
                yield ImageOps.exif_transpose(image)
        except (DataError, MemoryError):
            raise
        except Image.DecompressionBombError as error:
            raise DataError(f"{path} has more than {_MAX_PIXELS:,} pixels") from error
        except Exception as error:  # Pillow raises almost anything on a damaged file
            raise DataError(
                f"{path} cannot be read as a picture: it is damaged, or not a PNG, JPEG, BMP, GIF, "
                "WebP, TIFF or PPM file"
            ) from error


def wide_gray(image: "Image.Image") -> Floats | None:
    """Returns a gray picture of more than 8 bits as (height, width), 0 to 255; None for others."""
    if not image.mode.startswith(("I", "F")):
        return None
    wide = np.asarray(image, np.float64)
    return (wide / (257 if wide.max() > 255 else 1)).clip(0, 255)


def fitted(image: "Image.Image", shape: tuple[int, int]) -> Bytes:
    """Returns a gray picture as large as fits into (height, width), in the middle of black."""
    from PIL import Image

    height, width = shape
    if image.size != (width, height):
        scale = min(width / image.width, height / image.height)
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        canvas = Image.new("L", (width, height))
        place = (width - size[0]) // 2, (height - size[1]) // 2
        canvas.paste(image.resize(size, Image.Resampling.BILINEAR), place)
        image = canvas
    return np.array(image, np.uint8)
