"""The smallest change of a picture that flips the prediction."""

from collections.abc import Iterable

import numpy as np
from textual.strip import Strip

from core.inspection.adversarial_example import LIMIT, AdversarialExample
from core.text import counted
from tui.drawing.bars import BLOCKS, sparkline
from tui.drawing.numbers import number, probability, shortened
from tui.drawing.pictures import picture, picture_size
from tui.drawing.text import paragraph, styled, tiled
from tui.drawing.weight_pictures import legend, weight_picture
from tui.run import examinations
from tui.run.inspector import ExaminationTask
from tui.screens.examine.pane import NOT_FINITE, ExaminePane

_GAP = 2
_WORDS = 8  # lines below the pictures
_SOURCE = (
    "Each pixel is changed along the sign of the gradient of the loss, by the same number of gray "
    "levels, unless it becomes black or white (FGSM, Goodfellow et al. 2015)."
)


class AdversarialPane(ExaminePane):
    """The original, the perturbation magnified, the adversarial example, and how small it is."""

    def questions(self) -> Iterable[tuple[str, ExaminationTask]]:
        work = examinations.adversarial(self.subject.picture)
        return [("looking for an adversarial example", work)]

    def draw(self, width: int, height: int) -> list[Strip]:
        found: AdversarialExample | None = self.found(AdversarialExample)
        title = f"Adversarial example: {self.subject.name}"
        self.set_border(title)
        if found is None:
            return self.waiting(width)
        if found.predicted is None:
            return paragraph(NOT_FINITE, width, self.plain)
        self.set_border(title, self.cost(found.step, found.seconds))
        return [
            *self._pictures(found, found.predicted, width, height - _WORDS),
            *self._words(found, found.predicted, width),
        ]

    def _pictures(
        self, found: AdversarialExample, predicted: tuple[int, int], width: int, height: int
    ) -> list[Strip]:
        tile = (width - 2 * _GAP) // 3
        if tile < 1:
            return []
        size = picture_size(found.picture.shape, max(height - 2, 4), tile)
        largest = int(np.abs(found.change).max())
        before, after = (
            f"{shortened(self.names[label], max(tile - 7, 1))} {probability(float(shares[label]))}"
            for label, shares in zip(predicted, (found.before, found.after), strict=True)
        )
        tile = max(size[1], min(tile, 25))
        name = "perturbed image" if found.size is None else "adversarial example"
        panels = []
        for lines, words in (
            (picture(found.picture, size, self.pictures, self.plain), ("original", before)),
            (
                weight_picture(found.change.astype(np.float32), size, self.pictures, self.plain),
                (
                    f"perturbation × {255 / max(largest, 1):.0f}",
                    f"up to {counted(largest, 'gray level')}",
                ),
            ),
            (picture(found.changed, size, self.pictures, self.plain), (name, after)),
        ):
            captions = [styled((words[0], self.muted)), styled((words[1], self.plain))]
            panels.append(
                [line.adjust_cell_length(tile, self.plain) for line in (*captions, *lines)]
            )
        return tiled(panels, 3, _GAP, self.plain)

    def _words(
        self, found: AdversarialExample, predicted: tuple[int, int], width: int
    ) -> list[Strip]:
        changed = int(np.count_nonzero(found.change))
        first, then = (self.names[label] for label in predicted)
        if found.size is None and not changed:
            text = "No pixel has an effect on the prediction, so no perturbation can change it."
        elif found.size is None:
            text = (
                f"No perturbation of 1 to {LIMIT} of 255 gray levels changes the prediction; at "
                f"{LIMIT}, as shown, the probability of {first} is "
                f"{probability(float(found.confidence[-1]))}."
            )
        else:
            share, mean = found.size / 255, float(np.abs(found.change).sum()) / max(changed, 1)
            text = (
                f"A perturbation of {found.size} of 255 gray levels ({share:.1%}) changes the "
                f"prediction from {first} to {then}. {changed:,} of {found.picture.size:,} "
                f"pixels change, on average by {number(mean, 2)} of 255."
            )
        lines = [styled(("", self.plain)), *paragraph(text, width, self.plain)]
        last = LIMIT if found.size is None else found.size
        shares = found.confidence[: last + 1].astype(np.float64)
        label = f"p({first}) at 0 to {counted(last, 'gray level')}: "
        room = width - len(label)
        if changed and room > 10:
            steps = sparkline(shares, min(room, len(shares)), BLOCKS[1:])
            lines.append(styled((label, self.muted), (steps, self.plain)))
        lines += paragraph(_SOURCE, width, self.muted)
        words = legend(self.pictures, width).replace("negative", "darker")
        return [*lines, styled((words.replace("positive", "brighter"), self.muted))]
