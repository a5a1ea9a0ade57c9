"""How much the coach says on the screen: off, quiet or on."""

from collections.abc import Iterable

from core.coach.finding_log import Noted
from core.coach.review import is_problem

MEANINGS = {
    "off": "no messages",
    "quiet": "problems in the status line",
    "on": "problems as toasts, too, and notes on what is normal",
}
"""By the value of the preference `coach`."""


def spoken(noted: Iterable[Noted], level: str) -> tuple[Noted, ...]:
    """Returns the findings that the status line shows."""
    if level == "off":
        return ()
    return tuple(each for each in noted if level == "on" or is_problem(each.finding))
