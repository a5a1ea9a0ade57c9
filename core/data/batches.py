"""Copies batches of images, as float32 columns, for the network."""

from collections.abc import Callable

import numpy as np

from core.data.dataset import Subset
from core.types import Bytes, Floats, Indices


class BatchLoader:
    """Copies images of a subset, chosen by index, into one float32 buffer.

    The images stay uint8 in memory, a quarter of the size; only the batch becomes float32. The
    values stay 0 to 255: the first layer multiplies by 1/255 (see core.nn.layers.Linear).
    """

    def __init__(self, subset: Subset, max_images: int) -> None:
        self.max_images = max_images
        self._images = subset.images
        self._bytes = np.empty((max_images, *subset.images.shape[1:]), np.uint8)
        self._floats = np.empty((max_images, subset.pixels), np.float32)

    def __call__(self, indices: Indices, change: Callable[[Bytes], None] | None = None) -> Floats:
        """Returns the images as (pixels, m), valid until the next call.

        indices: (m,), m at most `max_images`. change: may change the copied bytes in place,
        (m, height, width), before they become floats.
        """
        m = len(indices)
        images, floats = self._bytes[:m], self._floats[:m]
        # mode="clip", because take() with the default mode would buffer `out`.
        np.take(self._images, indices, axis=0, out=images, mode="clip")
        if change is not None:
            change(images)
        np.copyto(floats, images.reshape(m, -1))
        return floats.T
