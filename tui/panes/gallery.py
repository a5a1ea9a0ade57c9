"""The garments that the network gets wrong, or right, as pictures to walk through."""

import numpy as np
from rich.cells import set_cell_size
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Evaluation
from core.history.snapshot import Snapshot
from core.inspection.image_selection import ImageSelection
from core.types import Indices
from tui.drawing.bars import bar
from tui.drawing.numbers import percent
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.text import styled
from tui.drawing.tile_grid import TileGrid
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle

_ROWS, _COLUMNS = 14, 28  # of a picture: the pixels of Fashion-MNIST, in half-blocks
_CAPTION = 2  # lines
_BAR = 5


class Gallery(LinePane, PictureToggle):
    """As many of the chosen images as fit, further ones on further pages; one is selected."""

    BINDING_GROUP_TITLE = "Images"
    HINT = "arrows choose  Enter enlarge  m which  o order  i picture"
    # Not in the footer, where in 80 columns they would push the others out.
    BINDINGS = [
        Binding("right", "move(1)", "Next image", show=False),
        Binding("left", "move(-1)", "Previous image", show=False),
        Binding("down", "row(1)", "Image below", show=False),
        Binding("up", "row(-1)", "Image above", show=False),
        Binding("pagedown", "page(1)", "Next page", show=False),
        Binding("pageup", "page(-1)", "Previous page", show=False),
        Binding("home", "end(0)", "First image", show=False),
        Binding("end", "end(-1)", "Last image", show=False),
        Binding("enter", "open", "Enlarge", show=False),
        Binding("escape", "mistakes", "All mistakes", show=False),
    ]

    class Opened(Message):
        """Someone wants to see one image of `choice` closer: the one of this index in `part`."""

        def __init__(
            self, choice: ImageSelection, subset: str, index: int, pictures: Pictures
        ) -> None:
            super().__init__()
            self.choice, self.subset, self.index, self.pictures = choice, subset, index, pictures

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    choice: reactive[ImageSelection] = reactive(ImageSelection(), repaint=False)
    place: reactive[int] = reactive(0, repaint=False)
    """Of the selected image, among the chosen; a new evaluation may put another one there."""

    def __init__(self) -> None:
        super().__init__("gallery", paint_order=4)
        self.border_title = "Mistakes"
        self.tooltip = (
            "Images of the watched set, with the probabilities that the network gave. "
            "Enter, or a second click, enlarges the selected one. "
            "m: mistakes, recognised, all. c: one class. o: order. i: kind of picture."
        )
        self._grid = TileGrid()

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation or self.redraw_pending:
            self.redraw_soon(2.0 if snapshot.full_speed else 0.0)

    def watch_choice(self) -> None:
        self.redraw()

    def watch_place(self) -> None:
        self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        count = len(self._rows)
        page = self._grid.page(self._at(count), count)
        place = self._grid.hit(offset.x, offset.y + self.scroll_offset.y, page)
        if place is not None and place == self._at(count):
            self.action_open()
        elif place is not None:
            self.place = place

    def show(self, choice: ImageSelection) -> None:
        """Shows the first of these images."""
        self.choice, self.place = choice, 0

    def come_back(self, seen: tuple[int, Pictures] | None) -> None:
        """Selects the image of this index, if it is still one of the chosen."""
        evaluation = self.snapshot.evaluation
        if seen is not None and evaluation is not None:
            index, self.pictures = seen
            indices = evaluation.indices[self._rows].tolist()
            if index in indices:
                self.place = indices.index(index)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # With all mistakes shown already, Escape is left to the screen.
        return action != "mistakes" or self.choice != ImageSelection(order=self.choice.order)

    def action_mistakes(self) -> None:
        self.show(ImageSelection(order=self.choice.order))

    def action_kind(self) -> None:
        self.show(self.choice.next_kind())

    def action_order(self) -> None:
        self.show(self.choice.next_order())

    def action_label(self, by: int) -> None:
        run = self.snapshot.run
        if run is not None:
            self.show(self.choice.next_label(by, len(run.dataset.class_names)))

    def action_move(self, by: int) -> None:
        count = len(self._rows)
        self.place = self._grid.move(self._at(count), by, count)

    def action_row(self, by: int) -> None:
        count = len(self._rows)
        self.place = self._grid.move_row(self._at(count), by, count)

    def action_page(self, by: int) -> None:
        count = len(self._rows)
        self.place = self._grid.move_page(self._at(count), by, count)

    def action_end(self, place: int) -> None:
        self.place = place % max(len(self._rows), 1)

    def action_open(self) -> None:
        evaluation, rows = self.snapshot.evaluation, self._rows
        if evaluation is not None and len(rows):
            index = int(evaluation.indices[rows[self._at(len(rows))]])
            self.post_message(self.Opened(self.choice, evaluation.subset, index, self.pictures))

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        if evaluation is None or run is None:
            self.set_border("Mistakes")
            return [styled(("Nothing has been evaluated yet.", self.muted))]
        data = run.dataset
        images = data.images(evaluation.subset)
        size = picture_size(
            images.shape[1:], min(_ROWS, max(1, height - _CAPTION)), min(_COLUMNS, width)
        )
        tile = min(_COLUMNS, width)
        self._grid = TileGrid.fit((width, height), (tile, size[0] + _CAPTION))

        rows, names = self._rows, data.class_names
        page = self._grid.page(self._at(len(rows)), len(rows))
        self._say(evaluation, names, page, len(rows))
        if not page:
            return [styled((self.choice.why_empty(evaluation, names), self.plain))]
        tiles = []
        for at in page:
            row = int(rows[at])
            image = images[evaluation.indices[row]]
            drawn = picture(image, size, self.pictures, self.plain)
            selected = at == self._at(len(rows))
            tiles.append(
                [line.adjust_cell_length(tile, self.plain) for line in drawn]
                + self._caption(evaluation, row, names, tile, selected)
            )
        return self._grid.lines(tiles, self.plain)

    @property
    def _rows(self) -> Indices:
        """Rows of the evaluation that are chosen."""
        evaluation = self.snapshot.evaluation
        return np.empty(0, np.intp) if evaluation is None else self.choice.rows(evaluation)

    def _at(self, count: int) -> int:
        """The selected one of so many."""
        return min(self.place, max(count - 1, 0))

    def _say(self, evaluation: Evaluation, names: tuple[str, ...], page: range, of: int) -> None:
        """What is shown, in the border."""
        what = self.choice.describe(names)
        places = f"{page.start + 1:,}–{page.stop:,}, {self.choice.order.value}, " if page else ""
        back = " · Esc: all" if self.check_action("mistakes", ()) else ""
        self.set_border(
            f"{what[0].upper()}{what[1:]}: {of:,} on {evaluation.subset}",
            f"{places}step {evaluation.step:,}{back}",
        )

    def _caption(
        self, evaluation: Evaluation, row: int, names: tuple[str, ...], width: int, selected: bool
    ) -> list[Strip]:
        """What was said and what is true, with their probabilities."""
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
            ("▶" if selected else " ", "said", predicted, strong),
            (" ", "true", label, plain),
        ):
            share = float(probabilities[of])
            figures = f" {percent(share):>4}"
            if width >= _COLUMNS:
                figures = f" {bar(share, _BAR)}{figures}"
            if word == "true" and predicted == label:
                figures = "✓".rjust(len(figures))
            name = set_cell_size(names[of], max(0, width - 6 - len(figures)))
            lines.append(styled((f"{sign}{word} ", muted), (name, style), (figures, muted)))
        return [line.adjust_cell_length(width, plain) for line in lines]
