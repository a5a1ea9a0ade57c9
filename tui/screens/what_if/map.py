"""The images as points of a plane, with a cursor on one of them."""

from functools import partial

import numpy as np
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Answered
from core.history.snapshot import Snapshot
from core.text import capitalized
from core.what_if.image_map import ImageMap, image_map
from core.what_if.subject import FEWEST, Answer, Question
from tui.drawing.canvas import Canvas
from tui.drawing.class_marks import color, glyph
from tui.drawing.numbers import shortened
from tui.drawing.scatter import Directions, Frame, Scatter
from tui.drawing.text import styled
from tui.screens.what_if.answer_pane import AnswerPane

_MAX_SHARE = 0.2  # of the time, for a map that is followed
_LEGEND = 3  # lines
_MIN_ROWS = 8  # of the map
_NAME = 14
_PER_CLASS = 5  # images; with fewer, the means of random classes lie far apart, too


class MapPane(AnswerPane):
    """A point is the image of a class; where several fall into a cell, the most frequent class.

    depth: the layer; 0 are the pixels. label: the class that stands out; None for all. place: the
    point of the cursor.
    """

    HINT = "arrows image  , . same cell  Enter enlarge  l layer  c class"
    BINDINGS = [
        Binding("left", "move('left')", "Image to the left", show=False),
        Binding("right", "move('right')", "Image to the right", show=False),
        Binding("up", "move('up')", "Image above", show=False),
        Binding("down", "move('down')", "Image below", show=False),
        Binding("full_stop", "within(1)", "Next image in the cell", show=False),
        Binding("comma", "within(-1)", "Previous image in the cell", show=False),
        Binding("l", "layer(1)", "Next layer", show=False),
        Binding("L", "layer(-1)", "Previous layer", show=False),
        Binding("c", "label(1)", "Highlight the next class", show=False),
        Binding("C", "label(-1)", "Highlight the previous class", show=False),
        Binding("enter", "open", "Enlarge the image", show=False),
    ]
    KIND = ImageMap

    class Pointed(Message):
        """The cursor is at another image, or the map is another one."""

    class LayerChosen(Message):
        """Requests the map of another layer."""

    class Opened(Message):
        """Request to enlarge an image of a subset."""

        def __init__(self, subset: str, index: int) -> None:
            super().__init__()
            self.subset, self.index = subset, index

    depth: reactive[int] = reactive(1, repaint=False)
    label: reactive[int | None] = reactive(None, repaint=False)
    place: reactive[int] = reactive(0, repaint=False)

    def __init__(self) -> None:
        super().__init__("map", _MAX_SHARE)
        self.border_title = "Map"
        self._frame: Frame | None = None
        self._before: ImageMap | None = None
        self._scatter: Scatter | None = None
        self._drawn: tuple[object, ...] = ()  # what the cells show
        self._cells: list[Strip] = []
        self._top = 0  # lines above the map

    @property
    def question(self) -> Question[Answer] | None:
        if self.layer_now == 0 and self.found is not None:
            return None  # the pixels stay as they are
        return partial(image_map, layer=self.layer_now, before=self._before)

    @property
    def about(self) -> object:
        return self.layer_now

    @property
    def answered(self) -> Answered | None:
        return super().answered if self.found is not None else None

    @property
    def layer_now(self) -> int:
        """The layer, or the last one if this network has fewer."""
        run = self.snapshot.run
        return min(self.depth, len(run.config.hidden) + 1) if run else self.depth

    @property
    def found(self) -> ImageMap | None:
        """The map of the layer; None until it is measured."""
        found = self.snapshot.answer(ImageMap)
        return found if found is not None and found.layer == self.layer_now else None

    @property
    def layer_name(self) -> str:
        run, layer = self.snapshot.run, self.layer_now
        if not layer or run is None:
            return "pixels"
        last = layer == len(run.config.hidden) + 1
        return "logits" if last else f"layer {layer}"

    @property
    def in_cell(self) -> tuple[int, int]:
        """Which of how many images in its cell the cursor is on, from 1."""
        scatter = self._scatter
        if scatter is None or self.cursor >= len(scatter.points):
            return 0, 0
        here = scatter.in_cell(self.cursor, self.label)
        return int(np.searchsorted(here, self.cursor)) + 1, len(here)

    @property
    def cursor(self) -> int:
        """The point of the cursor, at most the last one."""
        found = self.found
        return min(self.place, max(len(found.indices) - 1, 0)) if found is not None else 0

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.run is not before.run:
            self._before = self._frame = self._scatter = None
            self.set_reactive(MapPane.label, None)
            self.set_reactive(MapPane.place, 0)
        found = self.found
        if found is not None and found is not self._before and found.is_finite:
            if self._before is None or self._before.layer != found.layer:
                self._frame = None
            self._before = found
        super().watch_snapshot(before, snapshot)
        if snapshot.answers is not before.answers or snapshot.evaluation is not before.evaluation:
            self.post_message(self.Pointed())

    def watch_depth(self) -> None:
        self._before = self._frame = None
        self.redraw()
        self.post_message(self.LayerChosen())

    def watch_label(self) -> None:
        self._change()

    def watch_place(self) -> None:
        self._change()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def _change(self) -> None:
        self.redraw()
        self.post_message(self.Pointed())

    def action_move(self, key: str) -> None:
        if self._scatter is None:
            self.notify_end("There is no map yet.")
            return
        place = self._scatter.move(self.cursor, Directions[key], self.label)
        if place == self.cursor:
            self.notify_end("There is no image further in this direction.")
        self.place = place

    def action_within(self, by: int) -> None:
        """Moves to another image in the same cell."""
        if self._scatter is not None:
            here = self._scatter.in_cell(self.cursor, self.label)
            if len(here) < 2:
                self.notify_end("There is no other image in this cell.")
            if len(here):
                self.place = int(here[(np.searchsorted(here, self.cursor) + by) % len(here)])

    def action_layer(self, by: int) -> None:
        run = self.snapshot.run
        if run is not None:
            self.depth = (self.layer_now + by) % (len(run.config.hidden) + 2)

    def action_label(self, by: int) -> None:
        run = self.snapshot.run
        if run is not None:
            count = len(run.dataset.class_names) + 1
            now = count - 1 if self.label is None else self.label
            new = (now + by) % count
            self.label = None if new == count - 1 else new
            if self.label is not None and self._scatter is not None:
                column, row = self._scatter.places[self.cursor]
                self.place = self._scatter.nearest(column, row, self.label)

    def action_open(self) -> None:
        found = self.found
        if found is not None:
            self.post_message(self.Opened(found.subset, int(found.indices[self.cursor])))

    def on_click(self, event: events.Click) -> None:
        offset, scatter = event.get_content_offset(self), self._scatter
        if offset is not None and scatter is not None:
            place = scatter.nearest(offset.x, offset.y - self._top, self.label)
            if place == self.cursor:
                self.action_open()
            self.place = place

    def scope(self, answer: Answer) -> str:
        found, run = self.found, self.snapshot.run
        if found is None or run is None:
            return ""
        images = f"{len(found.indices):,}"
        if len(found.indices) < run.evaluation_images:
            images = f"{images} of {run.evaluation_images:,}"
        plane = f"the plane explains {found.explained:.0%} of the variance"
        when = self.when(found.step) if found.layer else ""
        return f"{images} {found.subset} images{when}; {plane}"

    def draw(self, width: int, height: int) -> list[Strip]:
        run, found = self.snapshot.run, self.found
        self.set_border(f"Map: {self.layer_name}", "l other layer  c highlight a class")
        if run is None or found is None or not found.is_finite:
            self._scatter = None
        if run is None or found is None:
            what = f"The images by the {self.layer_name}, in the plane in which they differ most."
            waits = "Being measured." if run else "The images are still loading."
            return [*self.texts([what, waits], width)]
        if not found.is_finite:
            text = "The numbers of the network are not finite. On the main screen, b goes back."
            return self.texts([text], width)
        lines, legend = self._around(found, width, height)
        rows = max(height - len(lines) - len(legend), 1)
        self._top = len(lines)
        self._frame = Frame.around(found.points, self._frame)
        # A cursor that moves changes one row or two.
        key = found, self._frame, width, rows, self.label, self.plain, self.app.theme
        if self._scatter is None or key != self._drawn:
            classes = len(run.dataset.class_names)
            of = found.points, found.labels, classes, self._frame
            scatter = Scatter(*of, max(width, 1), rows)  # a tiny window leaves no width
            self._cells = self._draw_cells(scatter)
            self._drawn, self._scatter = key, scatter
        return lines + self._with_cursor(self._scatter) + legend

    def _around(self, found: ImageMap, width: int, height: int) -> tuple[list[Strip], list[Strip]]:
        """The lines above and below the map; in a low pane fewer of them."""
        numbers = (
            f"{found.separation:.2f} in all dimensions, {found.separation_here:.2f} on this map"
        )
        whole = f"Separation of the classes (0 to 1): {numbers}."
        state = self.state(width)
        short = f"separation {found.separation:.2f}, here {found.separation_here:.2f}"
        run = self.snapshot.run
        needed = max(FEWEST, _PER_CLASS * (len(run.dataset.class_names) if run else 0))
        if len(found.labels) < needed:
            short = f"too few images ({len(found.labels)}) for a separation of the classes"
            whole = f"{capitalized(short)}; {needed:,} are needed."
        legend = self._legend(width)
        forms = (
            (self.texts([whole], width) + state, legend),
            (self.texts([short], width) + state, legend),
            (self.texts([short], width), legend),
            (self.texts([short], width), self._legend(width, 1)),
        )
        fitting = (form for form in forms if len(form[0]) + len(form[1]) <= height - _MIN_ROWS)
        return next(fitting, ([], []))

    def _with_cursor(self, scatter: Scatter) -> list[Strip]:
        """The cells of the map, that of the cursor in reverse video."""
        column, row = scatter.places[self.cursor].tolist()
        sign = glyph(int(scatter.labels[self.cursor]))
        cell = styled((sign, self.plain + Style(reverse=True, bold=True)))
        rest = self._cells[row]
        changed = Strip.join([rest.crop(0, column), cell, rest.crop(column + 1)])
        return [*self._cells[:row], changed, *self._cells[row + 1 :]]

    def _draw_cells(self, scatter: Scatter) -> list[Strip]:
        canvas, shown = Canvas(scatter.columns, scatter.rows, self.plain), scatter.shown(self.label)
        styles: dict[int, Style] = {}
        for row, column in np.argwhere(shown >= 0).tolist():
            label = int(shown[row, column])
            if label not in styles:
                faint = self.label is not None and label != self.label
                styles[label] = self.colored("foreground" if faint else color(label), faint)
            canvas.write(row, column, glyph(label), styles[label])
        return [canvas.strip(row) for row in range(scatter.rows)]

    def _legend(self, width: int, most: int = _LEGEND) -> list[Strip]:
        run = self.snapshot.run
        assert run is not None
        entries = []
        for label, name in enumerate(run.dataset.class_names):
            faint = self.label is not None and label != self.label
            style = self.colored("foreground" if faint else color(label), faint)
            style = style + Style(bold=True) if label == self.label else style
            entries.append((glyph(label), shortened(name, _NAME), style))
        if self.label is not None:  # first, because there may not be room for all
            entries.insert(0, entries.pop(self.label))
        return self.legend(entries, width, most)
