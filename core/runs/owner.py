"""Which program has a run open, so that no other one writes to its file."""

import math
import os
import platform
import time
from dataclasses import asdict, dataclass
from typing import Any

_SILENCE = 30.0  # seconds without a sign of life, after which a program counts as gone


@dataclass(frozen=True, slots=True)
class Owner:
    """A program that has a run open.

    since, alive_at: when it opened the run, and its last sign of life; seconds since 1970.
    process_start: from the system, to distinguish it from a later process with the same number; or
    "".
    """

    host: str
    process: int
    process_start: str
    since: float
    alive_at: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_this(self) -> bool:
        """Whether it is this program."""
        return (self.host, self.process) == (platform.node(), os.getpid())

    @property
    def is_alive(self) -> bool:
        """Whether the program still runs, as far as this machine can find out."""
        if self.host != platform.node() or os.name != "posix":
            return time.time() - self.alive_at < _SILENCE
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except OSError:  # another user's
            return True
        return _process_start(self.process) == self.process_start

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.since))
        return f"process {self.process} on {self.host}, since {since}"


def this_program(since: float | None = None) -> Owner:
    """Returns this program as an owner that is alive now."""
    now, process = time.time(), os.getpid()
    start = _process_start(process)
    return Owner(platform.node(), process, start, now if since is None else since, now)


def owner_from(values: object) -> Owner | None:
    """Returns the owner that `as_dict` described, which may be gone; None if it is none."""
    try:
        owner = Owner(**values)  # type: ignore[arg-type]
        texts, numbers = (owner.host, owner.process_start), (owner.since, owner.alive_at)
        usable = (
            all(isinstance(text, str) for text in texts)
            and all(math.isfinite(number) and 0 <= number < 1e13 for number in numbers)
            and isinstance(owner.process, int)
            and 0 < owner.process < 1 << 31
        )
        str(owner)
        return owner if usable else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _process_start(process: int) -> str:
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):  # not Linux
        return ""
