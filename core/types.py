"""Types that all of core uses: arrays and callbacks."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Indices = NDArray[np.intp]
Floats = NDArray[np.floating]
"""float32 in training, float64 in gradient checks."""
Observer = Callable[..., None]
"""Called with the arrays of a step as they are computed; it must copy what it keeps."""
ShouldContinue = Callable[[float], bool]
"""Called with the fraction of a task that is done, 0..1; returns False to cancel the task."""


def ignore(*values: object) -> None:
    """Does nothing with arrays or events."""


def always(fraction: float) -> bool:
    """Never cancels a task."""
    return True


Array = TypeVar("Array", bound=NDArray[Any])


def frozen(array: Array) -> Array:
    """Returns a read-only copy."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy
