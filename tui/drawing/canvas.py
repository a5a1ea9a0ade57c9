"""A rectangle of styled characters to draw on."""

from collections.abc import Collection
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


class Canvas:
    """`width` by `height` blank characters; text that reaches outside is cut off."""

    def __init__(self, width: int, height: int, plain: Style) -> None:
        self.width, self.height = width, height
        self._plain = plain
        self._blank = (" ", plain)  # compared by identity: a written space is not blank
        self._rows = [[self._blank] * width for _ in range(height)]

    def copy(self) -> "Canvas":
        """A copy that can be drawn on without changing this one."""
        canvas = Canvas(self.width, 0, self._plain)
        canvas.height, canvas._blank = self.height, self._blank
        canvas._rows = [row.copy() for row in self._rows]
        return canvas

    def write(self, row: int, column: int, text: str, style: Style) -> None:
        """Writes a text, including its spaces, over what is there."""
        if 0 <= row < self.height:
            for place, character in enumerate(text, column):
                if 0 <= place < self.width:
                    self._rows[row][place] = (character, style)

    def is_blank(self, row: int, start: int, end: int, faint: Collection[Style] = ()) -> bool:
        """Whether the columns start..end - 1 exist and nothing is written in them.

        faint: styles whose text does not count.
        """
        inside = 0 <= row < self.height and 0 <= start <= end <= self.width
        return inside and all(
            cell is self._blank or cell[1] in faint for cell in self._rows[row][start:end]
        )

    def line(self, column: int, character: str, style: Style) -> None:
        """Draws a vertical line behind what is there."""
        for row in self._rows:
            if row[column] is self._blank:
                row[column] = (character, style)

    def cross(self, column: int, character: str, style: Style) -> None:
        """Draws a vertical line that shows what is there in reverse video."""
        for row in self._rows:
            old, old_style = row[column]
            row[column] = (character, style) if old == " " else (old, old_style + _REVERSE)

    def strip(self, row: int) -> Strip:
        """A row, with one segment for each run of equal styles."""
        return Strip(
            [
                Segment("".join(character for character, _ in cells), style)
                for style, cells in groupby(self._rows[row], key=lambda cell: cell[1])
            ],
            self.width,
        )


_REVERSE = Style(reverse=True)
