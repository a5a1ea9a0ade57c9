"""Work that takes long: it tells how far it is, and ends early for the next command."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from core.events import Progress
from tui.run.mailbox import Mailbox

LONG = 0.3  # seconds

Result = TypeVar("Result")
ShouldContinue = Callable[[float], bool]


def run_with_progress(
    mail: Mailbox, what: str, work: Callable[[ShouldContinue], Result], patience: float
) -> Result:
    """Does `work`, which asks, with the share that is done, whether to go on.

    It is told not to when there is a command to carry out, but not within `patience` seconds.
    """
    begin = told = perf_counter()
    progress = False

    def should_continue(share: float) -> bool:
        nonlocal told, progress
        now = perf_counter()
        if now - told > LONG:
            told, progress = now, True
            mail.post(Progress(what, share), urgent=True)
        return now - begin < patience or not mail.has_commands

    try:
        return work(should_continue)
    finally:
        if progress:
            mail.post(Progress(what, 1.0), urgent=True)
