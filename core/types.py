"""The kinds of array that core passes around."""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Indices = NDArray[np.intp]
Floats = NDArray[np.floating]
"""float32 in training, float64 where gradients are checked."""
