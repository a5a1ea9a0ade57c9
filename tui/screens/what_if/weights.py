"""The accuracy with fewer weights, and with noise on them, as charts."""

import numpy as np
from textual.strip import Strip

from core.what_if.subject import Answer, Question
from core.what_if.weight_damage import Pruning, WeightNoise, pruning, weight_noise
from tui.drawing.line_chart import ChartCurve, Mark
from tui.screens.what_if.answer_pane import AnswerPane

_PRUNED = "The smallest weights of all layers are set to 0, without further training."
_NOISY = (
    "Each weight gets random noise, in percent of the typical size (root mean square) of its "
    "layer's weights."
)


class PruningChart(AnswerPane):
    """Accuracy over the share of the weights that are set to 0."""

    KIND = Pruning

    def __init__(self) -> None:
        super().__init__("pruning")
        self.border_title = "Fewer weights"

    @property
    def question(self) -> Question[Answer]:
        return pruning

    def draw(self, width: int, height: int) -> list[Strip]:
        found = self.snapshot.answer(Pruning)
        if found is None:
            return [*self.texts([_PRUNED], width), *self.state(width)]
        text = self.claim(found.summary) if found.done == 1 else _PRUNED
        lines = self.head(text, width, height)
        style, marker = self.colored("primary"), "o"
        lines += self.legend([(marker, "accuracy without them", style)], width)
        curves = [
            ChartCurve(found.shares, found.accuracy, style, marker),
            ChartCurve(found.shares, found.accuracy, style, marker, joined=False),
        ]
        marks = []
        if found.done == 1 and found.removable and not self.few:
            marks = [Mark(found.removable, "−1 point", self.muted)]
        titles = "share of the weights that are 0", self.accuracy
        room = width, height - len(lines)
        top = float(np.nanmax(found.accuracy))
        return lines + self.chart(
            curves, ((0, 1), (0, max(top, 0.1))), titles, room, marks, float(found.accuracy[0])
        )


class NoiseChart(AnswerPane):
    """Accuracy over the noise on the weights: the mean of three draws, and each of them."""

    KIND = WeightNoise

    def __init__(self) -> None:
        super().__init__("weight-noise")
        self.border_title = "Noisy weights"

    @property
    def question(self) -> Question[Answer]:
        return weight_noise

    def draw(self, width: int, height: int) -> list[Strip]:
        found = self.snapshot.answer(WeightNoise)
        if found is None:
            return [*self.texts([_NOISY], width), *self.state(width)]
        text = self.claim(found.summary) if found.done == 1 else _NOISY
        lines = self.head(text, width, height)
        strong, faint = self.colored("accent"), self.colored("foreground", faint=True)
        lines += self.legend(
            [("o", "mean accuracy", strong), (".", "each of three draws", self.muted)], width
        )
        draws = [
            ChartCurve(found.levels, found.accuracies[:, draw], faint, ".", joined=False)
            for draw in range(found.accuracies.shape[1])
        ]
        curves = [
            ChartCurve(found.levels, found.accuracy, strong, "o"),
            *draws,
            ChartCurve(found.levels, found.accuracy, strong, "o", joined=False),
        ]
        marks = []
        if found.done == 1 and found.tolerated and not self.few:
            marks = [Mark(found.tolerated, "−1 point", self.muted)]
        top, end = float(np.nanmax(found.accuracies)), float(found.levels[-1])
        titles = "noise, in percent of the typical weight of the layer", self.accuracy
        room = width, height - len(lines)
        return lines + self.chart(
            curves, ((0, end), (0, max(top, 0.1))), titles, room, marks, float(found.accuracy[0])
        )
