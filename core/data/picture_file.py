"""A picture file as an image like those of the dataset: gray, of a given size, bright on black."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.data.files import opened
from core.errors import DataError
from core.types import Bytes, Floats

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
_MAX_PIXELS = 50_000_000  # more could be a bomb
_BRIGHT = 127.5  # the border of a picture that is bright on average has a light background


@dataclass(frozen=True, slots=True, eq=False)
class PictureFile:
    """pixels: (height, width) uint8. size: of the file, (width, height). inverted: whether dark and
    bright were exchanged."""

    pixels: Bytes
    size: tuple[int, int]
    inverted: bool


def read_picture(path: Path, shape: tuple[int, int], invert: bool | None = None) -> PictureFile:
    """Reads a picture: gray by luminance, in the middle of `shape` (height, width), on black.

    invert: whether to exchange dark and bright; None: if the background, which is the border of the
    picture, is light. Transparent parts are black and are not exchanged.

    Raises DataError if it cannot be read, or if Pillow is missing.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise DataError(
            f"{path} is a picture, which needs Pillow: pip install 'fashion-tui[images]'"
        ) from error
    if not (log := logging.getLogger("PIL")).handlers:  # else its errors go to standard error
        log.addHandler(logging.NullHandler())
    with opened(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about damaged metadata, and about large pictures
        try:
            with Image.open(file, formats=_FORMATS) as image:
                size = image.size
                if size[0] * size[1] > _MAX_PIXELS:
                    raise DataError(f"{path} has more than {_MAX_PIXELS:,} pixels")
                turned = ImageOps.exif_transpose(image)
                gray, opacity = _gray(turned)
        except DataError:
            raise
        except MemoryError:
            raise
        except Exception as error:  # Pillow raises almost anything on a damaged file
            raise DataError(
                f"{path} cannot be read as a picture: it is damaged, or none of PNG, JPEG, BMP, "
                "GIF, WebP, TIFF and PPM"
            ) from error
    if invert is None:
        edge = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
        seen = np.concatenate([opacity[0], opacity[-1], opacity[:, 0], opacity[:, -1]])
        invert = float((edge * seen).mean()) > _BRIGHT
    bright = (255 - gray if invert else gray) * opacity
    pixels = _fitted(Image.fromarray(np.rint(bright).astype(np.uint8)), shape)
    return PictureFile(pixels, size, invert)


def _gray(image: "Image.Image") -> tuple[Floats, Floats]:
    """The gray, 0 to 255, and the opacity, 0 to 1, of each pixel: (height, width)."""
    if image.mode.startswith(("I", "F")):  # 16 bits
        wide = np.asarray(image, np.float64)
        gray = (wide / (257 if wide.max() > 255 else 1)).clip(0, 255)
        return gray, np.ones_like(gray)
    colors = image.convert("RGBA")
    gray = np.asarray(colors.convert("RGB").convert("L"), np.float64)
    return gray, np.asarray(colors.getchannel("A"), np.float64) / 255


def _fitted(image: "Image.Image", shape: tuple[int, int]) -> Bytes:
    """The picture as large as fits into (height, width), in the middle of black."""
    from PIL import Image

    height, width = shape
    if image.size != (width, height):
        scale = min(width / image.width, height / image.height)
        size = [max(1, round(length * scale)) for length in image.size]
        whole = Image.new("L", (width, height))
        place = (width - size[0]) // 2, (height - size[1]) // 2
        whole.paste(image.resize((size[0], size[1]), Image.Resampling.BILINEAR), place)
        image = whole
    return np.array(image, np.uint8)
