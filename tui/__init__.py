"""The terminal: the Textual app, the command line, and all that is drawn.

Importing it asks for one BLAS thread, which must be said before numpy is first imported. Nets
of this size train faster on one, and with more a busy neighbour makes the threads wait for
each other. What a person has set is left alone.
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
