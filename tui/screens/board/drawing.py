"""The pixels of a drawing, with a cursor, a brush and undo. It knows nothing of the screen."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from core.types import Bytes

WHITE, BLACK = 255, 0
BRUSHES = ("1 pixel", "3 pixels", "5 pixels")
"""The widths of the brush."""

_MAX_UNDO = 200
_ALIKE = 40  # gray levels that the pixels of an area may differ from the one that is filled


class Drawing:
    """A picture (height, width) of bytes that is drawn on.

    row, column: the cursor. brush: the place in BRUSHES. erasing: whether the brush makes pixels
    black. pen_down: whether moving the cursor draws.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.pixels: Bytes = np.zeros(shape, np.uint8)
        self.row, self.column = shape[0] // 2, shape[1] // 2
        self.brush = 1
        self.erasing = self.pen_down = False
        self._before: deque[Bytes] = deque(maxlen=_MAX_UNDO)

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.pixels.shape
        return height, width

    def load(self, picture: Bytes) -> None:
        """Puts a picture of the same shape in place of this one. It can be undone."""
        self.begin()
        self.pixels[:] = picture
        self.pen_down = False

    def clear(self) -> None:
        """Makes all pixels black. It can be undone."""
        self.load(np.zeros_like(self.pixels))

    def begin(self) -> None:
        """Begins what `undo` undoes at once, such as a stroke."""
        if not self._before or not np.array_equal(self._before[-1], self.pixels):
            self._before.append(self.pixels.copy())

    def undo(self) -> bool:
        """Undoes the last stroke or other change; False if there is none."""
        self.pen_down = False
        while self._before:
            before = self._before.pop()
            if not np.array_equal(before, self.pixels):  # a stroke may change nothing
                self.pixels = before
                return True
        return False

    def lift_or_lower(self) -> None:
        """Lifts the pen, or puts it down, which draws a dot."""
        self.pen_down = not self.pen_down
        if self.pen_down:
            self.begin()
            self._dab(self.row, self.column)

    def move(self, down: int, right: int) -> None:
        """Moves the cursor; draws if the pen is down."""
        self.go(self.row + down, self.column + right)
        if self.pen_down:
            self._dab(self.row, self.column)

    def go(self, row: int, column: int) -> None:
        """Moves the cursor to a pixel, or to the nearest one."""
        height, width = self.shape
        self.row, self.column = min(max(row, 0), height - 1), min(max(column, 0), width - 1)

    def line_to(self, row: int, column: int) -> None:
        """Draws a line from the cursor to a pixel, and moves the cursor there."""
        start = self.row, self.column
        self.go(row, column)
        count = max(abs(self.row - start[0]), abs(self.column - start[1]), 1)
        for share in np.linspace(0, 1, count + 1):
            self._dab(
                round(start[0] + share * (self.row - start[0])),
                round(start[1] + share * (self.column - start[1])),
            )

    def fill(self) -> None:
        """Fills the area around the cursor whose pixels are about as bright as the one there."""
        self.begin()
        here = int(self.pixels[self.row, self.column])
        alike = np.abs(self.pixels.astype(int) - here) <= _ALIKE
        self.pixels[_connected(alike, self.row, self.column)] = self._ink

    def shift(self, down: int, right: int) -> None:
        """Moves the whole picture; what leaves it is lost, until it is undone."""
        self.begin()
        height, width = self.shape
        edge = max(abs(down), abs(right))
        top, left = edge - down, edge - right
        padded = np.pad(self.pixels, edge)
        self.pixels = padded[top : top + height, left : left + width].copy()

    @property
    def _ink(self) -> int:
        return BLACK if self.erasing else WHITE

    def _dab(self, row: int, column: int) -> None:
        """Draws a disk as wide as the brush."""
        y, x = np.ogrid[: self.shape[0], : self.shape[1]]
        radius = self.brush
        self.pixels[(y - row) ** 2 + (x - column) ** 2 <= radius**2 + radius * 0.5] = self._ink


def _connected(mask: NDArray[np.bool_], row: int, column: int) -> NDArray[np.bool_]:
    """The pixels of the mask that are connected to one of them by their sides."""
    area = np.zeros_like(mask)
    area[row, column] = True
    while True:
        grown = area.copy()
        grown[1:] |= area[:-1]
        grown[:-1] |= area[1:]
        grown[:, 1:] |= area[:, :-1]
        grown[:, :-1] |= area[:, 1:]
        grown &= mask
        if np.array_equal(grown, area):
            return area
        area = grown
