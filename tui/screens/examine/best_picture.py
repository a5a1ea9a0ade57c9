"""The network's best picture of a class."""

from collections.abc import Hashable, Iterable

import numpy as np
from textual.binding import Binding
from textual.strip import Strip

from core.inspection.best_picture import STEPS, BestPicture
from tui.drawing.bars import BLOCKS, sparkline
from tui.drawing.class_bars import class_bars
from tui.drawing.numbers import number
from tui.drawing.pictures import picture, picture_size
from tui.drawing.text import beside, longest, paragraph, styled
from tui.run import examinations
from tui.run.inspector import ExaminationTask
from tui.screens.examine.examined_picture import ExaminedPicture
from tui.screens.examine.pane import NOT_FINITE, ExaminePane

_FACTS, _GAP = 36, 2  # cells that the facts need beside the picture, and before them
_ROWS, _COLUMNS = 14, 28  # of the picture: the pixels of Fashion-MNIST, in half-blocks
_LARGE = (140, 44)  # the pane size from which on it is drawn twice as large
_SOURCE = (
    f"{STEPS} steps of gradient ascent from gray: the picture with the highest logit of the class, "
    "with no more contrast than a clear picture has (activation maximization, Simonyan et al. "
    "2014). It shows what the network looks for. It need not look like clothing."
)


class BestPicturePane(ExaminePane):
    """The picture, and what the network predicts for it; the arrow keys choose the class."""

    HINT = "←→ class"
    BINDINGS = [
        Binding("right", "label(1)", "Next class", show=False),
        Binding("left", "label(-1)", "Previous class", show=False),
    ]

    def __init__(self, subject: ExaminedPicture, label: int) -> None:
        super().__init__(subject)
        self._label = label

    @property
    def topic(self) -> Hashable:
        return self._label

    def questions(self) -> Iterable[tuple[str, ExaminationTask]]:
        height, width = self.subject.picture.shape
        return [("searching for the best picture", examinations.best(self._label, (height, width)))]

    def action_label(self, by: int) -> None:
        self._label = (self._label + by) % max(len(self.names), 1)
        self.redraw()
        self.post_message(self.TopicChanged())

    def draw(self, width: int, height: int) -> list[Strip]:
        found: BestPicture | None = self.snapshot.examined.get(BestPicture)
        name = self.names[self._label] if self._label < len(self.names) else ""
        forms = [f"The network's best picture of {name}", f"The best {name}"]
        title = longest(forms, self.size.width - 4)
        if found is None or found.label != self._label:
            self.set_border(title)
            return self.waiting(width)
        self.set_border(title, self.cost(found.step, found.seconds))
        if not np.isfinite(found.probabilities).all():
            return paragraph(NOT_FINITE, width, self.plain)
        # From farther away, its shapes are easier to see.
        scale = 1 + (width >= _LARGE[0] and height >= _LARGE[1])
        is_wide = width >= _FACTS + _GAP + scale * _COLUMNS
        rows = min(scale * _ROWS, height if is_wide else max(height // 2, 5))
        size = picture_size(found.picture.shape, rows, min(scale * _COLUMNS, width))
        drawn = picture(found.picture, size, self.pictures, self.plain)
        left = size[1] + _GAP
        if is_wide:
            facts = self._facts(found, name, width - left, height)
            return beside(drawn, facts, left, self.plain)
        return [*drawn, *self._facts(found, name, width, height - len(drawn))]

    def _facts(self, found: BestPicture, name: str, width: int, height: int) -> list[Strip]:
        start, end = found.logits[0], found.logits[-1]
        text = f"logit of {name}: {number(start)} for gray, {number(end)} for this picture"
        lines = paragraph(text, width, self.plain)
        label = "logit over the steps "
        room = min(width - len(label), 40)
        climb = sparkline(np.asarray(found.logits, np.float64), room, BLOCKS[1:])
        lines += [styled((label, self.muted), (climb, self.plain)), styled(("", self.plain))]
        words = [styled(("", self.plain)), *paragraph(_SOURCE, width, self.muted)]
        rows = max(height - len(lines) - len(words), 3)
        return [
            *lines,
            *class_bars(found.probabilities, self.names, width, rows, self.plain),
            *words,
        ]
