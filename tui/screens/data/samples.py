"""The images of one row of the table of classes, in pages."""

import numpy as np
from rich.cells import set_cell_size
from rich.style import Style
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.data.dataset import Dataset
from core.inspection.data_overview import DataOverview
from core.text import capitalized
from core.types import Bytes, Indices
from tui.drawing.numbers import shortened
from tui.drawing.text import longest, paragraph, styled
from tui.panes.image_facts import DOUBTFUL as MARK
from tui.panes.image_pages import FULL, PAGE_BINDINGS, THUMBNAIL, ImagePages, PageLayout
from tui.preferences import Preferences, follow, remember
from tui.screens.data.classes import DOUBTFUL, LEFT_OUT, MEANS, Row

_CAPTION = (2, 14)  # lines and cells
_SMALLER = ((6, 12), (5, 10))  # lines and cells of a mean image, so that all are on a page
LOOKING = "All images are being looked at."
_EMPTY = {
    DOUBTFUL: "No image is marked as doubtful. In a list of images, or enlarged, d marks one.",
    LEFT_OUT: "This run leaves out no training image. l starts a run without the doubtful ones.",
}


class Samples(ImagePages):
    """Shows mean images, or single images by their number."""

    HINT = "arrows select  Enter enlarge  d doubtful"
    BINDINGS = [
        *PAGE_BINDINGS,
        Binding("d", "doubtful", "Doubtful", show=False),
    ]

    class Opened(Message):
        """Request to enlarge the image of this index in `subset`, one of `indices`."""

        def __init__(self, subset: str, index: int, indices: Indices, name: str) -> None:
            super().__init__()
            self.subset, self.index, self.indices, self.name = subset, index, indices, name

    class ClassChosen(Message):
        """Request to show the images of a class."""

        def __init__(self, label: int) -> None:
            super().__init__()
            self.label = label

    class Doubted(Message):
        """Request to mark or unmark the image of this index in `subset`."""

        def __init__(self, subset: str, index: int) -> None:
            super().__init__()
            self.subset, self.index = subset, index

    shown: reactive[Row] = reactive(Row(MEANS), repaint=False)
    part: reactive[str] = reactive("training", repaint=False)
    doubtful: reactive[frozenset[int]] = reactive(frozenset[int](), repaint=False)
    thumbnails: reactive[bool] = reactive(True, repaint=False)

    def __init__(self) -> None:
        super().__init__("samples")
        self._data: Dataset | None = None
        self._overview: DataOverview | None = None

    def on_mount(self) -> None:
        follow(self, self._follow_preferences)

    def _follow_preferences(self, preferences: Preferences) -> None:
        self.thumbnails = preferences.thumbnails

    def fill(self, data: Dataset, overview: DataOverview) -> None:
        """Shows this dataset."""
        self._data, self._overview = data, overview
        self.redraw()

    def watch_shown(self) -> None:
        self.place = 0
        self.redraw()

    def watch_part(self) -> None:
        self.place = 0
        self.redraw()

    def watch_doubtful(self) -> None:
        self.redraw()

    def watch_thumbnails(self) -> None:
        self.redraw()

    @property
    def rows(self) -> Indices:
        """The indices of the images; of mean images, the classes."""
        data, overview = self._data, self._overview
        if data is None or overview is None:
            return np.empty(0, np.intp)
        if self.shown.kind == MEANS:
            return np.arange(len(data.class_names))
        if self.shown.kind in (DOUBTFUL, LEFT_OUT):
            numbers = self.doubtful if self.shown.kind == DOUBTFUL else data.left_out
            return np.array(sorted(numbers), np.intp)
        indices = overview.parts.get(self.part, np.empty(0, np.intp))
        return indices[data.labels(self.part)[indices] == self.shown.label]

    @property
    def subset(self) -> str:
        """The subset that the rows are indices of."""
        return self.part if self.shown.kind == "class" else "training"

    def action_thumbnails(self) -> None:
        remember(self, thumbnails=not self.thumbnails)

    def action_open(self) -> None:
        rows = self.rows
        if not len(rows):
            return
        index = int(rows[self.cursor])
        if self.shown.kind == MEANS:
            self.post_message(self.ClassChosen(index))
        else:
            self.post_message(self.Opened(self.subset, index, rows, self._what()))

    def action_doubtful(self) -> None:
        rows = self.rows
        if self._overview is None:
            self.notify(LOOKING)
        elif self.shown.kind == MEANS:
            self.notify("d marks a single image; choose a class first.")
        elif len(rows):
            self.post_message(self.Doubted(self.subset, int(rows[self.cursor])))

    def draw(self, width: int, height: int) -> list[Strip]:
        data, overview = self._data, self._overview
        if data is None or overview is None:
            self.set_border("Images")
            return paragraph(LOOKING, width, self.muted)
        rows, shape = self.rows, data.train_images.shape[1:]
        layout = PageLayout(THUMBNAIL if self.thumbnails else FULL, _CAPTION)
        if self.shown.kind == MEANS and self.thumbnails:
            layout = for_all(len(rows), layout, (width, height), shape)
        self.lay_out(width, height, shape, layout)
        page = self.page
        title = capitalized(self._what(width - 4))
        if not page:
            self.set_border(title)
            text = _EMPTY.get(self.shown.kind, f"The {self.part} set has no image of this class.")
            return paragraph(text, width, self.muted)
        places = f"{page.start + 1:,}–{page.stop:,} of {len(rows):,}"
        more = f"{places}  PgDn: next page" if page.stop < len(rows) else places
        self.set_border(title, longest([more, places], width - 4))
        chosen = rows[page.start : page.stop]
        images: Bytes = (
            overview.means[chosen] if self.shown.kind == MEANS else data.images(self.subset)[chosen]
        )
        return self.draw_page(page, images, self._caption)

    def _what(self, width: int = 1000) -> str:
        """What is shown, in words. The name of a class is shortened to fit in `width` cells."""
        assert self._data is not None
        if self.shown.kind == MEANS:
            return "mean image of each class"
        if self.shown.kind == "class" and self.shown.label is not None:
            start = f"{self.part} images of "
            return start + shortened(self._data.class_names[self.shown.label], width - len(start))
        return f"{self.shown.kind} training images"

    def _caption(self, row: int, width: int, selected: bool) -> list[Strip]:
        """The class and the number of an image; of a mean image, how many it is the mean of."""
        assert self._data is not None
        assert self._overview is not None
        if self.shown.kind == MEANS:
            name = self._data.class_names[row]
            count = f"{self._overview.counts['training'][row]:,}"
            figures = longest([f"mean of {count}", count], width - 1)
        else:
            name = self._data.class_names[int(self._data.labels(self.subset)[row])]
            mark = f" {MARK}" if self.subset != "test" and row in self.doubtful else ""
            figures = f"#{row}{mark}"
        plain = self.plain
        if selected:
            plain = plain + Style(reverse=self.has_focus, bold=True)
        muted = plain if selected else self.muted
        sign = "▶" if selected else " "
        return [
            styled((set_cell_size(f"{sign}{shortened(name, width - 1)}", width), plain)),
            styled((set_cell_size(f" {figures}", width), muted)),
        ]


def for_all(
    count: int, layout: PageLayout, room: tuple[int, int], shape: tuple[int, ...]
) -> PageLayout:
    """The layout, or if `count` images need a smaller one to be on a page, the largest of those.

    room: width and height in cells. shape: of an image.
    """
    smaller = (PageLayout(size, (_CAPTION[0], size[1])) for size in _SMALLER)
    fitting = (one for one in (layout, *smaller) if one.fit(*room, shape)[0].tiles >= count)
    return next(fitting, layout)
