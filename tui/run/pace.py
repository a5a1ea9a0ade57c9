"""The pace of a run: how many steps it makes per second, and when the next one is due."""

from time import perf_counter

from core.errors import ConfigError

PACES = (1, 2, 5, 20, None)
"""Steps per second to choose from; None: as many as possible."""


class Pace:
    """steps_per_second: one of PACES. next_step_time: when the next step is due, at the earliest;
    seconds of `perf_counter`."""

    def __init__(self) -> None:
        self.steps_per_second: int | None = None
        self.next_step_time = 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds until the next step is due, 0 or more."""
        return max(self.next_step_time - perf_counter(), 0.0)

    def change(self, by: int) -> None:
        """Moves by this many places in PACES. Raises ConfigError at its ends."""
        index = PACES.index(self.steps_per_second) + by
        if not 0 <= index < len(PACES):
            slowest = f"{PACES[0]} batch per second is the slowest pace; > is faster"
            fastest = "the pace is full speed already; < is slower"
            raise ConfigError("pace", slowest if by < 0 else fastest)
        self.steps_per_second = PACES[index]
        self.start()

    def start(self) -> None:
        """The next step is due now."""
        self.next_step_time = perf_counter()

    def wait(self, seconds: float) -> None:
        """The next step is due in so many seconds, or later."""
        self.next_step_time = max(self.next_step_time, perf_counter() + seconds)

    def note_step(self) -> None:
        """Called after each step. After a late step, the next ones do not hurry to catch up."""
        if self.steps_per_second:
            due = self.next_step_time + 1 / self.steps_per_second
            self.next_step_time = max(due, perf_counter())
