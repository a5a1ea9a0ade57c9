"""The threads of BLAS: one while a network trains, because our thread pool shares the work
better."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""The environment variables with which a user chooses the number of threads."""

# Read here, because the terminal program sets them afterwards.
_CHOSEN = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), "")

_lock = Lock()
_inside = 0
_before: list[tuple[Any, int]] = []


def usable_cores() -> int:
    """Returns the number of cores that this process may use, at most the user's number of
    threads."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min(cores, int(_CHOSEN))) if _CHOSEN.isdecimal() else cores


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """A context in which BLAS uses one thread, in the whole process; then as many as before.

    Several threads of this process may be inside at a time; it ends with the last one. Does nothing
    if the number of threads of the BLAS library cannot be set.
    """
    global _inside
    with _lock:
        if not _inside:
            _before[:] = [(library, library.num_threads) for library in _libraries()]
            _set(_before, 1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                _set(_before)


def description() -> str:
    """Returns the name and version of the BLAS library, or "unknown"."""
    found = [f"{library.internal_api} {library.version}" for library in _libraries()]
    return ", ".join(dict.fromkeys(found)) or "unknown"


def _set(libraries: list[tuple[Any, int]], number: int | None = None) -> None:
    """Sets the number of threads, by default to that in the list, of those that have several."""
    for library, threads in libraries:
        if threads != 1:
            library.set_num_threads(number or threads)


@cache
def _libraries() -> list[Any]:
    from threadpoolctl import ThreadpoolController  # only now: it takes some milliseconds

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)
