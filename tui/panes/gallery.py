"""A gallery of evaluated images: the mistakes, the correct ones or all."""

from functools import partial

import numpy as np
from rich.cells import set_cell_size
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
from tui.drawing.bars import bar
from tui.drawing.numbers import percent
from tui.drawing.pictures import Pictures
from tui.drawing.text import styled
from tui.panes.image_pages import COLUMNS, PAGE_BINDINGS, ImagePages

_CAPTION = 2  # lines
_BAR = 5


class Gallery(ImagePages):
    """Shows as many images of a selection as fit, in pages, with a cursor on one of them."""

    BINDING_GROUP_TITLE = "Images"
    HINT = "arrows select  Enter enlarge  m filter  o order  i picture"
    BINDINGS = [
        *PAGE_BINDINGS,
        Binding("escape", "mistakes", "All mistakes", show=False),
    ]

    class Opened(Message):
        """Request to enlarge one image of `selection`: that of this index in `subset`."""

        def __init__(
            self, selection: ImageSelection, subset: str, index: int, pictures: Pictures
        ) -> None:
            super().__init__()
            self.selection, self.subset = selection, subset
            self.index, self.pictures = index, pictures

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    selection: reactive[ImageSelection] = reactive(ImageSelection(), repaint=False)

    def __init__(self) -> None:
        super().__init__("gallery", paint_order=4)
        self.border_title = "Mistakes"
        self.tooltip = (
            "Images of the last evaluation, with the predicted class (pred), the true class and "
            "the predicted probability of each. Enter or a second click enlarges an image. "
            "m: mistakes, correct or all images. c: one class. o: order. "
            "i: half-blocks or characters."
        )

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation or self.redraw_pending:
            self.redraw_soon(2.0 if snapshot.full_speed else 0.0)

    def watch_selection(self) -> None:
        self.redraw()

    def show(self, selection: ImageSelection) -> None:
        """Show these images, from the first one."""
        self.selection, self.place = selection, 0

    def restore(self, last_seen: tuple[int, Pictures] | None) -> None:
        """Move the cursor to the image of this index, if it is still shown."""
        evaluation = self.snapshot.evaluation
        if last_seen is not None and evaluation is not None:
            index, self.pictures = last_seen
            indices = evaluation.indices[self.rows].tolist()
            if index in indices:
                self.place = indices.index(index)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # If all mistakes are shown already, the screen handles Escape.
        return action != "mistakes" or self.selection != ImageSelection(order=self.selection.order)

    def action_mistakes(self) -> None:
        self.show(ImageSelection(order=self.selection.order))

    def action_kind(self) -> None:
        self.show(self.selection.next_kind())

    def action_order(self) -> None:
        self.show(self.selection.next_order())

    def action_label(self, by: int) -> None:
        run = self.snapshot.run
        if run is not None:
            self.show(self.selection.next_label(by, len(run.dataset.class_names)))

    def action_open(self) -> None:
        evaluation, rows = self.snapshot.evaluation, self.rows
        if evaluation is not None and len(rows):
            index = int(evaluation.indices[rows[self.cursor]])
            self.post_message(self.Opened(self.selection, evaluation.subset, index, self.pictures))

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        if evaluation is None or run is None:
            self.set_border("Mistakes")
            return [styled(("No evaluation yet.", self.muted))]
        data = run.dataset
        images = data.images(evaluation.subset)
        rows, names = self.rows, data.class_names
        page = self.lay_out(width, height, images.shape[1:], _CAPTION)
        self._write_border(evaluation, names, page, len(rows))
        if not page:
            return [styled((self.selection.why_empty(evaluation, names), self.plain))]
        shown = images[evaluation.indices[rows[page.start : page.stop]]]
        return self.draw_page(page, shown, partial(self._caption, evaluation, names))

    @property
    def rows(self) -> Indices:
        evaluation = self.snapshot.evaluation
        return np.empty(0, np.intp) if evaluation is None else self.selection.rows(evaluation)

    def _write_border(
        self, evaluation: Evaluation, names: tuple[str, ...], page: range, of: int
    ) -> None:
        """Describe the images in the border."""
        what, total = self.selection.describe(names), len(evaluation.labels)
        places = f"{page.start + 1:,}–{page.stop:,}, {self.selection.order.value}, " if page else ""
        back = " · Escape: all mistakes" if self.check_action("mistakes", ()) else ""
        self.set_border(
            f"{capitalized(what)}: {of:,} of {total:,} on {evaluation.subset}",
            f"{places}step {evaluation.step:,}{back}",
        )

    def _caption(
        self, evaluation: Evaluation, names: tuple[str, ...], row: int, width: int, selected: bool
    ) -> list[Strip]:
        """The predicted and the true class with their predicted probabilities."""
        probabilities, label = evaluation.probabilities[row], int(evaluation.labels[row])
        predicted = int(probabilities.argmax())
        plain, muted = self.plain, self.muted
        strong = plain + Style(bold=True)
        if predicted != label:
            strong += self.blended("text-error")
        if selected and self.has_focus:
            plain = muted = strong = self.plain + Style(reverse=True, bold=True)
        lines = []
        for sign, word, of, style in (
            ("▶" if selected else " ", "pred", predicted, strong),
            (" ", "true", label, plain),
        ):
            share = float(probabilities[of])
            figures = f" {percent(share):>4}"
            if width >= COLUMNS:
                figures = f" {bar(share, _BAR)}{figures}"
            if word == "true" and predicted == label:
                figures = "✓".rjust(len(figures))
            name = set_cell_size(names[of], max(0, width - 6 - len(figures)))
            lines.append(styled((f"{sign}{word} ", muted), (name, style), (figures, muted)))
        return [line.adjust_cell_length(width, plain) for line in lines]
