"""The images that one of two runs gets right and the other one wrong."""

from functools import partial
from typing import NamedTuple

import numpy as np
from rich.cells import set_cell_size
from rich.style import Style
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.runs.comparison import PredictionComparison
from core.types import Indices
from tui.drawing.numbers import percent
from tui.drawing.text import longest, paragraph, styled
from tui.panes.image_pages import FULL, PAGE_BINDINGS, ImagePages, PageLayout
from tui.screens.runs.compared import Compared
from tui.screens.runs.marks import COLORS, GLYPHS

_LAYOUT = PageLayout(FULL, (3, FULL[1]))


class PairImages(ImagePages):
    """Images in pages, those with the most confident correct predictions first.

    right: which of the two runs is right, 0 or 1.
    """

    HINT = "arrows select  Enter enlarge  m other run"
    BINDINGS = [
        *PAGE_BINDINGS,
        Binding("m", "other", "Images that the other run gets right", show=False),
        Binding("i", "pictures", "Half-blocks or ASCII", show=False),
    ]

    class Opened(Message):
        """Request to enlarge the image in one of `rows` of the comparison."""

        def __init__(self, rows: Indices, place: int) -> None:
            super().__init__()
            self.rows, self.place = rows, place

    compared: reactive[Compared | None] = reactive(None, repaint=False)
    right: reactive[int] = reactive(0, repaint=False)

    def __init__(self) -> None:
        super().__init__("pair-images")
        self.border_title = "Images"
        self._rows: Indices = np.empty(0, np.intp)

    def watch_compared(self) -> None:
        self._select()

    def watch_right(self) -> None:
        self._select()

    @property
    def rows(self) -> Indices:
        return self._rows

    def action_other(self) -> None:
        self.right = 1 - self.right

    def action_open(self) -> None:
        if len(self._rows):
            self.post_message(self.Opened(self._rows, self.place))
        else:
            self.notify("There is no image to enlarge.", timeout=3)

    def _select(self) -> None:
        found = self.compared and self.compared.predictions
        self._rows = np.empty(0, np.intp)
        if found:
            rows = found.only(self.right)
            sure = found.true_probability[self.right][rows].astype(np.float64)
            self._rows = rows[np.argsort(-sure, kind="stable")]
        self.place = 0
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        compared = self.compared
        if compared is None:
            return []
        found, dataset = compared.predictions, compared.dataset
        if found is None or dataset is None:
            self.set_border("Images")
            return paragraph(compared.reason, width, self.muted)
        images = dataset.images(found.subset)
        self.lay_out(width, height, images.shape[1:], _LAYOUT)
        page = self.page
        right, wrong = compared.runs[self.right], compared.runs[1 - self.right]
        count = len(self._rows)
        share = f"{count:,} of {len(found.labels):,}"
        forms = (
            f"Only {GLYPHS[right.mark]} is right: {share} images",
            f"Only {GLYPHS[right.mark]} is right: {share}",
            f"Only {GLYPHS[right.mark]} is right: {count:,}",
        )
        title = longest(forms, width - 4)
        if not page:
            self.set_border(title)
            text = f"There is no image that {right.name} gets right and {wrong.name} wrong."
            return paragraph(text, width, self.muted)
        places = f"{page.start + 1:,}–{page.stop:,}" if len(page) > 1 else f"{page.stop:,}"
        self.set_border(title, f"{places} of {count:,}  m: only {GLYPHS[wrong.mark]}")
        shown = images[found.indices[self._rows[page.start : page.stop]]]
        return self.draw_page(page, shown, partial(self._caption, compared, found))

    def _caption(
        self,
        compared: Compared,
        found: PredictionComparison,
        row: int,
        width: int,
        selected: bool,
    ) -> list[Strip]:
        """The true class, and what each run predicts with the probability of the true one."""
        strong = selected and self.has_focus
        plain = self.plain + Style(reverse=True, bold=True) if strong else self.plain
        muted = plain if strong else self.muted
        label = found.class_names[int(found.labels[row])]
        lines = [styled((f"{'▶' if selected else ' '}true ", muted), (label, plain))]
        for prediction, run in zip(predictions_of(found, row), compared.runs, strict=True):
            figures = f" {'✓' if prediction.correct else '×'} p(true) {prediction.true:>4}"
            name = set_cell_size(prediction.name, max(0, width - 2 - len(figures)))
            mark = GLYPHS[run.mark]
            lines.append(
                styled(
                    (f"{mark} ", plain if strong else self.blended(COLORS[run.mark])),
                    (name, plain),
                    (figures, muted),
                )
            )
        return [line.adjust_cell_length(width, plain) for line in lines]


class ImagePrediction(NamedTuple):
    """What a run predicts for an image, with the probability of the true class."""

    name: str
    correct: bool
    true: str


def predictions_of(found: PredictionComparison, row: int) -> list[ImagePrediction]:
    """Returns the predictions of the two runs for the image in a row of the comparison."""
    return [
        ImagePrediction(
            found.class_names[int(found.predicted[run, row])],
            bool(found.predicted[run, row] == found.labels[row]),
            percent(float(found.true_probability[run, row])),
        )
        for run in (0, 1)
    ]
