"""One image as large as fits, beside what the network says of it; training goes on behind it."""

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.strip import Strip

from core.history.snapshot import Snapshot
from core.inspection.image_selection import ImageSelection
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.text import styled
from tui.panes.image_facts import ImageFacts, row_of
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle


class ImageScreen(ModalScreen[tuple[int, Pictures]], PictureToggle):
    """Walks through the images of a choice. Left with the index of the last one seen and the
    kind of picture."""

    BINDINGS = [
        Binding("escape,q,enter", "leave", "Back", key_display="esc"),
        # With priority, or what is scrolled would take them.
        Binding("right", "go(1)", "Next image", priority=True),
        Binding("left", "go(-1)", "Previous image", priority=True),
        Binding("i", "pictures", "Kind of picture"),
        Binding("space,f5", "app.steer('run_or_pause')", "Run/pause"),
        Binding("s,f10", "app.steer('step')", "One batch"),
        Binding("e", "app.steer('epoch')", "To epoch's end"),
        Binding("b", "app.steer('back(1)')", "Batch back"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide")]

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    index: reactive[int] = reactive(0, repaint=False)

    def __init__(self, choice: ImageSelection, subset: str, index: int, pictures: Pictures) -> None:
        super().__init__()
        self._choice, self._subset, self._place = choice, subset, 0
        self.set_reactive(ImageScreen.index, index)
        self.set_reactive(ImageScreen.pictures, pictures)

    def compose(self) -> ComposeResult:
        bound = ImageScreen.snapshot, ImageScreen.index
        yield Portrait(self._subset).data_bind(*bound, ImageScreen.pictures)
        yield ImageFacts(self._choice, self._subset).data_bind(*bound)

    def on_mount(self) -> None:
        facts = self.query_one(ImageFacts)
        facts.border_subtitle = "← → others  i picture  space s e b train  Escape back"
        facts.focus()

    def action_leave(self) -> None:
        # A second press may arrive while the first is still closing it.
        if self.is_current:
            self.dismiss((self.index, self.pictures))

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation:
            self._find()

    def action_go(self, by: int) -> None:
        """To the next of the chosen images; if this one has left them, from where it last was."""
        evaluation = self.snapshot.evaluation
        if evaluation is None or evaluation.subset != self._subset:
            return
        rows = self._choice.rows(evaluation)
        if len(rows):
            # The one after it has moved up to the place of one that has left.
            place = self._place + by if self._find() else self._place - (by < 0)
            self._place = min(max(place, 0), len(rows) - 1)
            self.index = int(evaluation.indices[rows[self._place]])

    def _find(self) -> bool:
        """Notes the place of the image among the chosen; whether it is one of them."""
        evaluation = self.snapshot.evaluation
        row = row_of(evaluation, self._subset, self.index)
        if evaluation is None or row is None:
            return False
        places = np.flatnonzero(self._choice.rows(evaluation) == row)
        if len(places):
            self._place = int(places[0])
        return len(places) > 0


class Portrait(LinePane, can_focus=False):
    """The image of `index` in `part`, as large as fits."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    index: reactive[int] = reactive(0, repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.RAMP, repaint=False)

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
        self.set_border(self.pictures.value)
        if run is None or width < 1 or height < 1:
            return []
        image = run.dataset.images(self._subset)[self.index]
        rows, columns = picture_size(image.shape, height, width)
        drawn = picture(image, (rows, columns), self.pictures, self.plain)
        left = Strip.blank((width - columns) // 2, self.plain)
        above = [styled(("", self.plain))] * ((height - rows) // 2)
        return above + [Strip.join([left, line]) for line in drawn]
