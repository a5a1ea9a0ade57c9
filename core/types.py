"""The kinds of array that core passes around."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Indices = NDArray[np.intp]
Floats = NDArray[np.floating]
"""float32 in training, float64 where gradients are checked."""
Observer = Callable[..., None]
"""Is shown arrays on their way, which it must copy to keep."""


def ignore(*arrays: Floats) -> None:
    """Nobody looks."""


def frozen(array: Floats) -> Floats:
    """A copy that cannot be written to."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy
