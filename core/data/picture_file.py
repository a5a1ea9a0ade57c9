"""A picture file as an image like those of the dataset: gray, of a given size, bright on black."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.data import pillow
from core.types import Bytes, Floats

if TYPE_CHECKING:
    from PIL import Image

_BRIGHT = 127.5  # the border of a picture that is bright on average has a light background


@dataclass(frozen=True, slots=True, eq=False)
class PictureFile:
    """pixels: (height, width) uint8. size: of the upright picture, (width, height). inverted:
    whether dark and bright were exchanged."""

    pixels: Bytes
    size: tuple[int, int]
    inverted: bool


def read_picture(path: Path, shape: tuple[int, int], invert: bool | None = None) -> PictureFile:
    """Reads a picture: gray by luminance, in the middle of `shape` (height, width), on black.

    invert: whether to exchange dark and bright; None: if the background, which is the border of the
    picture, is light, or if it is transparent and the rest is dark. Transparent parts become black.

    Raises DataError if it cannot be read, or if Pillow is missing.
    """
    pillow.check_installed(path)
    from PIL import Image

    with pillow.opened(path) as image:
        size = image.size
        gray, opacity = _gray(image)
    if invert is None:
        edge = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
        seen = np.concatenate([opacity[0], opacity[-1], opacity[:, 0], opacity[:, -1]])
        if seen.mean() > 0.5:
            invert = float((edge * seen).mean()) > _BRIGHT
        else:
            invert = float((gray * opacity).sum()) < _BRIGHT * float(opacity.sum())
    bright = (255 - gray if invert else gray) * opacity
    pixels = pillow.fitted(Image.fromarray(np.rint(bright).astype(np.uint8)), shape)
    return PictureFile(pixels, size, invert)


def _gray(image: "Image.Image") -> tuple[Floats, Floats]:
    """The gray, 0 to 255, and the opacity, 0 to 1, of each pixel: (height, width)."""
    wide = pillow.wide_gray(image)
    if wide is not None:
        return wide, np.ones_like(wide)
    colors = image.convert("RGBA")
    gray = np.asarray(colors.convert("RGB").convert("L"), np.float64)
    return gray, np.asarray(colors.getchannel("A"), np.float64) / 255
