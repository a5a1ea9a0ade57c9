"""The terminal program: the Textual app, the command line and everything that is drawn.

Importing this package sets two defaults before NumPy and Textual are first imported. Values that
you have set yourself are kept.

BLAS uses one thread: networks of this size train faster on one, and several threads wait for
each other when the machine is busy. Textual may paint up to 500 times a second: at its default
of 60, the answer to a key waits up to 33 ms.
"""

import os

from core.training.blas_threads import VARIABLES

for _variable in VARIABLES:
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("TEXTUAL_FPS", "500")
