"""Base class: a pane that shows an examination of a picture."""

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.history.snapshot import Snapshot
from tui.drawing.pictures import Pictures
from tui.drawing.text import paragraph
from tui.panes.line_pane import LinePane
from tui.run.inspector import ExaminationTask
from tui.screens.examine.examined_picture import ExaminedPicture

NOT_FINITE = "Its numbers are no longer finite. On the main screen, b goes back."


class ExaminePane(LinePane):
    """A subclass has `questions`, and draws the answers, which `found` returns, once they come."""

    class TopicChanged(Message):
        """There are other questions."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

    def __init__(self, subject: ExaminedPicture) -> None:
        super().__init__("examination")
        self.subject = subject

    @property
    def topic(self) -> Hashable:
        """What the questions are about; if it changes, they are asked again."""
        return None

    def questions(self) -> Iterable[tuple[str, ExaminationTask]]:
        """What to ask the network: pairs of a task, as the user reads it, and the work."""
        raise NotImplementedError

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.examined is not before.examined or snapshot.progress is not before.progress:
            self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def found(self, kind: type[Any]) -> Any:
        """The latest examination of this kind, if it is of this picture; else None."""
        found = self.snapshot.examined.get(kind)
        is_same = found is not None and np.array_equal(found.picture, self.subject.picture)
        return found if is_same else None

    def waiting(self, width: int) -> list[Strip]:
        """What is shown while there is no answer yet."""
        progress = self.snapshot.progress
        busy = f"The network is busy: {progress.task} ({progress.share:.0%})." if progress else ""
        return paragraph(busy or "Waiting for the network.", width, self.muted)

    @staticmethod
    def cost(step: int, seconds: float) -> str:
        """After which step of the run an answer was found, and how long that took."""
        return f"after step {step:,}, found in about {max(seconds, 0.1):.1f} s"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        run = self.snapshot.run
        return run.dataset.class_names if run else ()
