"""The drawing board: draw, and see after every stroke what the network predicts.

Training continues behind it, and its thread classifies the picture between two batches.
"""

from typing import Protocol

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import ModalScreen, Screen

from core.history.snapshot import Snapshot
from core.types import Bytes
from tui.panes.key_bar import KeyBar
from tui.panes.picture_toggle import PictureToggle
from tui.screens.board.canvas import DrawingCanvas
from tui.screens.board.drawing import Drawing
from tui.screens.board.prediction import Prediction
from tui.screens.examine.examined_picture import ExaminedPicture

_INTERVAL = 0.25  # seconds between two looks whether the network has changed


class BoardTasks(Protocol):
    """What can be done with a drawing."""

    def classify(self, picture: Bytes) -> None:
        """Requests the classification of a picture, which comes with a snapshot."""

    def ask_for_file(self) -> None:
        """Asks for a picture file, which takes the place of the drawing."""

    def examine(self, kind: str, subject: ExaminedPicture) -> None:
        """Opens an examination: "adversarial", "best" or "why"."""


class BoardScreen(ModalScreen[None], PictureToggle):
    """The board over the whole window.

    training: the screen whose `snapshot` it follows. drawing: kept by the caller, to continue with.
    """

    AUTO_FOCUS = "DrawingCanvas"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide")]
    BINDINGS = [
        Binding("o", "file", "File"),
        Binding("y", "examine('why')", "Why"),
        Binding("a", "examine('adversarial')", "Adversarial"),
        Binding("c", "examine('best')", "Best of a class"),
        Binding("g", "app.steer('go_to')", "Go to", show=False),
        Binding("t,f5", "app.steer('run_or_pause')", "Train", key_display="t"),
        Binding("s,f10", "app.steer('step')", "One batch", key_display="s"),
        Binding("v", "view", "Units or saliency"),
        Binding("i", "pictures", "Half-blocks or ASCII"),
        Binding("question_mark,f1", "app.help_on('Drawing board')", "Help", key_display="?"),
        Binding("escape,q,p", "leave", "Close", key_display="esc"),
    ]

    def __init__(self, training: Screen[None], drawing: Drawing, tasks: BoardTasks) -> None:
        super().__init__()
        self._training, self._drawing, self._tasks = training, drawing, tasks
        self._snapshot: Snapshot = training.snapshot  # type: ignore[attr-defined]
        self._asked: object = None  # the state of the run at the latest request
        self._sent: Bytes | None = None  # the picture of that request

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield DrawingCanvas(self._drawing).data_bind(BoardScreen.pictures)
            yield Prediction().data_bind(BoardScreen.pictures)
        yield KeyBar()

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they would cover the picture
        self.watch(self._training, "snapshot", self._follow)
        self._ask()
        self.set_interval(_INTERVAL, self._ask)

    def on_screen_resume(self) -> None:
        self._sent = None  # the latest prediction may be that of an image that was enlarged here
        self._ask()

    def action_leave(self) -> None:
        self._drawing.pen_down = False
        self.dismiss(None)

    def action_file(self) -> None:
        self._tasks.ask_for_file()

    def action_view(self) -> None:
        if self.query_one(Prediction).other_part():
            return
        if not self._drawing.pixels.any():
            self.notify("A blank picture has no saliency. Draw something first.", timeout=3)
        else:
            self.notify("There is no room for units or saliency in this window.", timeout=3)

    def action_examine(self, kind: str) -> None:
        self._drawing.pen_down = False
        pixels, found = self._drawing.pixels.copy(), self._snapshot.classification
        label = found.predicted if found and kind == "best" else None
        self._tasks.examine(kind, ExaminedPicture(pixels, "the drawing", label))

    def reload(self) -> None:
        """Shows the drawing again after it was changed from outside."""
        self.query_one(DrawingCanvas).redraw()
        self._ask()

    def _follow(self, snapshot: Snapshot) -> None:
        before, self._snapshot = self._snapshot, snapshot
        for prediction in self.query(Prediction):  # none while it closes
            prediction.snapshot = snapshot
        if snapshot.classification is not before.classification:
            self._paint()

    def _paint(self) -> None:
        for canvas in self.query(DrawingCanvas):
            canvas.paint()

    @on(DrawingCanvas.Changed)
    def _ask(self) -> None:
        """Requests a prediction if the picture or the network has changed.

        Not during a long task, because a command would cancel it, or under another screen.
        """
        now, pixels = self._snapshot, self._drawing.pixels
        state = now.run, now.steps, now.move_count, now.phase
        is_new = self._sent is None or not np.array_equal(self._sent, pixels)
        is_active = self.app.screen is self
        if is_active and now.progress is None and (is_new or state != self._asked):
            self._asked, self._sent = state, pixels.copy()
            self._tasks.classify(pixels)
        else:
            self._paint()
