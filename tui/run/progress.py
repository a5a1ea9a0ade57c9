"""Work that takes long: it tells how far it is, and ends early for the next command."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from core.events import Working
from tui.run.mailbox import Mailbox

LONG = 0.3  # seconds

Result = TypeVar("Result")
GoOn = Callable[[float], bool]


def do(mail: Mailbox, what: str, work: Callable[[GoOn], Result], patience: float) -> Result:
    """Does `work`, which asks, with the share that is done, whether to go on.

    It is told not to when there is a command to carry out, but not within `patience` seconds.
    """
    begin = told = perf_counter()
    working = False

    def go_on(share: float) -> bool:
        nonlocal told, working
        now = perf_counter()
        if now - told > LONG:
            told, working = now, True
            mail.tell(Working(what, share), urgent=True)
        return now - begin < patience or not mail.has_commands

    try:
        return work(go_on)
    finally:
        if working:
            mail.tell(Working(what, 1.0), urgent=True)
