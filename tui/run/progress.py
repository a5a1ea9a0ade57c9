"""Tasks that take long: they report their progress, and the next command cancels them."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from core.events import Progress
from core.types import ShouldContinue
from tui.run.mailbox import Mailbox

LONG = 0.3
"""Seconds after which a task reports its progress."""

T = TypeVar("T")


def run_with_progress(
    mail: Mailbox, task: str, work: Callable[[ShouldContinue], T], patience: float
) -> T:
    """Returns work(should_continue), and posts Progress events from time to time.

    task: what the user reads, for example "evaluating".
    patience: seconds after which a waiting command cancels the work.
    """
    start = last_report = perf_counter()
    reported = False

    def should_continue(share: float) -> bool:
        nonlocal last_report, reported
        now = perf_counter()
        if now - last_report > LONG:
            last_report, reported = now, True
            mail.post(Progress(task, share), urgent=True)
        return now - start < patience or not mail.is_cancelled

    try:
        return work(should_continue)
    finally:
        if reported:
            mail.post(Progress(task, 1.0), urgent=True)
