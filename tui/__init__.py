"""The terminal program: the Textual app, the command line and everything that is drawn.

Importing this package sets two defaults before NumPy and Textual are first imported. Values that
you have set yourself are kept.

BLAS uses one thread: core.nn.thread_pool shares large products among threads itself. Textual may
paint up to 500 times a second: at its default of 60, the answer to a key waits up to 33 ms.
"""

import os

from core.nn.blas_threads import VARIABLES

for _variable in VARIABLES:
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("TEXTUAL_FPS", "500")
