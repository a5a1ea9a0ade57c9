"""What the network predicts for the drawing: the probability of each class, and the saliency."""

import numpy as np
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.history.snapshot import Snapshot
from core.inspection.classification import Classification
from tui.drawing.bars import bar
from tui.drawing.numbers import fit, probability
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.saliency import saliency_image
from tui.drawing.text import paragraph, styled
from tui.panes.line_pane import LinePane

_NAME, _FIGURE = 11, 6  # cells
_SALIENCY = "how much each pixel affects the prediction: |dL/dx| ⊙ x"
_MIN_ROWS = 5  # of the saliency


class Prediction(LinePane, can_focus=False):
    """Shows the latest classification of the snapshot."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="prediction")

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        new = snapshot.classification is not before.classification
        if new or snapshot.progress is not before.progress or snapshot.phase is not before.phase:
            self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        snapshot = self.snapshot
        found, run, progress = snapshot.classification, snapshot.run, snapshot.progress
        self.set_border("Prediction", snapshot.phase.value)
        waits = f"The network is busy: {progress.task}." if progress else "Waiting for the network."
        if found is None or run is None:
            return paragraph(waits, width, self.muted)
        trained = f"after step {found.step:,}" if found.step else "not trained yet"
        head = waits if progress else trained
        lines = [styled((head, self.muted)), styled(("", self.plain))]
        names = run.dataset.class_names
        if found.predicted is None:
            text = "Its numbers are no longer finite. On the main screen, b goes back."
            return lines + paragraph(text, width, self.plain)
        lines += self._bars(found, names, width, height - len(lines))
        lines += self._saliency(found, width, height - len(lines))
        return [line.crop(0, width) for line in lines]

    def _bars(
        self, found: Classification, names: tuple[str, ...], width: int, max_rows: int
    ) -> list[Strip]:
        """A bar for each class; if they are too many, for the most probable ones."""
        shares = found.probabilities
        shown = np.sort(np.argsort(-shares, kind="stable")[: max(max_rows, 1)])
        cells = max(3, width - _NAME - _FIGURE - 4)
        lines = []
        for index in shown.tolist():
            share = float(shares[index])
            is_predicted = index == found.predicted
            line = f"{fit(names[index], _NAME)} {bar(share, cells)} {probability(share):>{_FIGURE}}"
            style = self.plain + Style(bold=True) if is_predicted else self.plain
            lines.append(styled((f"{line}{' ◀' if is_predicted else ''}", style)))
        return lines

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
