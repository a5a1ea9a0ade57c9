"""The table of classes, with the number of images of each, and the lists of single images."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable

from core.inspection.data_overview import DataOverview
from core.text import printable
from tui.drawing.bars import bar
from tui.drawing.numbers import shortened

MEANS, DOUBTFUL, LEFT_OUT = "mean images", "doubtful", "left out"
_NAME, _BAR, _SHORT_BAR, _COUNT = 16, 12, 4, 7  # cells
_HEADS = {"training": "train", "validation": "valid.", "test": "test"}


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of the table shows: a class, or one of the lists above."""

    kind: str
    label: int | None = None


class ClassTable(DataTable[Text]):
    """A row for the mean images, one for each class, and those for lists of single images."""

    HINT = "↑↓ class  Tab images"
    BINDINGS = [
        Binding("left_parenthesis,home", "scroll_top", "First row", show=False),
        Binding("right_parenthesis,end", "scroll_bottom", "Last row", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", cell_padding=1, id="classes")
        self.border_title = "Images of each class"
        self.rows_shown: list[Row] = []

    @property
    def selected(self) -> Row:
        """The row at the cursor."""
        place = self.cursor_row
        return self.rows_shown[place] if 0 <= place < len(self.rows_shown) else Row(MEANS)

    def show(
        self,
        overview: DataOverview,
        names: Sequence[str],
        doubtful: int,
        left_out: int,
        only: str | None = None,
    ) -> None:
        """Shows the counts; the cursor stays in its row.

        only: the subset whose counts are shown, where there is no room for all; None: all.
        """
        room = _SHORT_BAR if only else _BAR
        place = self.cursor_row
        self.clear(columns=True)
        self.add_column("class", width=_NAME)
        parts = [only] if only else list(overview.counts)
        for part in parts:
            self.add_column(Text(_HEADS[part], justify="right"), width=_COUNT)
            if part == parts[0]:
                self.add_column("", width=room)
        totals = [len(overview.parts[part]) for part in parts]
        self.rows_shown = [Row(MEANS)]
        self.add_row(Text("all (mean image)"), *_cells(totals))
        largest = max(int(overview.counts[parts[0]].max(initial=0)), 1)
        for label, name in enumerate(names):
            counts = [int(overview.counts[part][label]) for part in parts]
            share = counts[0] / largest
            self.rows_shown.append(Row("class", label))
            shown = shortened(printable(name), _NAME)
            self.add_row(Text(shown), *_cells(counts, bar(share, room)))
        for kind, count in ((DOUBTFUL, doubtful), (LEFT_OUT, left_out)):
            self.rows_shown.append(Row(kind))
            blank = [Text("")] * (len(parts) - 1)
            self.add_row(Text(kind, "italic"), *_cells([count]), *blank)
        self.move_cursor(row=min(max(place, 0), len(self.rows_shown) - 1), animate=False)

    def select(self, label: int) -> None:
        """Moves the cursor to a class."""
        self.move_cursor(row=self.rows_shown.index(Row("class", label)))


def _cells(counts: Sequence[int], filled: str = "") -> list[Text]:
    """The counts, with a bar after the first one."""
    first, *others = (Text(f"{count:,}", justify="right") for count in counts)
    return [first, Text(filled), *others]
