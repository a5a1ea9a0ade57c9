"""The confusion matrix of the last evaluation: true against predicted classes."""

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
from tui.drawing.matrix import (
    Cell,
    Window,
    abbreviations,
    cell_text,
    describe_cell,
    most_confused,
    shade_levels,
)
from tui.drawing.numbers import fit, percent
from tui.drawing.text import longest, styled
from tui.panes.line_pane import LinePane
from tui.preferences import Preferences, follow, remember

_LABEL, _WIDE_CELL, _CELL, _NARROW_CELL, _RECALL, _BAR = 11, 5, 4, 3, 7, 12  # widths in cells
_BESIDE = 42  # the width that the list of mistakes needs beside the matrix
_SHADES = 8
_CORRECT = 0.6  # of the color of correct predictions: less would be gray in 256 colors
_FOCUSED_CURSOR = Style(reverse=True)
_CURSOR = Style(bold=True, underline=True)


class Confusion(LinePane):
    """Counts of images by true class (rows) and predicted class (columns).

    The diagonal, the correct predictions, is bold. Mistakes are shaded by their share of the row.
    The border describes the cell at the cursor; Enter shows its images.
    """

    BINDING_GROUP_TITLE = "Confusion matrix"
    BINDINGS = [
        Binding("up", "move(-1, 0)", "Cursor up", show=False),
        Binding("down", "move(1, 0)", "Cursor down", show=False),
        Binding("left", "move(0, -1)", "Cursor left", show=False),
        Binding("right", "move(0, 1)", "Cursor right", show=False),
        Binding("enter", "choose", "Show the images of the cell", show=False),
    ]

    class Chosen(Message):
        """Request to show the images of class `true` that are predicted as `predicted`."""

        def __init__(self, true: int, predicted: int) -> None:
            super().__init__()
            self.true, self.predicted = true, predicted

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    in_percent: reactive[bool] = reactive(False, repaint=False)
    cursor: reactive[Cell | None] = reactive(None, repaint=False)
    """None while the pane is not focused; then the most frequent mistake is marked. A cell that the
    user has moved to stays."""

    def __init__(self) -> None:
        super().__init__("confusion", paint_order=3)
        self.border_title = "Confusion"
        self.tooltip = (
            "Rows are true classes, columns predicted classes; mistakes are off the diagonal. "
            "Recall: the share of the images of a class that are predicted correctly. "
            "Enter or a second click shows the images of a cell. "
            "%: counts or percent of the row, whose diagonal is the recall."
        )
        self._window = Window(0, 0, 0, 0)
        self._is_moved = False  # the cursor, by the user, in this run
        self._cell = _CELL
        self._counts_fit = True

    @property
    def HINT(self) -> str:  # noqa: N802
        """The keys for the key bar; without % where counts do not fit."""
        return f"arrows cell  Enter its images{'  % percent' if self._counts_fit else ''}"

    def on_mount(self) -> None:
        follow(self, self._follow_preferences)

    def _follow_preferences(self, preferences: Preferences) -> None:
        self.in_percent = preferences.percent

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.run is not before.run:
            self.cursor, self._is_moved = None, False
        if snapshot.evaluation is not before.evaluation or self.redraw_pending:
            self.redraw_soon(3.0 if snapshot.full_speed else 0.0)

    def watch_in_percent(self) -> None:
        self.redraw()

    def watch_cursor(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        # While the pane has the focus, the cursor stays, whichever mistake is the most frequent.
        evaluation = self.snapshot.evaluation
        if evaluation is not None:
            self.cursor = self._at(confusion_matrix(evaluation))
        self.redraw()

    def on_blur(self) -> None:
        if not self._is_moved:
            self.cursor = None
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.x < _LABEL or offset.y < 1:
            return
        window, down, across = self._window, offset.y - 1, (offset.x - _LABEL) // self._cell
        if down < window.rows and across < window.columns:
            cell = (window.row + down, window.column + across)
            if cell == self.cursor:
                self.action_choose()
            self.cursor, self._is_moved = cell, True

    def action_move(self, down: int, across: int) -> None:
        evaluation = self.snapshot.evaluation
        if evaluation is not None:
            counts = confusion_matrix(evaluation)
            row, column = self._at(counts)
            last = len(counts) - 1
            cell = min(max(row + down, 0), last), min(max(column + across, 0), last)
            if cell == (row, column):
                self.notify_end("The cursor is at the edge of the matrix.")
            self.cursor, self._is_moved = cell, True
        else:
            self.notify_end("There is no evaluation yet.")

    def action_choose(self) -> None:
        if self.snapshot.evaluation is None:
            self.notify_end("There is no evaluation yet.")
        else:
            self.post_message(self.Chosen(*self._at(confusion_matrix(self.snapshot.evaluation))))

    def action_percent(self) -> None:
        """Switch between counts of images and percent of the row, or say why not."""
        if self._counts_fit or not self.is_on_screen:
            remember(self, percent=not self.in_percent)
        else:
            self.notify("Counts do not fit in this pane. Press 2 and f to show it full screen.")

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        if evaluation is None or run is None:
            self.set_border("Confusion")
            self._window = Window(0, 0, 0, 0)
            return [styled(("No evaluation yet.", self.muted))]
        names = run.dataset.class_names
        counts = confusion_matrix(evaluation)
        at = self._at(counts)
        across, classes = width - _LABEL, len(names)
        narrow = _NARROW_CELL * classes <= across < _CELL * classes
        self._cell = _NARROW_CELL if narrow else _CELL
        self._counts_fit = not narrow or counts.max() < 10 ** (_NARROW_CELL - 1)
        in_percent = self.in_percent or not self._counts_fit
        self.call_later(self.update_hint)
        if not in_percent and counts.max() >= 1000 and _WIDE_CELL * classes <= across:
            self._cell = _WIDE_CELL
        fits = self._cell * classes <= across
        room = (height - 1, classes if fits else (across - _RECALL) // self._cell)
        self._window = window = self._window.around(at, classes, room)
        self._write_border(evaluation.subset, evaluation.step, counts, names, at, in_percent)

        matrix = self._heads(names, at) + self._rows(counts, names, at, in_percent)
        spare = width - matrix[0].cell_length
        if spare >= _RECALL:
            spare -= _RECALL
            matrix = self._with_recall(matrix, counts)
        elif in_percent:
            words = "Percent of each row; diagonal: recall"
            if narrow and (counts == counts.sum(axis=1, keepdims=True)).any():
                words = longest(
                    [
                        f"{words}; ✓ and × mean 100%",
                        "Percent of each row; ✓ and × mean 100%",
                        "Percent of each row; ✓ ×: 100%",
                    ],
                    width,
                )
            matrix.append(styled((words[:width], self.muted)))
        if spare >= _BAR:
            spare -= _BAR
            recalls = recall(counts)[window.row :]
            bars = ["", *(f"  {bar(share, _BAR - 2)}" for share in recalls)]
            matrix = [
                Strip.join([line, styled((f"{drawn:{_BAR}}", self.muted))])
                for line, drawn in zip(matrix, bars, strict=False)
            ]
        mistakes = most_confused(counts, names, 5, self.glyphs)
        if spare >= _BESIDE:
            blank = Strip.blank(matrix[0].cell_length, self.plain)
            matrix += [blank] * (len(mistakes) - len(matrix))
            for line, text in enumerate(mistakes):
                matrix[line] = Strip.join([matrix[line], styled((f"    {text}", self.plain))])
        elif height - len(matrix) >= 2:
            rows = height - len(matrix)
            mistakes = [""] * (rows > len(mistakes)) + mistakes
            matrix += [styled((f" {text}", self.plain)) for text in mistakes[:rows]]
        return matrix

    def _at(self, counts: Counts) -> Cell:
        """The cursor, or the most frequent mistake."""
        last = len(counts) - 1
        if self.cursor is not None:
            return min(self.cursor[0], last), min(self.cursor[1], last)
        return next(iter(confused(counts)), (0, 0))

    def _write_border(
        self,
        part: str,
        step: int,
        counts: Counts,
        names: tuple[str, ...],
        at: Cell,
        in_percent: bool,
    ) -> None:
        """Describe the matrix and the cell at the cursor in the border."""
        window, classes, room = self._window, len(names), self.size.width - 4
        unit = ", row %" if in_percent else ""
        size = f"{window.rows}×{window.columns} of {classes}×{classes}"
        about = f"{part}, step {step:,}{unit}"
        if window.rows == window.columns == classes:
            forms = [f"Confusion  {part}, {counts.sum():,} images, step {step:,}{unit}"]
            forms += [f"Confusion  {about}", f"Confusion  {part}, step {step:,}", about]
        else:
            forms = [f"Confusion  {about}, {size} cells", f"Confusion  {about}, {size}"]
            forms += [f"{about}, {size}", f"{part}, {size}"]
        self.set_border(longest(forms, room), describe_cell(counts, names, at, room, self.glyphs))

    def _heads(self, names: tuple[str, ...], at: Cell) -> list[Strip]:
        muted, first = self.muted, self._window.column
        segments = [Segment("true \\ pred".rjust(_LABEL), muted)]
        heads = abbreviations(names, self._cell - 1)
        for column in range(first, first + self._window.columns):
            segments += _label(fit(heads[column], self._cell), muted, column == at[1])
        return [Strip(segments)]

    def _with_recall(self, matrix: list[Strip], counts: Counts) -> list[Strip]:
        """The lines of the matrix with the recall of each class behind them."""
        shares = recall(counts)[self._window.row :].tolist()
        texts = ["recall", *("–" if share != share else percent(share) for share in shares)]
        return [
            Strip.join([line, styled((f"{text:>{_RECALL}}", self.muted))])
            for line, text in zip(matrix, texts, strict=False)
        ]

    def _rows(
        self, counts: Counts, names: tuple[str, ...], at: Cell, in_percent: bool
    ) -> list[Strip]:
        window, plain = self._window, self.plain
        cursor = _FOCUSED_CURSOR if self.has_focus else _CURSOR
        shades = [self.tinted("error", 0.75 * level / (_SHADES - 1)) for level in range(_SHADES)]
        correct = self.tinted("primary", _CORRECT) + Style(bold=True)
        levels = shade_levels(counts, _SHADES)
        lines = []
        for row in range(window.row, window.row + window.rows):
            segments = _label(fit(names[row], _LABEL), plain, row == at[0])
            for column in range(window.column, window.column + window.columns):
                cell = (row, column)
                style = correct if row == column else shades[levels[cell]]
                text = f"{cell_text(counts, cell, in_percent, self._cell - 1):>{self._cell}}"
                segments.append(Segment(text, style + cursor if cell == at else style))
            lines.append(Strip(segments))
        return lines


def _label(name: str, style: Style, marked: bool) -> list[Segment]:
    """A padded name; if marked, its text is, but not the padding before it."""
    word = name.lstrip()
    space = name.removesuffix(word)
    return [Segment(space, style), Segment(word, style + _CURSOR if marked else style)]
