"""A picture file as an image like those of the dataset: gray, of a given size, and as these bright
on black or dark on white."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.data import pillow
from core.types import Bytes, Floats

if TYPE_CHECKING:
    from PIL import Image

_BRIGHT = 127.5  # a border of a picture that is brighter on average is a light background
_LIGHT = 170.0  # the same of a dataset, whose images are usually bright on black


@dataclass(frozen=True, slots=True, eq=False)
class PictureFile:
    """pixels: (height, width) uint8. size: of the upright picture, (width, height). inverted:
    whether it was inverted."""

    pixels: Bytes
    size: tuple[int, int]
    inverted: bool


def has_light_background(images: Bytes) -> bool:
    """Whether the border of images (n, height, width) is bright on average."""
    edges = images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]
    return float(np.concatenate(edges, axis=1).mean()) > _LIGHT


def read_picture(
    path: Path, shape: tuple[int, int], invert: bool | None = None, light: bool = False
) -> PictureFile:
    """Reads a picture: gray by luminance, in the middle of `shape` (height, width).

    light: whether the background of the dataset is light. invert: whether to invert it;
    None: if the background of the picture, which is its border, is not like that of the
    dataset. If it is transparent, it is taken for the opposite of the rest. Transparent parts, and
    what is beside the picture, become background.

    Raises DataError if it cannot be read, or if Pillow is missing.
    """
    pillow.check_installed(path)
    from PIL import Image

    with pillow.opened(path) as image:
        size = image.size
        gray, opacity = _gray(image)
    if invert is not None:
        is_light = invert != light
    else:
        edge = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
        seen = np.concatenate([opacity[0], opacity[-1], opacity[:, 0], opacity[:, -1]])
        if seen.mean() > 0.5:
            is_light = float((edge * seen).mean()) > _BRIGHT
        else:
            is_light = float((gray * opacity).sum()) < _BRIGHT * float(opacity.sum())
    bright = (255 - gray if is_light else gray) * opacity
    pixels = pillow.fitted(Image.fromarray(np.rint(bright).astype(np.uint8)), shape)
    return PictureFile(255 - pixels if light else pixels, size, is_light != light)


def _gray(image: "Image.Image") -> tuple[Floats, Floats]:
    """The gray, 0 to 255, and the opacity, 0 to 1, of each pixel: (height, width)."""
    wide = pillow.wide_gray(image)
    if wide is not None:
        return wide, np.ones_like(wide)
    colors = image.convert("RGBA")
    gray = np.asarray(colors.convert("RGB").convert("L"), np.float64)
    return gray, np.asarray(colors.getchannel("A"), np.float64) / 255
