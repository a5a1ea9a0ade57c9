"""The image at the cursor of the map, and what the network says about it."""

import numpy as np
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.history.snapshot import Snapshot
from tui.drawing.class_marks import glyph
from tui.drawing.numbers import percent
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.text import paragraph, styled
from tui.panes.line_pane import LinePane
from tui.screens.what_if.map import MapPane


class MapImage(LinePane, can_focus=False):
    """Names and shows one image of a map. It follows the pane that is given."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

    def __init__(self, map_pane: MapPane) -> None:
        super().__init__("map-image")
        self.border_title = "At the cursor"
        self._map = map_pane

    def watch_pictures(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        run, found, place = self.snapshot.run, self._map.found, self._map.cursor
        if run is None or found is None:
            return []
        index, label = int(found.indices[place]), int(found.labels[place])
        names = run.dataset.class_names
        strong = self.plain + Style(bold=True)
        number, count = self._map.in_cell
        file = "test" if run.evaluation_set == "test" else "training"
        lines = [styled((f"{file} image #{index}", self.muted))]
        lines += paragraph(f"{glyph(label)} {names[label]}", width, strong)
        lines += paragraph(self._prediction(index, label), width, self.plain)
        if count > 1:
            text = f"{number:,} of {count:,} in this cell"
            lines += [styled((part, self.muted)) for part in (text, ", . the others")]
        lines.append(styled(("", self.plain)))
        rows = height - len(lines)
        if rows > 2:
            image = run.dataset.images(found.subset)[index]
            size = picture_size(image.shape, rows, width)
            lines += picture(image, size, self.pictures, self.plain)
        return [line.crop(0, width) for line in lines]

    def _prediction(self, index: int, label: int) -> str:
        """What the last evaluation says about the image."""
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        assert run is not None
        if evaluation is None:
            return "not evaluated yet"
        rows = np.flatnonzero(evaluation.indices == index)
        if not len(rows):
            return ""
        shares = evaluation.probabilities[rows[0]]
        predicted = int(shares.argmax())
        figure = percent(float(shares[predicted]))
        if predicted == label:
            return f"✓ predicted, {figure} confidence"
        return f"→ {run.dataset.class_names[predicted]} predicted, {figure} confidence"
