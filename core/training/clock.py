"""The clock of training. It stands still while the process is suspended."""

from time import perf_counter

# When it stopped, None while it runs, and the seconds for which it stood still before. Both are
# assigned at once, because the threads of training and of the screen use them.
_state: tuple[float | None, float] = None, 0.0


def now() -> float:
    """Returns seconds since some moment, without those in which the clock stood still."""
    stopped, still = _state
    return (perf_counter() if stopped is None else stopped) - still


def stop() -> None:
    """Stops the clock, as just before the process is suspended."""
    global _state
    if _state[0] is None:
        _state = perf_counter(), _state[1]


def resume() -> None:
    """Starts a stopped clock again, from the time at which it stopped."""
    global _state
    stopped, still = _state
    if stopped is not None:
        _state = None, still + perf_counter() - stopped
