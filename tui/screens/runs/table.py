"""The table of runs: Textual's DataTable, which keeps its cursor on a run when rows change."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable

from core.runs.summary import RunSummary
from tui.screens.runs.columns import Column, fitting, ordered
from tui.screens.runs.columns import columns as columns_of
from tui.screens.runs.marks import COLORS, GLYPHS, Marks

_SIGNS = "signs"  # the key of the column with the mark and the star
_STAR = "★"
_LOOKS = {"running": "text-success", "interrupted": "text-warning", "diverged": "text-error"}
_LOOKS |= {"failed": "text-error", "finished": "text-muted"}


class RunTable(DataTable[Text]):
    """Shows runs, sorted by a column.

    sort_key, down: the column, and whether it sorts from the largest value down.
    """

    HINT = "Enter resume  Escape close"
    BINDINGS = [
        Binding("s", "sort(1)", "Sort by the next column", show=False),
        Binding("S", "sort(-1)", "Sort by the previous column", show=False),
        Binding("o", "reverse", "Reverse the order", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", header_height=2, cell_padding=1)
        self.sort_key, self.down = "when", True
        self.runs: list[RunSummary] = []  # in the order of the rows
        self._choice: list[Column] = []  # all columns, whether they fit or not
        self._layout: list[tuple[Column, int]] = []
        self._shown: dict[str, tuple[RunSummary, str, int | None]] = {}  # facts of each row
        self._marks: Marks = {}

    @property
    def selected(self) -> RunSummary | None:
        """The run at the cursor."""
        return self.runs[self.cursor_row] if self.cursor_row < len(self.runs) else None

    @property
    def choice(self) -> Sequence[Column]:
        return self._choice

    def show(self, runs: Sequence[RunSummary], marks: Marks, cursor: Path | None = None) -> None:
        """Shows these runs. cursor: the run to move the cursor to; None: where it is."""
        selected = self.selected
        at = cursor or (selected.path if selected else None)
        self._marks = dict(marks)
        self._choice = columns_of(runs)
        if self.sort_key not in {column.key for column in self._choice}:
            self.sort_key, self.down = "when", True
        column = next(column for column in self._choice if column.key == self.sort_key)
        self.runs = ordered(runs, column, self.down)
        layout = fitting(self._choice, runs, self._room, self.sort_key)
        names = [column.key for column, _ in layout], [width for _, width in layout]
        before = [c.key for c, _ in self._layout], [width for _, width in self._layout]
        keys = {str(run.path) for run in runs}
        row, top = self.cursor_row, self.scroll_offset.y
        with self.app.batch_update():
            if names != before or keys != self._shown.keys():
                self._rebuild(layout)
                self.scroll_to(y=top, animate=False)
            else:
                self._layout = layout
                self._update_rows()
            place = {run.path: number for number, run in enumerate(self.runs)}
            row = place.get(at, row) if at else 0
            self.move_cursor(row=min(row, max(len(runs) - 1, 0)), animate=False)
        self._show_arrow()

    def action_sort(self, by: int) -> None:
        keys = [column.key for column in self._choice]
        if keys:
            self._sort_by(keys[(keys.index(self.sort_key) + by) % len(keys)])

    def action_reverse(self) -> None:
        self.down = not self.down
        self.show(self.runs, self._marks)

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """Sorts by the column that was clicked; a second click reverses the order."""
        event.stop()
        key = str(event.column_key.value)
        if key == self.sort_key:
            self.action_reverse()
        elif key != _SIGNS:
            self._sort_by(key)

    def on_resize(self) -> None:
        if self.runs:
            self.show(self.runs, self._marks)

    def _sort_by(self, key: str) -> None:
        column = next(column for column in self._choice if column.key == key)
        self.sort_key, self.down = key, column.down
        self.show(self.runs, self._marks)

    @property
    def _room(self) -> int:
        signs, scrollbar = 4, 1
        return (self.container_size.width or self.app.size.width) - signs - scrollbar

    def _rebuild(self, layout: list[tuple[Column, int]]) -> None:
        self._layout = layout
        self.clear(columns=True)
        self.add_column(Text(""), width=2, key=_SIGNS)
        for column, width in layout:
            self.add_column(self._title(column), width=width, key=column.key)
        self._shown = {}
        for run in self.runs:
            self.add_row(*self._cells(run), key=str(run.path))
            self._shown[str(run.path)] = self._facts(run)

    def _update_rows(self) -> None:
        """Changes the cells of the runs that have changed, and the order of the rows."""
        for run in self.runs:
            key = str(run.path)
            if self._shown[key] != self._facts(run):
                self._shown[key] = self._facts(run)
                names = [_SIGNS, *(column.key for column, _ in self._layout)]
                for name, cell in zip(names, self._cells(run), strict=True):
                    if self.get_cell(key, name) != cell:
                        self.update_cell(key, name, cell)
        places = {str(run.path): place for place, run in enumerate(self.runs)}
        rows = [str(row.key.value) for row in self.ordered_rows]
        if rows != list(places):
            order = {id(self.get_cell(key, _SIGNS)): place for key, place in places.items()}
            self.sort(_SIGNS, key=lambda cell: order[id(cell)])

    def _facts(self, run: RunSummary) -> tuple[RunSummary, str, int | None]:
        return run, run.state, self._marks.get(run.path)

    def _cells(self, run: RunSummary) -> list[Text]:
        slot = self._marks.get(run.path)
        sign = " " if slot is None else GLYPHS[slot]
        colors: Mapping[str, str] = self.app.theme_variables
        signs = Text(sign, self._color(slot), end="")
        signs.append(_STAR if run.star else " ", colors["text-warning"])
        cells = [signs]
        for column, width in self._layout:
            text = column.text(run)
            space = " " * (width - cell_len(text))
            look = _LOOKS.get(text, "") if column.key == "state" else ""
            style = colors[look] if look else "bold" if column.key == "best" else ""
            cells.append(Text(text + space if column.left else space + text, style, end=""))
        return cells

    def _color(self, slot: int | None) -> str:
        return "" if slot is None else self.app.theme_variables[COLORS[slot]]

    def _title(self, column: Column) -> Text:
        width = next(width for other, width in self._layout if other.key == column.key)
        first, last = column.title.split("\n")
        arrow = ("↓" if self.down else "↑") if column.key == self.sort_key else ""
        lines = (first, last + arrow)
        return Text("\n".join(line if column.left else line.rjust(width) for line in lines), end="")

    def _show_arrow(self) -> None:
        for column, _ in self._layout:
            title = self._title(column)
            shown = self.columns[column.key]  # type: ignore[index]
            if shown.label != title:
                shown.label = title
                self._update_count += 1
                self.refresh()

    # What Textual does for any renderable, faster for a line of text that fills its cell.

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
        cell = self.get_cell_at((row_index, column_index))  # type: ignore[arg-type]
        segments = [Segment(" ", style + post)]
        segments += [
            Segment(segment.text, style + (segment.style or Style()) + post)
            for segment in cell.render(self.app.console)
        ]
        return [[*segments, Segment(" ", style + post)]]
