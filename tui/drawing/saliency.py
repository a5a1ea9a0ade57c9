"""Saliency as a gray image: how strongly each pixel of an image affects the loss."""

import math

import numpy as np

from core.types import Bytes, Floats


def saliency_image(saliency: Floats, image: Bytes) -> Bytes | None:
    """The saliency of each pixel times its value, because black pixels are noisy: (height, width)
    from 0 to 255 for the largest. None if no pixel has an effect.

    saliency: (height, width) |dL/dx|. image: (height, width) uint8.
    """
    effect = np.nan_to_num(saliency * (image / 255.0), posinf=0.0)
    max_effect = float(effect.max())
    if not max_effect or not math.isfinite(max_effect):
        return None
    return np.rint(effect * (255 / max_effect)).astype(np.uint8)
