"""Whether the confidence of the network matches its accuracy, and its accuracy if it answers only
when confident."""

import numpy as np
from textual.strip import Strip

from core.what_if.confidence import calibration, selective
from tui.drawing.line_chart import ChartCurve, Mark
from tui.screens.what_if.answer_pane import AnswerPane, lowest

_THRESHOLDS = (0.5, 0.7, 0.9, 0.99)
_SUMMARIZED = 0.9
_LEAST_IN_BIN = 0.001  # of the images: the accuracy of a few says little
_LEAST = 0.02  # of the images, for the curve to begin
_POINTS = 400  # of a curve, more than any chart has dots


class ConfidencePane(AnswerPane):
    """Base class of the two charts, which show the latest evaluation."""

    def state(self, width: int) -> list[Strip]:
        evaluation = self.snapshot.evaluation
        if evaluation is None:
            return self.texts(["Shown after the first evaluation."], width)
        return super().state(width)

    def _state_text(self) -> str:
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        assert evaluation is not None
        if run is None:
            return ""
        images = f"{len(evaluation.labels):,} {evaluation.subset} images"
        return f"{images}{self.when(evaluation.step)}; from the last evaluation, at no extra cost."


class ReliabilityChart(ConfidencePane):
    """The accuracy of the predictions over their confidence, and how many there are."""

    def __init__(self) -> None:
        super().__init__("reliability")
        self.border_title = "Calibration"

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation = self.snapshot.evaluation
        if evaluation is None:
            return self.state(width)
        found = calibration(evaluation.probabilities, evaluation.labels)
        lines = self.head(self.claim(found.summary, len(evaluation.labels)), width, height)
        strong, ideal = self.colored("primary"), self.colored("foreground", faint=True)
        shares = self.colored("accent")
        lines += self.legend(
            [
                ("o", "accuracy at this confidence", strong),
                (".", "perfect calibration", self.muted),
                ("#", "share of the images", shares),
            ],
            width,
        )
        known = found.images >= max(1, _LEAST_IN_BIN * found.images.sum())
        places, accuracy = found.confidence[known], found.accuracy[known]
        share = found.images[known] / found.images.sum()
        both = np.array([0.0, 1.0])
        curves = [
            ChartCurve(both, both, ideal, "."),
            ChartCurve(places, share, shares, "#"),
            ChartCurve(places, share, shares, "#", joined=False),
            ChartCurve(places, accuracy, strong, "o"),
            ChartCurve(places, accuracy, strong, "o", joined=False),
        ]
        titles = "confidence: probability of the predicted class", "accuracy, share of the images"
        start = lowest(places)
        room = width, height - len(lines)
        return lines + self.chart(curves, ((start, 1), (0, 1)), titles, room)


class AnsweredChart(ConfidencePane):
    """The share right over the share answered, if it answers only above a confidence."""

    def __init__(self) -> None:
        super().__init__("answered")
        self.border_title = "Rejection"

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation = self.snapshot.evaluation
        if evaluation is None:
            return self.state(width)
        found = selective(evaluation.probabilities, evaluation.labels)
        text = self.claim(found.summary(_SUMMARIZED), len(evaluation.labels))
        lines = self.head(text, width, height)
        style = self.colored("primary")
        lines += self.legend(
            [
                ("o", "accuracy on the remaining images", style),
                (self.glyphs.change, "confidence threshold", self.muted),
            ],
            width,
        )
        some = np.unique(np.linspace(0, len(found.right) - 1, _POINTS).astype(int))
        # The first few answers say little: a single mistake among them would look like a large
        # drop.
        some = some[found.answered[some] >= _LEAST]
        curves = [ChartCurve(found.answered[some], found.share_right[some], style, "o")]
        marks = []
        for threshold in _THRESHOLDS:
            answered, _ = found.at(threshold)
            if 0 < answered < 1:
                marks.append(Mark(answered, f"{threshold:.0%}", self.muted))
        titles = (
            "share of the images that remain, most confident first",
            "accuracy on the remaining images",
        )
        low = min(lowest(found.share_right[some]), 0.9)
        room = width, height - len(lines)
        return lines + self.chart(curves, ((0, 1), (low, 1)), titles, room, marks)
