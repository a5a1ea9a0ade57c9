"""The time between frames of the training screen.

A frame that is expensive to draw delays the next one, so that drawing leaves the CPU to training.
"""

from time import monotonic, thread_time

_INTERVAL = 0.1  # seconds between frames while events keep coming
_FULL_SPEED_INTERVAL = 0.25  # or the terminal would get more than 30 kB/s
_MAX_INTERVAL = 0.5
_CPU_SHARE = 0.07  # of one core, for this thread


class FramePacer:
    """Spaces frames by what they cost this thread; used in the thread that draws."""

    def __init__(self) -> None:
        self._start = thread_time()
        self._earliest = 0.0

    def delay(self) -> float:
        """Seconds until the next frame may start; at most 0 if it may start now."""
        return self._earliest - monotonic()

    def frame_fetched(self, full_speed: bool) -> None:
        """Notes that the snapshot of a frame is fetched, and delays the next frame."""
        # The CPU time since the frame before: mostly its layout and drawing.
        spent = thread_time() - self._start
        self._start = thread_time()
        interval = _FULL_SPEED_INTERVAL if full_speed else _INTERVAL
        self._earliest = monotonic() + min(max(interval, spent / _CPU_SHARE), _MAX_INTERVAL)
