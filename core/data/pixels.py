"""Makes gray images of bytes from arrays of other types, ranges, shapes and colors."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.files import MAX_BYTES
from core.errors import DataError
from core.types import Bytes

_CHUNK = 2**22  # values that are converted at a time
_DIM = 64  # pixels that are all below this are not on a scale of 0 to 255
_RED, _GREEN, _BLUE = 19595, 38470, 7471  # of 65,536: luminance by ITU-R 601, as Pillow computes it


def to_bytes(
    arrays: Sequence[NDArray[Any]], sources: Sequence[str]
) -> tuple[list[Bytes], list[str]]:
    """Returns the arrays as (N, height, width) uint8, and sentences about what was changed.

    All arrays are changed in the same way. Each is (N, height, width), (N, pixels) of square
    images, or has 1, 3 or 4 color channels besides, first or last. sources: for messages.

    Raises DataError if they cannot be images.
    """
    notes: list[str] = []
    for array, source in zip(arrays, sources, strict=True):
        if array.dtype.kind not in "uifb":
            raise DataError(f"{source} has values of the type {array.dtype}; pixels are numbers")
        if array.size > MAX_BYTES:
            raise DataError(f"{source} takes {array.size / 1e9:,.1f} GB as bytes; at most 2 GB fit")
    shaped = [_shaped(array, source) for array, source in zip(arrays, sources, strict=True)]
    limits = [_limits(array, source) for array, source in zip(shaped, sources, strict=True)]
    low, high = min(low for low, _ in limits), max(high for _, high in limits)
    for (_, other), source in zip(limits, sources, strict=True):
        if 0 < other <= 1 and high >= _DIM:
            raise DataError(
                f"{source} has pixels up to {other:g}, but others go up to {high:g}; scale all "
                "in the same way"
            )
    factor = _factor(low, high, {array.dtype for array in shaped}, sources[0])
    if low == high:
        notes.append(f"All pixels are {low:g}: the images do not differ.")
    elif factor != 1:
        notes.append(
            f"Pixels from {low:g} to {high:g} were multiplied by {factor:.6g}, which makes white "
            "255."
        )
    channels = {array.shape[3] for array in shaped if array.ndim == 4}
    if channels & {3, 4}:
        notes.append(
            "Colors were converted to grayscale by luminance, 0.299 R + 0.587 G + 0.114 B."
        )
    if 4 in channels:
        notes.append("Transparent pixels became black.")
    return [_converted(array, factor) for array in shaped], notes


def _shaped(array: NDArray[Any], source: str) -> NDArray[Any]:
    """Returns a view as (N, height, width) or (N, height, width, channels)."""
    if array.ndim == 2:
        return array.reshape(len(array), *_sides(array.shape[1], source))
    if array.ndim == 4 and array.shape[3] not in (1, 3, 4) and array.shape[1] in (1, 3, 4):
        array = np.moveaxis(array, 1, 3)
    if array.ndim == 4 and array.shape[3] == 1:
        return array[..., 0]
    if array.ndim == 3 or (array.ndim == 4 and array.shape[3] in (3, 4)):
        return array
    raise DataError(
        f"{source} has the shape {array.shape}; images are (number, height, width), "
        "optionally with 1, 3 or 4 channels"
    )


def _sides(pixels: int, source: str) -> tuple[int, ...]:
    side = math.isqrt(pixels)
    if side and side * side == pixels:
        return side, side
    side = math.isqrt(pixels // 3)
    if side and side * side * 3 == pixels:
        return side, side, 3
    raise DataError(f"{source} has {pixels:,} pixels per image, which is not a square number")


def _limits(array: NDArray[Any], source: str) -> tuple[float, float]:
    """Returns the lowest and the highest value. Raises DataError if one is not finite."""
    if array.size == 0:
        raise DataError(f"{source} has no pixels: its shape is {array.shape}")
    low, high = float(array.min()), float(array.max())  # NaN if any value is
    if not math.isfinite(low + high):
        flat = array.reshape(len(array), -1)
        image = next(n for n, row in enumerate(flat) if not np.isfinite(row).all())
        what = "NaN" if np.isnan(flat[image]).any() else "infinite"
        raise DataError(f"{source} has pixels that are {what}, first in image {image:,}")
    return low, high


def _factor(low: float, high: float, types: set[np.dtype[Any]], source: str) -> float:
    """Returns the factor that makes white 255."""
    if types == {np.dtype(np.uint16)} and high > 255:
        return 255 / 65535
    if low < 0 or high > 255:
        raise DataError(
            f"{source} has pixels from {low:g} to {high:g}; scale them to 0 to 255, or to 0 to 1"
        )
    if all(dtype.kind == "f" for dtype in types) and high <= 1:
        return 255.0
    return 255 / high if 0 < high < _DIM else 1.0


def _converted(array: NDArray[Any], factor: float) -> Bytes:
    """Returns the pixels times the factor as bytes, rounded, and colors as gray."""
    if array.dtype == np.uint8 and factor == 1 and array.ndim == 3:
        return np.ascontiguousarray(array)
    result = np.empty(array.shape[:3], np.uint8)
    count = max(1, _CHUNK // math.prod(array.shape[1:]))
    for start in range(0, len(array), count):
        part: NDArray[Any] = array[start : start + count]
        if factor != 1 or part.dtype.kind == "f":
            part = np.rint(part.astype(np.float64) * factor)
        part = part.astype(np.uint8)
        result[start : start + count] = gray(part) if part.ndim == 4 else part
    return result


def gray(colors: Bytes) -> Bytes:
    """Returns colors (..., 3) or, with an opacity, (..., 4) as gray by luminance, on black."""
    wide = colors.astype(np.uint32)
    mixed = wide[..., 0] * _RED + wide[..., 1] * _GREEN + wide[..., 2] * _BLUE
    shade = (mixed + 0x8000) >> 16
    if colors.shape[-1] == 4:
        shade = (shade * wide[..., 3] + 127) // 255
    return shade.astype(np.uint8)
