"""The clock of training. It stands still while the process is suspended."""

from time import perf_counter

_skipped = 0.0


def now() -> float:
    """Returns seconds since some moment, without those that were skipped."""
    return perf_counter() - _skipped


def skip(seconds: float) -> None:
    """Takes back some seconds, in which the process was suspended."""
    global _skipped
    _skipped += seconds
