"""One image as large as fits, beside what the network predicts for it.

Training continues behind it. An image that was not evaluated, such as one of the training set, is
classified by the network as it is now.
"""

from typing import Protocol

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen
from textual.strip import Strip

from core.history.snapshot import Snapshot
from core.types import Bytes
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.text import styled
from tui.panes.browsed import Browsed
from tui.panes.image_facts import ImageFacts, row_of
from tui.panes.key_bar import KeyBar
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle
from tui.screens.bindings import STEERING

_INTERVAL = 0.25  # seconds between two looks whether the network has changed


class ImageTasks(Protocol):
    """What can be done with an enlarged image: that of `index` in `subset`."""

    def classify(self, picture: Bytes) -> None:
        """Requests the classification of a picture, which comes with a snapshot."""

    def draw_on(self, subset: str, index: int) -> None:
        """Opens the drawing board with the image."""

    def examine_image(self, kind: str, subset: str, index: int) -> None:
        """Opens an examination of the image: "adversarial", "best" or "why"."""

    def toggle_doubtful(self, subset: str, index: int) -> None:
        """Marks the image as doubtful, or unmarks it."""

    def action_go_to(self) -> None:
        """Asks where to go."""


class ImageScreen(ModalScreen[int], PictureToggle):
    """Browses some images of `subset`. Its result is the index of the last image.

    training: the screen whose `snapshot` and `doubtful` it follows. browsed: which images, and in
    which order. tasks: what can be done with them.
    """

    BINDINGS = [
        Binding("escape,q,enter", "leave", "Close", key_display="esc"),
        # With priority, or a scrollable pane would handle them.
        Binding("right", "go(1)", "Next image", priority=True, show=False),
        Binding("left", "go(-1)", "Previous image", priority=True, show=False),
        Binding("a", "examine('adversarial')", "Adversarial example"),
        Binding("y", "examine('why')", "Why"),
        Binding("c", "examine('best')", "Best of its class"),
        Binding("d", "doubtful", "Doubtful"),
        Binding("i", "pictures", "Half-blocks or ASCII"),
        Binding("p", "draw", "Draw on it"),
        Binding("g", "go_to", "Go to", show=False),
        *STEERING,
        Binding("question_mark,f1", "app.help_on('Images')", "Help", key_display="?"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide")]

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    doubtful: reactive[frozenset[int]] = reactive(frozenset[int](), repaint=False)
    index: reactive[int] = reactive(0, repaint=False)

    def __init__(
        self,
        training: Screen[None],
        browsed: Browsed,
        subset: str,
        index: int,
        tasks: ImageTasks,
    ) -> None:
        super().__init__()
        self._training, self._tasks = training, tasks
        self.set_reactive(ImageScreen.snapshot, training.snapshot)  # type: ignore[attr-defined]
        self._browsed, self._subset, self._place = browsed, subset, 0
        self._asked: object = None  # the image and the state of the run at the latest request
        self.set_reactive(ImageScreen.index, index)

    def compose(self) -> ComposeResult:
        bound = ImageScreen.snapshot, ImageScreen.index
        yield LargePicture(self._subset).data_bind(*bound, ImageScreen.pictures)
        yield ImageFacts(self._browsed, self._subset).data_bind(*bound, ImageScreen.doubtful)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ImageFacts).focus()
        self.watch(self._training, "snapshot", self._follow)
        self.watch(self._training, "doubtful", self._follow_doubtful)
        self._update_place()
        self._ask()
        self.set_interval(_INTERVAL, self._ask)

    def action_leave(self) -> None:
        self.dismiss(self.index)

    def action_draw(self) -> None:
        self._tasks.draw_on(self._subset, self.index)

    def action_examine(self, kind: str) -> None:
        self._tasks.examine_image(kind, self._subset, self.index)

    def action_doubtful(self) -> None:
        self._tasks.toggle_doubtful(self._subset, self.index)

    def action_go_to(self) -> None:
        self._tasks.action_go_to()

    def _follow(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def _follow_doubtful(self, doubtful: frozenset[int]) -> None:
        self.doubtful = doubtful

    def watch_index(self) -> None:
        if self.is_mounted:
            self._ask()

    def _ask(self) -> None:
        """Requests a prediction for an image that was not evaluated, if there is none yet.

        Not under another screen, which may have requests of its own, or during a long task.
        """
        now, run = self.snapshot, self.snapshot.run
        state = self.index, run, now.steps, now.move_count
        # Not `is_current`, which is also true of a screen that is covered by another one.
        waits = self.app.screen is not self or now.progress is not None
        if run is None or waits or row_of(now.evaluation, self._subset, self.index) is not None:
            return
        images, found = run.dataset.images(self._subset), now.classification
        if self.index < len(images):
            image = images[self.index]
            is_known = found is not None and np.array_equal(found.picture, image)
            if state != self._asked or not is_known:  # it may be of the drawing board
                self._asked = state
                self._tasks.classify(image)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation:
            self._update_place()

    def action_go(self, by: int) -> None:
        """Show another image of the selection.

        If a new evaluation removed this one from it, continue from its last place.
        """
        indices = self._browsed.indices(self.snapshot, self._subset)
        if len(indices):
            # The next image has moved up to the place of a removed one.
            place = self._place + by if self._update_place() else self._place - (by < 0)
            self._place = min(max(place, 0), len(indices) - 1)
            index = int(indices[self._place])
            if index == self.index:
                which = "last" if by > 0 else "first"
                self.query_one(ImageFacts).notify_end(f"This is the {which} image of the list.")
            self.index = index

    def _update_place(self) -> bool:
        """Update the place of the image in the selection; False if it is not in it."""
        places = np.flatnonzero(self._browsed.indices(self.snapshot, self._subset) == self.index)
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
        self.set_border(f"Image #{self.index}")
        known = run is not None and self.index < len(run.dataset.images(self._subset))
        if run is None or not known or width < 1 or height < 1:
            return []
        image = run.dataset.images(self._subset)[self.index]
        rows, columns = picture_size(image.shape, height, width)
        drawn = picture(image, (rows, columns), self.pictures, self.plain)
        left = Strip.blank((width - columns) // 2, self.plain)
        above = [styled(("", self.plain))] * ((height - rows) // 2)
        return above + [Strip.join([left, line]) for line in drawn]
