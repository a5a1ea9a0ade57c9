"""Messages that several widgets of the curves pane send."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class MoveRequested(Message):
    """Asks for the run to move to a step of its branch."""

    step: int
