"""The table of runs: Textual's DataTable, which keeps its cursor on a run when rows change."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widgets import DataTable
from textual.widgets.data_table import ColumnKey

from core.runs.summary import RunSummary
from tui.screens.runs.arrangement import Arrangement
from tui.screens.runs.columns import RunColumn, fitting, ordered
from tui.screens.runs.columns import columns as columns_of
from tui.screens.runs.marks import COLORS, GLYPHS, MarkedRuns

_SIGNS = "signs"  # the key of the column with the mark and the star
_STAR = "★"
_LOOKS = {"running": "success", "interrupted": "warning", "diverged": "error", "failed": "error"}


class RunTable(DataTable[Text]):
    """Shows runs, in an arrangement that the caller keeps."""

    HINT = "Enter continue"
    BINDINGS = [
        Binding("s", "sort(1)", "Sort by the next column", show=False),
        Binding("S", "sort(-1)", "Sort by the previous column", show=False),
        Binding("left_parenthesis,home", "scroll_top", "First run", show=False),
        Binding("right_parenthesis,end", "scroll_bottom", "Last run", show=False),
        Binding("o", "reverse", "Reverse the order", show=False),
    ]

    def __init__(self, arrangement: Arrangement) -> None:
        super().__init__(cursor_type="row", header_height=2, cell_padding=1)
        self.order = arrangement
        self.runs: list[RunSummary] = []  # in the order of the rows
        self._choice: list[RunColumn] = []  # all columns, whether they fit or not
        self._layout: list[tuple[RunColumn, int]] = []
        self._marks: MarkedRuns = {}

    @property
    def selected(self) -> RunSummary | None:
        """The run at the cursor."""
        row = self.cursor_row  # -1 without rows
        return self.runs[row] if 0 <= row < len(self.runs) else None

    def show(
        self, runs: Sequence[RunSummary], marks: MarkedRuns, cursor: Path | None = None
    ) -> None:
        """Shows these runs. cursor: the run to move the cursor to; None: where it is."""
        selected = self.selected
        at = cursor or (selected.path if selected else None)
        row = self.cursor_row
        self._marks = marks
        self._choice = columns_of(runs)
        if self.order.sort_key not in {column.key for column in self._choice}:
            self.order.sort_key, self.order.down = "when", True
        column = next(column for column in self._choice if column.key == self.order.sort_key)
        self.runs = ordered(runs, column, self.order.down)
        layout = fitting(self._choice, runs, self._room, self.order.sort_key)
        with self.app.batch_update():
            self._lay_out(layout)
            places = [run.path for run in self.runs]
            row = places.index(at) if at in places else min(row, max(len(places) - 1, 0))
            self.move_cursor(row=row, animate=False)
        hidden_marks = len(marks.keys() - {run.path for run in runs})
        parts = _marked(len(marks), hidden_marks), _sorted(column, len(self._choice) - len(layout))
        self.border_subtitle = "   ".join(filter(None, parts))
        self._update_count += 1  # or else the lines that Textual keeps are shown
        self.refresh()

    def action_sort(self, by: int) -> None:
        keys = [column.key for column in self._choice]
        if keys:
            self._sort_by(keys[(keys.index(self.order.sort_key) + by) % len(keys)])

    def action_select_cursor(self) -> None:
        """Ignores Enter without rows, on which Textual fails."""
        if self.row_count:
            super().action_select_cursor()

    def action_reverse(self) -> None:
        self.order.down = not self.order.down
        self.show(self.runs, self._marks)

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """Sorts by the column that was clicked; a second click reverses the order."""
        event.stop()
        key = str(event.column_key.value)
        if key == self.order.sort_key:
            self.action_reverse()
        elif key != _SIGNS:
            self._sort_by(key)

    def on_click(self, event: events.Click) -> None:
        """Ignores a click on a cell that is still on the screen but not in the table."""
        place = event.style.meta
        columns, rows = len(self.columns), self.row_count
        if not (place.get("column", 0) < columns and place.get("row", -1) < rows):
            event.prevent_default()

    def on_resize(self) -> None:
        if self.runs:
            self.show(self.runs, self._marks)

    def _sort_by(self, key: str) -> None:
        column = next(column for column in self._choice if column.key == key)
        self.order.sort_key, self.order.down = key, column.down
        self.show(self.runs, self._marks)

    @property
    def _room(self) -> int:
        signs, scrollbar = 4, 1
        return (self.container_size.width or self.app.size.width) - signs - scrollbar

    def _lay_out(self, layout: list[tuple[RunColumn, int]]) -> None:
        """Makes columns and rows; the run of a row is looked up when the row is painted."""
        old, new = ([(c.key, width) for c, width in of] for of in (self._layout, layout))
        self._layout, top = layout, self.scroll_offset.y
        if old == new and self.row_count == len(self.runs):
            for column, _ in layout:
                self.columns[ColumnKey(column.key)].label = self._title(column)
            return
        self.clear(columns=True)
        self.add_column("", width=2, key=_SIGNS)
        for column, width in layout:
            self.add_column(self._title(column), width=width, key=column.key)
        for _ in self.runs:
            self.add_row()
        self.scroll_to(y=top, animate=False)

    def _pieces(self, row: int, place: int) -> list[tuple[str, str]]:
        """The text of a cell, as wide as its column, in pieces with a style each."""
        run, colors = self.runs[row], self.app.theme_variables
        if place == 0:
            mark = self._marks.get(run.path)
            sign = (" ", "") if mark is None else (GLYPHS[mark], colors[COLORS[mark]])
            return [sign, (_STAR if run.star else " ", colors["warning"])]
        column, width = self._layout[place - 1]
        text = column.text(run)
        space = " " * (width - cell_len(text))
        look = _LOOKS.get(text, "") if column.key == "state" else ""
        style = colors[look] if look else "bold" if column.key == "best" else ""
        return [(text + space if column.left else space + text, style)]

    def _title(self, column: RunColumn) -> Text:
        width = next(width for other, width in self._layout if other.key == column.key)
        first, last = column.title.split("\n")
        arrow = ("↓" if self.order.down else "↑") if column.key == self.order.sort_key else ""
        lines = (first, last + arrow)
        return Text("\n".join(line if column.left else line.rjust(width) for line in lines), end="")

    # What Textual does for the renderables of all cells, faster for the text of those in view.

    def _update_dimensions(self, new_rows: Any) -> None:
        """Measures no cell: the widths of the columns are known."""
        super()._update_dimensions(())

    def _render_cell(
        self,
        row_index: int,
        column_index: int,
        base_style: Style,
        width: int,
        cursor: bool = False,
        hover: bool = False,
    ) -> list[list[Segment]]:
        if row_index < 0 or column_index < 0:
            return super()._render_cell(row_index, column_index, base_style, width, cursor, hover)
        component, post = self._get_styles_to_render_cell(
            False,
            False,
            column_index < self.fixed_columns,
            hover,
            cursor,
            self.show_cursor,
            self._show_hover_cursor,
            self.cursor_foreground_priority == "css",
            self.cursor_background_priority == "css",
        )
        style = base_style + Style.from_meta({"row": row_index, "column": column_index}) + component
        segments = [Segment(" ", style + post)]
        for text, look in self._pieces(row_index, column_index):
            segments.append(Segment(text, style + _style(look) + post))
        return [[*segments, Segment(" ", style + post)]]


def _marked(count: int, hidden: int) -> str:
    """How many runs are marked, and how many of them the filter hides."""
    return f"{count} marked{f' ({hidden} not shown)' * bool(hidden)}" if count else ""


def _sorted(column: RunColumn, hidden: int) -> str:
    """How the table is sorted, and how many columns do not fit."""
    title = " ".join(column.title.split())
    columns = "column" if hidden == 1 else "columns"
    more = f"   {hidden} more {columns} in a wider window" if hidden else ""
    return f"sorted by {title}{more}"


@cache
def _style(look: str) -> Style:
    return Style.parse(look)
