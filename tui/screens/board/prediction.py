"""What the network predicts for the drawing: the probability of each class, the activity of the
hidden units, and the saliency."""

import numpy as np
from textual.reactive import reactive
from textual.strip import Strip

from core.history.snapshot import Snapshot
from core.inspection.classification import Classification
from tui.drawing.class_bars import class_bars
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.saliency import saliency_image
from tui.drawing.text import as_many, longest, paragraph, styled
from tui.drawing.weight_pictures import weight_picture
from tui.panes.line_pane import LinePane

_KEYS = ("a adversarial", "y why", "c best", "o file")
_OTHER_PART = "v units or saliency"
_MAX_ROWS = 4  # of the units of a layer
_SALIENCY = "how much each pixel affects the prediction: |dL/dx| ⊙ x"
_MIN_ROWS = 5  # of the saliency


class Prediction(LinePane, can_focus=False):
    """Shows the latest classification of the snapshot."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)
    saliency_first: reactive[bool] = reactive(False, repaint=False)  # if there is no room for both

    def __init__(self) -> None:
        super().__init__(id="prediction")

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.progress is not before.progress or snapshot.phase is not before.phase:
            self.redraw()
        elif snapshot.classification is not before.classification:
            self.redraw_changes()

    def watch_pictures(self) -> None:
        self.redraw()

    def watch_saliency_first(self) -> None:
        self.redraw()

    def other_part(self) -> bool:
        """Shows the saliency before the units, or after them; returns whether that is visible."""
        width, height = self.scrollable_content_region.size
        before = self.draw(width, height)
        self.saliency_first = not self.saliency_first
        return self.draw(width, height) != before

    def draw(self, width: int, height: int) -> list[Strip]:
        lines, left_out = self._contents(width, height)
        keys = (_OTHER_PART, *_KEYS) if left_out else (*_KEYS, _OTHER_PART)
        self.set_border("Prediction", as_many([self.snapshot.phase.value, *keys], width - 4))
        return [line.crop(0, width) for line in lines]

    def _contents(self, width: int, height: int) -> tuple[list[Strip], bool]:
        """Returns the lines, and whether there is no room for the units or the saliency."""
        snapshot = self.snapshot
        found, run, progress = snapshot.classification, snapshot.run, snapshot.progress
        waits = f"The network is busy: {progress.task}." if progress else "Waiting for the network."
        if found is None or run is None:
            return paragraph(waits, width, self.muted), False
        trained = f"after step {found.step:,}" if found.step else "not trained yet"
        head = waits if progress else trained
        lines = [styled((head, self.muted)), styled(("", self.plain))]
        names = run.dataset.class_names
        if found.predicted is None:
            text = "Its numbers are no longer finite. On the main screen, b goes back."
            return lines + paragraph(text, width, self.plain), False
        lines += class_bars(found.probabilities, names, width, height - len(lines), self.plain)
        parts = [self._units, self._saliency]
        drawn = []
        for part in reversed(parts) if self.saliency_first else parts:
            drawn.append(part(found, width, height - len(lines)))
            lines += drawn[-1]
        return lines, bool(found.picture.any()) and not all(drawn)

    def _units(self, found: Classification, width: int, height: int) -> list[Strip]:
        """A cell for each hidden unit, as far as there is room; of many units, the mean of some."""
        lines: list[Strip] = []
        for number, activity in enumerate(found.activity, 1):
            units = len(activity)
            each = -(-units // (width * _MAX_ROWS))  # units that share a cell
            means = np.add.reduceat(activity, np.arange(0, units, each)) / each
            columns = min(len(means), width)
            rows = -(-len(means) // columns)
            if len(lines) + rows + 1 > height - 1:
                break
            cells = np.zeros(rows * columns, activity.dtype)
            cells[: len(means)] = means
            active, most = np.count_nonzero(activity > 0), float(np.abs(activity).max())
            head = f"hidden layer {number}: {active} of {units} units above 0"
            short = f"layer {number}: {active} above 0"
            head = longest([f"{head}, up to {most:.2g}", head, short], width)
            drawn = weight_picture(
                cells.reshape(rows, columns), (rows, columns), self.pictures, self.plain
            )
            drawn[-1] = drawn[-1].crop(0, len(means) - (rows - 1) * columns)
            lines += [styled((head, self.muted)), *drawn]
        return [styled(("", self.plain)), *lines] if lines else []

    def _saliency(self, found: Classification, width: int, height: int) -> list[Strip]:
        """What the prediction depends on, if there is room."""
        blank = styled(("", self.plain))
        label = [blank, *paragraph(_SALIENCY, width, self.muted)]
        room = height - len(label)
        gray = saliency_image(found.saliency, found.picture)
        if room < _MIN_ROWS or gray is None:
            return []
        size = picture_size(gray.shape, room, width)
        return label + picture(gray, size, self.pictures, self.plain)
