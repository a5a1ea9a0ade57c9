"""One image as large as fits, beside what the network predicts for it.

Training continues behind it.
"""

from collections.abc import Callable

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.strip import Strip

from core.history.image_selection import ImageSelection
from core.history.snapshot import Snapshot
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.text import styled
from tui.panes.image_facts import ImageFacts, row_of
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle


class ImageScreen(ModalScreen[int], PictureToggle):
    """Browses the images of a selection. Its result is the index of the last image.

    draw: opens the drawing board with the image of this subset and index.
    """

    BINDINGS = [
        Binding("escape,q,enter", "leave", "Close", key_display="esc"),
        # With priority, or a scrollable pane would handle them.
        Binding("right", "go(1)", "Next image", priority=True),
        Binding("left", "go(-1)", "Previous image", priority=True),
        Binding("i", "pictures", "Half-blocks or ASCII"),
        Binding("p", "draw", "Draw on it"),
        Binding("space,f5", "app.steer('run_or_pause')", "Run/Pause"),
        Binding("s,f10", "app.steer('step')", "One batch"),
        Binding("e", "app.steer('epoch')", "Finish epoch"),
        Binding("b", "app.steer('back(1)')", "Step back"),
        Binding("question_mark,f1", "app.help_on('Images')", "Help", key_display="?"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide")]

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    index: reactive[int] = reactive(0, repaint=False)

    def __init__(
        self,
        selection: ImageSelection,
        subset: str,
        index: int,
        draw: Callable[[str, int], None],
    ) -> None:
        super().__init__()
        self._draw = draw
        self._selection, self._subset, self._place = selection, subset, 0
        self.set_reactive(ImageScreen.index, index)

    def compose(self) -> ComposeResult:
        bound = ImageScreen.snapshot, ImageScreen.index
        yield LargePicture(self._subset).data_bind(*bound, ImageScreen.pictures)
        yield ImageFacts(self._selection, self._subset).data_bind(*bound)

    def on_mount(self) -> None:
        self.query_one(ImageFacts).focus()

    def action_leave(self) -> None:
        self.dismiss(self.index)

    def action_draw(self) -> None:
        self._draw(self._subset, self.index)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation:
            self._update_place()

    def action_go(self, by: int) -> None:
        """Show another image of the selection.

        If a new evaluation removed this one from it, continue from its last place.
        """
        evaluation = self.snapshot.evaluation
        if evaluation is None or evaluation.subset != self._subset:
            return
        rows = self._selection.rows(evaluation)
        if len(rows):
            # The next image has moved up to the place of a removed one.
            place = self._place + by if self._update_place() else self._place - (by < 0)
            self._place = min(max(place, 0), len(rows) - 1)
            self.index = int(evaluation.indices[rows[self._place]])

    def _update_place(self) -> bool:
        """Update the place of the image in the selection; False if it is not in it."""
        evaluation = self.snapshot.evaluation
        row = row_of(evaluation, self._subset, self.index)
        if evaluation is None or row is None:
            return False
        places = np.flatnonzero(self._selection.rows(evaluation) == row)
        if len(places):
            self._place = int(places[0])
        return len(places) > 0


class LargePicture(LinePane, can_focus=False):
    """The image of `index` in `subset`, as large as fits."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    index: reactive[int] = reactive(0, repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

    def __init__(self, subset: str) -> None:
        super().__init__(id="portrait")
        self._subset = subset

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.run is not before.run:
            self.redraw()

    def watch_index(self) -> None:
        self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        run = self.snapshot.run
        self.set_border(f"Image #{self.index:,}")
        if run is None or width < 1 or height < 1:
            return []
        image = run.dataset.images(self._subset)[self.index]
        rows, columns = picture_size(image.shape, height, width)
        drawn = picture(image, (rows, columns), self.pictures, self.plain)
        left = Strip.blank((width - columns) // 2, self.plain)
        above = [styled(("", self.plain))] * ((height - rows) // 2)
        return above + [Strip.join([left, line]) for line in drawn]
