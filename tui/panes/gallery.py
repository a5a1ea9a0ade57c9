"""A gallery of evaluated images: the mistakes, the correct ones or all."""

from functools import partial

import numpy as np
from rich.style import Style
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Evaluation
from core.history.image_selection import ImageSelection
from core.history.snapshot import Snapshot
from core.text import capitalized
from core.types import Indices
from tui.drawing.captions import ONE_LINE, TWO_LINES, caption
from tui.drawing.text import longest, styled
from tui.panes.image_pages import (
    FULL,
    NO_IMAGES,
    PAGE_BINDINGS,
    THUMBNAIL,
    ImagePages,
    PageLayout,
)
from tui.preferences import Preferences, follow, remember


class Gallery(ImagePages):
    """Shows as many images of a selection as fit, in pages, with a cursor on one of them."""

    BINDING_GROUP_TITLE = "Images"
    BINDINGS = [
        *PAGE_BINDINGS,
        Binding("p", "draw", "Draw on the image", show=False),
        Binding("escape", "mistakes", "All mistakes", show=False),
    ]

    class Opened(Message):
        """Request to enlarge one image of `selection`: that of this index in `subset`."""

        def __init__(self, selection: ImageSelection, subset: str, index: int) -> None:
            super().__init__()
            self.selection, self.subset, self.index = selection, subset, index

    class DrawRequested(Message):
        """Request to open the drawing board with the image of this index in `subset`."""

        def __init__(self, subset: str, index: int) -> None:
            super().__init__()
            self.subset, self.index = subset, index

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    selection: reactive[ImageSelection] = reactive(ImageSelection(), repaint=False)
    thumbnails: reactive[bool] = reactive(True, repaint=False)

    def __init__(self) -> None:
        super().__init__("gallery", paint_order=4)
        self.border_title = "Mistakes"
        self.tooltip = (
            "Images of the last evaluation: the true class → the predicted class and its "
            "probability. Enter or a second click enlarges an image. z: thumbnails or full size. "
            "m: mistakes, correct or all images. c: one class. o: order. "
            "i: half-blocks or characters."
        )

    @property
    def HINT(self) -> str:  # noqa: N802
        """The keys for the key bar; fewer if there is no image to select."""
        if not len(self.rows):
            return "z size  m filter"
        return "arrows select  Enter enlarge  z size  m filter  o order  i picture"

    def on_mount(self) -> None:
        follow(self, self._follow_preferences)

    def _follow_preferences(self, preferences: Preferences) -> None:
        self.thumbnails = preferences.thumbnails

    def watch_thumbnails(self) -> None:
        self.redraw()

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation or self.redraw_pending:
            self.redraw_soon(3.0 if snapshot.full_speed else 0.0)
            self.update_hint()

    def watch_selection(self) -> None:
        self.redraw()
        self.update_hint()

    def show(self, selection: ImageSelection) -> None:
        """Show these images, from the first one."""
        self.selection, self.place = selection, 0

    def select(self, index: int | None) -> None:
        """Move the cursor to the image of this index, if it is shown."""
        evaluation = self.snapshot.evaluation
        if index is not None and evaluation is not None:
            indices = evaluation.indices[self.rows].tolist()
            if index in indices:
                self.place = indices.index(index)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # If all mistakes are shown already, the screen handles Escape.
        if action == "mistakes":
            return self.selection != ImageSelection(order=self.selection.order)
        return super().check_action(action, parameters)

    def action_mistakes(self) -> None:
        self.show(ImageSelection(order=self.selection.order))

    def action_kind(self) -> None:
        self.show(self.selection.next_kind())

    def action_order(self) -> None:
        if self._has_images():
            self.show(self.selection.next_order())

    def action_label(self, by: int) -> None:
        run = self.snapshot.run
        if run is not None:
            self.show(self.selection.next_label(by, len(run.dataset.class_names)))

    def _has_images(self) -> bool:
        """Whether there are any; if not, says so."""
        if not len(self.rows):
            self.notify_end(NO_IMAGES)
        return len(self.rows) > 0

    def action_open(self) -> None:
        evaluation, rows = self.snapshot.evaluation, self.rows
        if self._has_images() and evaluation is not None:
            index = int(evaluation.indices[rows[self.cursor]])
            self.post_message(self.Opened(self.selection, evaluation.subset, index))

    def action_draw(self) -> None:
        evaluation, rows = self.snapshot.evaluation, self.rows
        if self._has_images() and evaluation is not None:
            index = int(evaluation.indices[rows[self.cursor]])
            self.post_message(self.DrawRequested(evaluation.subset, index))

    def action_thumbnails(self) -> None:
        """Switch between thumbnails and full size, of units too."""
        remember(self, thumbnails=not self.thumbnails)

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        if evaluation is None or run is None:
            self.set_border("Mistakes")
            return [styled(("No evaluation yet.", self.muted))]
        data = run.dataset
        images = data.images(evaluation.subset)
        # One line is easier to read; two need less width, and so can show more images.
        picture = THUMBNAIL if self.thumbnails else FULL
        one, two = PageLayout(picture, (1, ONE_LINE)), PageLayout(picture, (2, TWO_LINES))
        layouts = (one, two) if width >= ONE_LINE else (two,)
        lines, _ = self.lay_out(width, height, images.shape[1:], *layouts).caption
        rows, names, page = self.rows, data.class_names, self.page
        self._write_border(evaluation, names, page, len(rows))
        if not page:
            return [styled((self.selection.why_empty(evaluation, names), self.plain))]
        shown = images[evaluation.indices[rows[page.start : page.stop]]]
        return self.draw_page(page, shown, partial(self._caption, evaluation, names, lines))

    @property
    def rows(self) -> Indices:
        evaluation = self.snapshot.evaluation
        return np.empty(0, np.intp) if evaluation is None else self.selection.rows(evaluation)

    def _write_border(
        self, evaluation: Evaluation, names: tuple[str, ...], page: range, of: int
    ) -> None:
        """Describe the images in the border."""
        what, total = self.selection.describe(names), len(evaluation.labels)
        room, subset = self.size.width - 4, evaluation.subset
        counts = f"{capitalized(what)}: {of:,} of {total:,}"
        title = longest([f"{counts} on {subset}", counts, counts.partition(" of ")[0]], room)
        step = f"step {evaluation.step:,}"
        if not page:
            self.set_border(title, step)
            return
        back = " · Escape: all mistakes" if self.check_action("mistakes", ()) else ""
        places, order = f"{page.start + 1:,}–{page.stop:,}", self.selection.order.value
        forms = [f"{places}, {order}, {step}{back}", f"{places}, {order}, {step}"]
        self.set_border(title, longest([*forms, f"{places}, {step}"], room))

    def _caption(
        self,
        evaluation: Evaluation,
        names: tuple[str, ...],
        lines: int,
        row: int,
        width: int,
        selected: bool,
    ) -> list[Strip]:
        """The true and the predicted class; a sign before them marks the selected image."""
        probabilities, label = evaluation.probabilities[row], int(evaluation.labels[row])
        predicted = int(probabilities.argmax())
        wrong = None if predicted == label else names[predicted]
        share = float(probabilities[predicted])
        true, *verdict = caption(names[label], wrong, share, width, lines, self.glyphs)
        plain = self.plain
        strong = plain if wrong is None else plain + self.blended("text-error")
        if selected:
            plain = strong = self.plain + Style(reverse=self.has_focus, bold=True)
        drawn = [styled((f"{'▶' if selected else ' '}{true}", plain))]
        drawn += [styled((line, strong)) for line in verdict]
        return [line.adjust_cell_length(width, plain) for line in drawn]
