"""How many threads BLAS uses: one for a small network.

Its matrix products are so short that several threads mostly wait for each other, and many times
longer when another program uses one of their cores.
"""

import os
from functools import cache
from typing import Any

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""The environment variables with which a user chooses the number of threads."""

_LARGE = 500_000  # parameters, from which two idle cores are faster than one


def choose(parameters: int) -> None:
    """Makes BLAS use one thread for a network with few parameters, else as many as at first.

    This holds for the whole process until the next call. Does nothing if one of VARIABLES is set,
    or if the BLAS library is not one that can be told.
    """
    if any(os.environ.get(name) for name in VARIABLES):
        return
    for library, threads in _libraries():
        wanted = threads if parameters >= _LARGE else 1
        if library.num_threads != wanted:
            library.set_num_threads(wanted)


def use(threads: int) -> None:
    """Makes BLAS use this many threads, or as many as it has; unless one of VARIABLES is set.

    A resumed run uses as many as before, because another number changes the last bits.
    """
    if any(os.environ.get(name) for name in VARIABLES):
        return
    for library, most in _libraries():
        library.set_num_threads(max(1, min(threads, most)))


def current() -> int:
    """Returns how many threads BLAS uses now; 0 if its library cannot be asked."""
    return max((library.num_threads for library, _ in _libraries()), default=0)


def description() -> str:
    """Returns the name and version of the BLAS library, or "unknown"."""
    found = [f"{library.internal_api} {library.version}" for library, _ in _libraries()]
    return ", ".join(dict.fromkeys(found)) or "unknown"


@cache
def _libraries() -> list[tuple[Any, int]]:
    """The BLAS libraries of the process, each with its number of threads at the first call."""
    from threadpoolctl import ThreadpoolController  # only now: it takes some milliseconds

    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return [(library, library.num_threads) for library in libraries]
