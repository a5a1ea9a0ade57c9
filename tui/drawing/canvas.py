"""A rectangle of characters to write and draw on, each with its style."""

from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


class Canvas:
    """`width` by `height` characters, at first blank; what would lie outside is cut off."""

    def __init__(self, width: int, height: int, plain: Style) -> None:
        self.width, self.height = width, height
        self._plain = plain
        self._blank = (" ", plain)  # known by its identity: a space that was written is not blank
        self._rows = [[self._blank] * width for _ in range(height)]

    def copy(self) -> "Canvas":
        """One to draw on without a change to this one."""
        canvas = Canvas(self.width, 0, self._plain)
        canvas.height, canvas._blank = self.height, self._blank
        canvas._rows = [row.copy() for row in self._rows]
        return canvas

    def write(self, row: int, column: int, text: str, style: Style) -> None:
        """Writes over what is there; spaces too."""
        if 0 <= row < self.height:
            for place, character in enumerate(text, column):
                if 0 <= place < self.width:
                    self._rows[row][place] = (character, style)

    def is_blank(self, row: int, start: int, end: int) -> bool:
        """Whether all of start..end - 1 lie within the row, with nothing there."""
        inside = 0 <= row < self.height and 0 <= start <= end <= self.width
        return inside and all(cell is self._blank for cell in self._rows[row][start:end])

    def line(self, column: int, character: str, style: Style) -> None:
        """A vertical line behind what is there."""
        for row in self._rows:
            if row[column] is self._blank:
                row[column] = (character, style)

    def cross(self, column: int, character: str, style: Style) -> None:
        """A vertical line, in which what is there stays to be seen, in reverse."""
        for row in self._rows:
            here, its_style = row[column]
            row[column] = (character, style) if here == " " else (here, its_style + _REVERSE)

    def strip(self, row: int) -> Strip:
        """A row, in as few segments as its styles allow."""
        return Strip(
            [
                Segment("".join(character for character, _ in cells), style)
                for style, cells in groupby(self._rows[row], key=lambda cell: cell[1])
            ],
            self.width,
        )


_REVERSE = Style(reverse=True)
