"""Why a picture is predicted as it is: the pixels for and against two classes, and similar
images."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from rich.cells import set_cell_size
from textual.strip import Strip

from core.inspection.nearest_images import NearestImages, Neighbors
from core.inspection.reasons import Reasons
from tui.drawing.numbers import number, probability, shortened
from tui.drawing.pictures import picture, picture_size
from tui.drawing.text import paragraph, styled, tiled
from tui.drawing.weight_pictures import legend, weight_picture
from tui.run import examinations
from tui.run.inspector import ExaminationTask
from tui.screens.examine.pane import NOT_FINITE, ExaminePane

_GAP = 2
_ROWS = 14  # of a picture at the top
_BELOW = 28  # lines that all other parts need
_THUMBNAIL = (7, 14)  # rows and columns of a training image
_SOURCE = "pixel times the gradient of the logit (gradient × input, Shrikumar et al. 2016)"


class WhyPane(ExaminePane):
    """The effect of the pixels on the predicted and the true class, and the nearest training
    images."""

    HINT = "↑↓ scroll"

    def questions(self) -> Iterable[tuple[str, ExaminationTask]]:
        subject = self.subject
        return [
            (
                "measuring the effect of each pixel",
                examinations.why(subject.picture, subject.label),
            ),
            (
                "comparing with all training images",
                examinations.nearest(subject.picture, subject.index),
            ),
        ]

    def draw(self, width: int, height: int) -> list[Strip]:
        found: Reasons | None = self.found(Reasons)
        if found is None or max(found.classes) >= len(self.names):
            self.set_border(f"Why: {self.subject.name}")
            return self.waiting(width)
        first, other = (self.names[label] for label in found.classes)
        self.set_border(
            f"Why {first} and not {other}: {self.subject.name}", f"after step {found.step:,}"
        )
        if not np.isfinite(found.probabilities).all():
            return paragraph(NOT_FINITE, width, self.plain)
        return [*self._reasons(found, width, height), *self._nearest(width)]

    def _reasons(self, found: Reasons, width: int, height: int) -> list[Strip]:
        tile = (width - 2 * _GAP) // 3
        if tile < 1:
            return []
        rows = max(min(_ROWS, height - _BELOW), _THUMBNAIL[0])
        size = picture_size(found.picture.shape, rows, tile)
        tile = max(size[1], min(tile, 25))
        truth = self.subject.label
        known = truth is not None and truth < len(self.names)  # the run may have other data now
        shown = f"true {self.names[truth or 0]}" if known else "the drawing"
        drawn = [(picture(found.picture, size, self.pictures, self.plain), shown)]
        for place, label in enumerate(found.classes):
            share = probability(float(found.probabilities[place]))
            name = shortened(self.names[label], max(tile - 11, 1))
            effects = weight_picture(found.effects[place], size, self.pictures, self.plain)
            drawn.append((effects, f"for {name} {share}"))
        panels = [
            [
                line.adjust_cell_length(tile, self.plain)
                for line in (styled((set_cell_size(words, tile), self.plain)), *lines)
            ]
            for lines, words in drawn
        ]
        meaning = (
            legend(self.pictures, width)
            .replace("negative", "against")
            .replace("positive", "for the class")
        )
        return [
            *tiled(panels, 3, _GAP, self.plain),
            *paragraph(f"{meaning}: {_SOURCE}", width, self.muted),
        ]

    def _nearest(self, width: int) -> list[Strip]:
        found: NearestImages | None = self.found(NearestImages)
        blank = styled(("", self.plain))
        if found is None:
            return [blank, *self.waiting(width)]
        cost = f"compared with {found.images:,} training images in {found.seconds:.1f} s"
        at = f", after step {found.step:,}"
        measures = [("Nearest training images by pixels", found.pixels)]
        if found.hidden is not None:
            what = f"Nearest by the {found.units} units of the last hidden layer"
            measures.append((what, found.hidden))
        lines = []
        for what, neighbors in measures:
            lines += [blank, *self._first_line(what, neighbors, width)]
        for what, neighbors in measures:
            lines += self._other_lines(what, neighbors, width)
        return [*lines, *paragraph(f"{cost}{at}", width, self.muted)]

    def _first_line(self, what: str, neighbors: Neighbors, width: int) -> list[Strip]:
        """The nearest images, as many as fit beside each other, under the classes of all."""
        run = self.snapshot.run
        assert run is not None
        labels = run.dataset.train_labels[neighbors.indices].tolist()
        counts = [
            f"{self.names[label]} ({count})" for label, count in Counter(labels).most_common(4)
        ]
        fitting, count = _fitting(width), len(neighbors.indices)
        more = f"; {fitting} of {count} shown, scroll for more" if fitting < count else ""
        text = f"{what} (d: Euclidean distance{more}): {', '.join(counts)}"
        lines = paragraph(text, width, self.plain)
        return [*lines, *self._images(neighbors, 0, min(fitting, count), width)]

    def _other_lines(self, what: str, neighbors: Neighbors, width: int) -> list[Strip]:
        """The images that do not fit in the first line."""
        fitting, count, lines = _fitting(width), len(neighbors.indices), []
        for start in range(fitting, count, fitting):
            end = min(start + fitting, count)
            places = f"{start + 1} to {end}" if end > start + 1 else f"{end}"
            lines += [
                styled(("", self.plain)),
                *paragraph(f"{what}, {places} of {count}", width, self.plain),
                *self._images(neighbors, start, end, width),
            ]
        return lines

    def _images(self, neighbors: Neighbors, start: int, end: int, width: int) -> list[Strip]:
        """A line of images with their labels, numbers and distances."""
        run = self.snapshot.run
        assert run is not None
        data = run.dataset
        tile = min(_THUMBNAIL[1], width)
        size = picture_size(data.train_images.shape[1:], _THUMBNAIL[0], tile)
        panels = []
        for index, distance in zip(
            neighbors.indices[start:end].tolist(),
            neighbors.distances[start:end].tolist(),
            strict=True,
        ):
            name = self.names[int(data.train_labels[index])]
            figures = f"#{index} d {number(distance, 2)}"
            drawn = picture(data.train_images[index], size, self.pictures, self.plain)
            captions = [
                styled((shortened(name, tile), self.plain)),
                styled((set_cell_size(figures, tile), self.muted)),
            ]
            panels.append(
                [line.adjust_cell_length(tile, self.plain) for line in (*drawn, *captions)]
            )
        return tiled(panels, len(panels), 1, self.plain) if panels else []


def _fitting(width: int) -> int:
    """How many training images fit beside each other."""
    return max(1, (width + 1) // (min(_THUMBNAIL[1], width) + 1))
