"""The confusion matrix: which class is taken for which, on the watched images."""

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.history.snapshot import Snapshot
from core.metrics import Counts, confused, confusion_matrix, recall
from tui.drawing.bars import bar
from tui.drawing.matrix import Cell, Window, depths, figure, reading, worst
from tui.drawing.numbers import fit, percent
from tui.drawing.text import styled
from tui.panes.line_pane import LinePane

_LABEL, _CELL, _RECALL, _BAR = 11, 4, 7, 12  # cells wide
_BESIDE = 42  # what the most frequent mistakes need beside the matrix
_SHADES = 8
_MARK = Style(reverse=True)
_HERE = Style(bold=True, underline=True)


class Confusion(LinePane):
    """Images of each true class (row) by what the network said (column).

    The diagonal, what it got right, is bold; mistakes are shaded, the deeper the larger their
    share of the row. A cursor reads a cell in words; chosen, its images are asked for.
    """

    BINDING_GROUP_TITLE = "Confusion"
    HINT = "arrows cell  Enter its images  % percent"
    BINDINGS = [
        Binding("up", "move(-1, 0)", "Up", show=False),
        Binding("down", "move(1, 0)", "Down", show=False),
        Binding("left", "move(0, -1)", "Left", show=False),
        Binding("right", "move(0, 1)", "Right", show=False),
        Binding("enter", "choose", "Show these images", show=False),
    ]

    class Chosen(Message):
        """Someone wants to see the images truly of class `true` of which `said` was said."""

        def __init__(self, true: int, predicted: int) -> None:
            super().__init__()
            self.true, self.predicted = true, predicted

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    in_percent: reactive[bool] = reactive(False, repaint=False)
    cursor: reactive[Cell | None] = reactive(None, repaint=False)
    """Until the pane first has the keys: none, and the pair most often confused is marked."""

    def __init__(self) -> None:
        super().__init__("confusion", paint_order=3)
        self.border_title = "Confusion"
        self.tooltip = (
            "Each row is a true class, each column what the network said. "
            "Off the diagonal are the mistakes. Recall: the share of a class it recognised. "
            "Enter, or a second click, shows the images of a cell; % is counts or percent."
        )
        self._window = Window(0, 0, 0, 0)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation or self.redraw_pending:
            self.redraw_soon(2.0 if snapshot.full_speed else 0.0)

    def watch_in_percent(self) -> None:
        self.redraw()

    def watch_cursor(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        # From now on the cursor stays where it is, whatever is confused most.
        evaluation = self.snapshot.evaluation
        if evaluation is not None:
            self.cursor = self._at(confusion_matrix(evaluation))
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.x < _LABEL or offset.y < 1:
            return
        window, down, across = self._window, offset.y - 1, (offset.x - _LABEL) // _CELL
        if down < window.rows and across < window.columns:
            cell = (window.row + down, window.column + across)
            if cell == self.cursor:
                self.action_choose()
            self.cursor = cell

    def action_move(self, down: int, across: int) -> None:
        evaluation = self.snapshot.evaluation
        if evaluation is not None:
            counts = confusion_matrix(evaluation)
            row, column = self._at(counts)
            last = len(counts) - 1
            self.cursor = (min(max(row + down, 0), last), min(max(column + across, 0), last))

    def action_choose(self) -> None:
        if self.cursor is not None and self.snapshot.evaluation is not None:
            self.post_message(self.Chosen(*self.cursor))

    def action_percent(self) -> None:
        """Counts of images, or percent of the row."""
        self.in_percent = not self.in_percent

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        if evaluation is None or run is None:
            self.set_border("Confusion")
            self._window = Window(0, 0, 0, 0)
            return [styled(("Nothing has been evaluated yet.", self.muted))]
        names = run.dataset.class_names
        counts = confusion_matrix(evaluation)
        at = self._at(counts)
        room = (height - 1, (width - _LABEL - _RECALL) // _CELL)
        self._window = window = self._window.around(at, len(names), room)
        self._say(evaluation.subset, evaluation.step, counts, names, at)

        matrix = self._heads(names, at) + self._rows(counts, names, at)
        spare = width - matrix[0].cell_length
        if spare >= _BAR:
            spare -= _BAR
            recalls = recall(counts)[window.row :]
            bars = ["", *(f"  {bar(share, _BAR - 2)}" for share in recalls)]
            matrix = [
                Strip.join([line, styled((f"{drawn:{_BAR}}", self.muted))])
                for line, drawn in zip(matrix, bars, strict=False)
            ]
        told = worst(counts, names, 5)
        if spare >= _BESIDE:
            blank = Strip.blank(matrix[0].cell_length, self.plain)
            matrix += [blank] * (len(told) - len(matrix))
            for line, words in enumerate(told):
                matrix[line] = Strip.join([matrix[line], styled((f"    {words}", self.plain))])
        elif height - len(matrix) >= 2:
            told = [""] * (height - len(matrix) > len(told)) + told
            matrix += [styled((f" {words}", self.plain)) for words in told[: height - len(matrix)]]
        return matrix

    def _at(self, counts: Counts) -> Cell:
        """Where the cursor is, or would be."""
        last = len(counts) - 1
        if self.cursor is not None:
            return min(self.cursor[0], last), min(self.cursor[1], last)
        return next(iter(confused(counts)), (0, 0))

    def _say(self, part: str, step: int, counts: Counts, names: tuple[str, ...], at: Cell) -> None:
        """What is shown, and the cursor's cell in words, in the border."""
        window, classes = self._window, len(names)
        unit = "row %" if self.in_percent else "counts"
        whole = window.rows == window.columns == classes
        images = f" {counts.sum():,} images," if whole else ""
        title = f"Confusion  {part},{images} step {step:,}, {unit}"
        if not whole:
            title += f", {window.rows}×{window.columns} of {classes}×{classes} cells"
        self.set_border(title, reading(counts, names, at))

    def _heads(self, names: tuple[str, ...], at: Cell) -> list[Strip]:
        muted, first = self.muted, self._window.column
        segments = [Segment("true \\ said".rjust(_LABEL), muted)]
        for column in range(first, first + self._window.columns):
            head = fit(names[column][: _CELL - 1], _CELL)
            segments += _label(head, muted, column == at[1])
        return [Strip([*segments, Segment("recall".rjust(_RECALL), muted)])]

    def _rows(self, counts: Counts, names: tuple[str, ...], at: Cell) -> list[Strip]:
        window, plain = self._window, self.plain
        mark = _MARK if self.has_focus else _HERE
        shades = [self._tint("error", 0.75 * depth / (_SHADES - 1)) for depth in range(_SHADES)]
        right = self._tint("primary", 0.4) + Style(bold=True)
        shade, recalls = depths(counts, _SHADES), recall(counts)
        lines = []
        for row in range(window.row, window.row + window.rows):
            segments = _label(fit(names[row], _LABEL), plain, row == at[0])
            for column in range(window.column, window.column + window.columns):
                cell = (row, column)
                style = right if row == column else shades[shade[cell]]
                words = f"{figure(counts, cell, self.in_percent):>{_CELL}}"
                segments.append(Segment(words, style + mark if cell == at else style))
            share = "–" if np.isnan(recalls[row]) else percent(float(recalls[row]))
            lines.append(Strip([*segments, Segment(f"{share:>{_RECALL}}", self.muted)]))
        return lines

    def _tint(self, color: str, depth: float) -> Style:
        """Text that can be read on the pane's background blended with a colour of the theme."""
        background = self.background_colors[1].blend(self.color(color), depth)
        ink = background.get_contrast_text(0.9)
        return self.plain + Style(bgcolor=background.rich_color, color=ink.rich_color)


def _label(name: str, style: Style, here: bool) -> list[Segment]:
    """A name that was fitted; marked, but for the space before it, where the cursor is."""
    word = name.lstrip()
    space = name.removesuffix(word)
    return [Segment(space, style), Segment(word, style + _HERE if here else style)]
