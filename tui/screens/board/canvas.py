"""The picture that is drawn on, by mouse or keys, as large as fits."""

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.color import Color
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer

from tui.delay import call_after
from tui.drawing.pictures import Pictures, dark_on_light, picture, picture_size, resize
from tui.drawing.text import longest, styled
from tui.panes.line_pane import LinePane
from tui.screens.board.drawing import BRUSHES, Drawing

_PATIENCE = 0.02  # seconds that a stroke waits for the prediction, to be painted together with it
_CURSOR = 0.65  # of the theme's color in that of the pixel at the cursor
_HALVES = {(True, True): "+", (True, False): "^", (False, True): "v"}


class DrawingCanvas(LinePane):
    """Draws on a `Drawing`, and posts `Changed` when its pixels may have changed."""

    ALLOW_SELECT = False  # dragging would select text
    BINDINGS = [
        Binding("space,enter", "pen", "Pen", key_display="space"),
        Binding("e", "eraser", "Eraser"),
        Binding("w", "brush", "Brush"),
        Binding("f", "fill", "Fill"),
        Binding("m", "move_picture", "Move"),
        Binding("u,ctrl+z", "undo", "Undo"),
        Binding("n", "clear", "Blank"),
        Binding("up", "move(-1, 0)", "Up", show=False),
        Binding("down", "move(1, 0)", "Down", show=False),
        Binding("left", "move(0, -1)", "Left", show=False),
        Binding("right", "move(0, 1)", "Right", show=False),
        Binding("shift+up", "shift(-1, 0)", "Move the picture up", show=False),
        Binding("shift+down", "shift(1, 0)", "Move the picture down", show=False),
        Binding("shift+left", "shift(0, -1)", "Move the picture left", show=False),
        Binding("shift+right", "shift(0, 1)", "Move the picture right", show=False),
    ]

    class Changed(Message):
        """The picture may be another one now."""

    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

    def __init__(self, drawing: Drawing) -> None:
        super().__init__(id="canvas")
        self._drawing = drawing
        self._moves_picture = False  # the arrow keys, in place of the cursor
        self._erases_meanwhile = False  # while the right mouse button is down
        self._unpainted: Timer | None = None  # for a stroke that is not painted yet

    def watch_pictures(self) -> None:
        self.redraw()

    def action_pen(self) -> None:
        self._moves_picture = False
        self._drawing.lift_or_lower()
        self._change()

    def action_eraser(self) -> None:
        self._drawing.erasing = not self._drawing.erasing
        self.redraw()

    def action_brush(self) -> None:
        self._drawing.brush = (self._drawing.brush + 1) % len(BRUSHES)
        self.redraw()

    def action_fill(self) -> None:
        self._drawing.fill()
        self._change()

    def action_move_picture(self) -> None:
        self._moves_picture = not self._moves_picture
        self._drawing.pen_down = False
        self.redraw()

    def action_undo(self) -> None:
        if self.app.mouse_captured is self:
            self.on_mouse_up()  # the rest of that stroke would not be undone
        if not self._drawing.undo():
            self.notify("There is nothing to undo.", timeout=3)
        self._change()

    def action_clear(self) -> None:
        self._drawing.clear()
        self._change()

    def action_move(self, down: int, right: int) -> None:
        if self._moves_picture:
            self._drawing.shift(down, right)
        else:
            self._drawing.move(down, right)
        self._change()

    def action_shift(self, down: int, right: int) -> None:
        self._drawing.pen_down = False
        self._drawing.shift(down, right)
        self._change()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button not in (1, 3):
            return
        self.capture_mouse()
        drawing = self._drawing
        drawing.pen_down = False
        drawing.begin()
        self._erases_meanwhile = event.button == 3 and not drawing.erasing
        drawing.erasing |= self._erases_meanwhile
        drawing.go(*self._pixel(event))
        drawing.line_to(drawing.row, drawing.column)
        self._change()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._drawing.line_to(*self._pixel(event))
            self._change()
        elif not self._drawing.pen_down:  # the cursor follows, so that f fills there
            self._drawing.go(*self._pixel(event))
            self.redraw()

    def on_mouse_up(self) -> None:
        self.release_mouse()
        if self._erases_meanwhile:
            self._drawing.erasing = self._erases_meanwhile = False
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        self._write_border()
        if width < 1 or height < 1:
            return []
        pixels, (rows, columns) = self._drawing.pixels, self._picture_size
        lines = picture(pixels, (rows, columns), self.pictures, self.plain)
        self._draw_cursor(lines)
        left = Strip.blank((width - columns) // 2, self.plain)
        above = [styled(("", self.plain))] * ((height - rows) // 2)
        return above + [Strip.join([left, line]) for line in lines]

    @property
    def _picture_size(self) -> tuple[int, int]:
        """The rows and columns of the picture: whole cells for each pixel, if it fits so."""
        (height, width), room = self._drawing.shape, self.scrollable_content_region.size
        scale = min(room.width // width, 2 * room.height // height)
        if scale:
            return max(1, height * scale // 2), width * scale
        return picture_size((height, width), max(room.height, 1), max(room.width, 1))

    def _pixel(self, event: events.MouseEvent) -> tuple[int, int]:
        """The row and column of the pixel under the mouse, maybe outside the picture.

        Of two pixels in one cell it is the upper one.
        """
        room, (rows, columns) = self.scrollable_content_region.size, self._picture_size
        offset = event.get_content_offset_capture(self)
        x, y = offset.x - (room.width - columns) // 2, offset.y - (room.height - rows) // 2
        height, width = self._drawing.shape
        return y * height // rows, x * width // columns

    def _draw_cursor(self, lines: list[Strip]) -> None:
        """Colors the pixel of the cursor in the lines of the picture."""
        drawing, (rows, columns) = self._drawing, self._picture_size
        height, width = drawing.shape
        top, bottom = _span(drawing.row, height, 2 * rows)
        left, right = _span(drawing.column, width, columns)
        gray = resize(drawing.pixels, 2 * rows, columns)
        # The characters of a bright pixel are in reverse video on a light background.
        contrary = self.plain + Style(reverse=not dark_on_light(self.plain))
        for row in range(top // 2, (bottom + 1) // 2):
            halves = top <= 2 * row < bottom, top <= 2 * row + 1 < bottom
            segments = []
            for column in range(left, right):
                if self.pictures is Pictures.ASCII:
                    segments.append(Segment(_HALVES[halves], contrary))
                    continue
                upper, lower = (
                    self._cursor_color(gray[2 * row + half, column])
                    if halves[half]
                    else _gray(gray[2 * row + half, column])
                    for half in (0, 1)
                )
                style = Style.from_color(upper.rich_color, lower.rich_color)
                segments.append(Segment("▀", style))
            line = lines[row]
            lines[row] = Strip.join([line.crop(0, left), Strip(segments), line.crop(right)])

    def _cursor_color(self, level: float) -> Color:
        return _gray(level).blend(self.color("warning"), _CURSOR)

    def _write_border(self) -> None:
        drawing = self._drawing
        tool = "eraser" if drawing.erasing else "pen"
        brush = f"{tool}, {BRUSHES[drawing.brush]}"
        does = f"arrows move the {'picture' if self._moves_picture else 'cursor'}"
        if drawing.pen_down:
            does = f"{tool} down: arrows {'erase' if drawing.erasing else 'draw'}"
        title = longest([f"Drawing board: {brush}", f"Board: {brush}"], self.size.width - 4)
        self.set_border(title, does)

    def paint(self) -> None:
        """Paints the latest stroke now.

        Textual paints up to 60 times a second: a prediction that comes just after its stroke was
        painted would wait for the next time.
        """
        if self._unpainted is not None:
            self._unpainted.stop()
            self._unpainted = None
            self.redraw_changes()

    def _change(self) -> None:
        if self._unpainted is None:
            self._unpainted = call_after(self, _PATIENCE, self.paint)
        self.post_message(self.Changed())


def _span(place: int, pixels: int, cells: int) -> tuple[int, int]:
    """The cells, of so many in a row, that show a pixel, at least one: from, to."""
    start = place * cells // pixels
    return start, max(start + 1, (place + 1) * cells // pixels)


def _gray(level: float) -> Color:
    shade = round(level)
    return Color(shade, shade, shade)
