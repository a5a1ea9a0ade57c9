"""The difference of the confusion matrices of two runs."""

from collections.abc import Sequence

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.reactive import reactive
from textual.strip import Strip

from core.runs.comparison import PredictionComparison
from tui.drawing.matrix import Cell, Window
from tui.drawing.numbers import fit
from tui.drawing.text import paragraph
from tui.panes.line_pane import LinePane
from tui.screens.runs.compared import Compared, ComparedRun
from tui.screens.runs.marks import GLYPHS

_LABEL, _CELL = 12, 4  # widths in cells
_STRONGEST = 0.75  # share of a color for the largest difference


class Difference(LinePane):
    """Counts of the second run minus those of the first; rows are true classes, columns predicted.

    Blue: the second run is better there, with more correct images or fewer mistakes; red: worse.
    """

    HINT = "arrows cell"
    BINDINGS = [
        Binding("up", "move(-1, 0)", "Cell above", show=False),
        Binding("down", "move(1, 0)", "Cell below", show=False),
        Binding("left", "move(0, -1)", "Cell to the left", show=False),
        Binding("right", "move(0, 1)", "Cell to the right", show=False),
    ]

    compared: reactive[Compared | None] = reactive(None, repaint=False)
    cursor: reactive[Cell] = reactive((0, 0), repaint=False)

    def __init__(self) -> None:
        super().__init__("difference")
        self.border_title = "Confusion matrices"
        self._window = Window(0, 0, 0, 0)

    def watch_compared(self) -> None:
        found = self.compared and self.compared.predictions
        if found:
            largest = int(np.abs(found.difference).argmax())
            self.cursor = divmod(largest, len(found.class_names))
        self.redraw()

    def watch_cursor(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def action_move(self, down: int, across: int) -> None:
        found = self.compared and self.compared.predictions
        if found:
            last = len(found.class_names) - 1
            row, column = self.cursor
            self.cursor = min(max(row + down, 0), last), min(max(column + across, 0), last)

    def draw(self, width: int, height: int) -> list[Strip]:
        compared = self.compared
        if compared is None:
            return []
        found = compared.predictions
        if found is None:
            self.set_border("Confusion matrices")
            return paragraph(compared.reason, width, self.muted)
        first, second = compared.runs
        a, b = (f"{GLYPHS[run.mark]} {run.name}" for run in (first, second))
        names, counts = found.class_names, found.difference
        room = (height - 1, (width - _LABEL) // _CELL)
        self._window = self._window.around(self.cursor, len(names), room)
        shared = "" if found.images == (len(found.labels),) * 2 else " that both evaluate"
        forms = (
            f"Confusion  {b} minus {a}, {len(found.labels):,} {found.subset} images{shared}",
            f"{b} minus {a}, {len(found.labels):,} images{shared}",
            f"{b} minus {a}, {len(found.labels):,} images",
            f"{b} minus {a}",
        )
        title = next((form for form in forms if len(form) <= width - 4), forms[-1])
        self.set_border(title, self._describe(found, compared.runs, width - 4))
        return [self._heads(names), *self._rows(counts, names)]

    def _describe(
        self, found: PredictionComparison, runs: Sequence[ComparedRun], width: int
    ) -> str:
        """The counts of both runs at the cursor."""
        row, column = self.cursor
        before, after = (int(counts[row, column]) for counts in found.confusion)
        true, predicted = found.class_names[row], found.class_names[column]
        first, second = (GLYPHS[run.mark] for run in runs)
        values = f"{first} {before:,}, {second} {after:,}"
        forms = (f"true {true}, predicted {predicted}: {values}", f"{true} → {predicted}: {values}")
        return next((form for form in forms if len(form) <= width), values)

    def _heads(self, names: tuple[str, ...]) -> Strip:
        window = self._window
        segments = [Segment("true \\ pred".rjust(_LABEL), self.muted)]
        for column in range(window.column, window.column + window.columns):
            style = self.muted + Style(underline=column == self.cursor[1])
            text = fit(names[column][: _CELL - 1], _CELL)
            space = text.removesuffix(text.lstrip())
            segments += [Segment(space, self.muted), Segment(text.lstrip(), style)]
        return Strip(segments)

    def _rows(self, counts: np.ndarray, names: tuple[str, ...]) -> list[Strip]:
        window, largest = self._window, max(int(np.abs(counts).max()), 1)
        lines = []
        for row in range(window.row, window.row + window.rows):
            bold = Style(bold=row == self.cursor[0])
            segments = [Segment(fit(names[row], _LABEL), self.plain + bold)]
            for column in range(window.column, window.column + window.columns):
                count = int(counts[row, column])
                better = count > 0 if row == column else count < 0
                share = np.sqrt(abs(count) / largest) * _STRONGEST
                style = self.tinted("primary" if better else "error", share)
                if (row, column) == self.cursor:
                    style += Style(reverse=self.has_focus, bold=True, underline=True)
                text = f"{count:+}" if abs(count) < 1000 else f"{count // 1000:+}k"
                text = text.replace("-", "−") if count else "·"
                segments.append(Segment(f"{text:>{_CELL}}", style))
            lines.append(Strip(segments))
        return lines
