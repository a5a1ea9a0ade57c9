"""Array types, and the observers that are called with arrays during a step."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Indices = NDArray[np.intp]
Floats = NDArray[np.floating]
"""float32 in training, float64 in gradient checks."""
Observer = Callable[..., None]
"""Called with the arrays of a step as they are computed; it must copy what it keeps."""


def ignore(*arrays: Floats) -> None:
    """The observer that does nothing."""


def frozen(array: Floats) -> Floats:
    """Returns a read-only copy."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy
