"""Keeps gradients and moments out of the subnormal numbers, which make arithmetic slow.

float32 arithmetic is many times slower below 1e-38. The gradients and moments of pixels that are
nearly always black would get there. Neither of the two remedies affects learning.
"""

import numpy as np

from core.types import Floats

_ROUNDING = 4e-11
_TINY = 1e-30
_INTERVAL = 32


def round_off(gradient: Floats) -> None:
    """Rounds gradients to 0 if their square could be subnormal, in place.

    Adding and subtracting the constant rounds gradients far below it to 0 and leaves larger ones
    as they are. So neither a square nor 1e-3 of it, which a moment adds, is subnormal.
    """
    gradient += _ROUNDING
    gradient -= _ROUNDING


def flush(step: int, scratch: Floats, *moments: Floats) -> None:
    """Sets moments below 1e-30 to 0, in place, at every 32nd step.

    Even a fast decay (0.9^32 = 0.03, or 1e-6 with a factor of 0.65) cannot take a moment from 1e-30
    to 1e-38 before the next flush.
    """
    if step % _INTERVAL == 0:
        for moment in moments:
            np.abs(moment, out=scratch)
            moment *= np.greater_equal(scratch, _TINY, out=scratch, casting="unsafe")
