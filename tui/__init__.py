"""The terminal: the Textual app, the command line, and all that is drawn.

Importing it asks for one BLAS thread, which must be said before numpy is first imported. Nets
of this size train faster on one, and with more a busy neighbour makes the threads wait for
each other. It asks Textual, before its first import too, not to wait so long after one paint
before the next: at its 60 a second, the answer to a key waited up to 33 ms behind a counter.
What a person has set is left alone.
"""

import os

for _variable in (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("TEXTUAL_FPS", "500")
