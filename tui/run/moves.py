"""Moves of a run to other steps and branches, which the next command may cancel."""

from collections.abc import Callable
from typing import NamedTuple

from core.events import Refused
from core.types import ShouldContinue
from tui.run.mailbox import Mailbox
from tui.run.progress import run_with_progress

_PATIENCE = 2.0
"""Seconds before which no command cancels a move: keys typed right after it, such as b and then s,
mean the step that it goes to."""


class _Move(NamedTuple):
    """back_to: the target, if it is a move back by some steps; another one continues from there."""

    task: str
    back_to: int | None


class Moves:
    """Makes the moves, and remembers one that a command cancelled until that is carried out."""

    def __init__(self, mail: Mailbox) -> None:
        self._mail = mail
        self._cancelled: _Move | None = None  # by the command that comes next
        self._stopped: _Move | None = None  # by the current command

    def begin_command(self, is_step_back: bool) -> None:
        """Reports the move that this command cancelled, unless the command continues it."""
        self._stopped, self._cancelled = self._cancelled, None
        if self._stopped and not (is_step_back and self._stopped.back_to is not None):
            message = f"{self._stopped.task}: cancelled by the next command"
            self._mail.post(Refused("step", message), urgent=True)

    @property
    def is_stopped(self) -> bool:
        """Whether the current command cancelled a move."""
        return self._stopped is not None

    @property
    def stopped_at(self) -> int | None:
        """The step that a move back went to, if the current command cancelled it."""
        return self._stopped.back_to if self._stopped else None

    def make(
        self, task: str, move: Callable[[ShouldContinue], bool], back_to: int | None = None
    ) -> bool:
        """Makes a move. Returns False if a command cancelled it; then the run is where it was.

        task: what the user reads. back_to: the step, if it is a move back by some steps.
        """
        done = run_with_progress(self._mail, task, move, patience=_PATIENCE)
        if not done:
            self._cancelled = _Move(task, back_to)
        return done
