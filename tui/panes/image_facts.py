"""What the network predicts for one image, now and at earlier evaluations."""

import numpy as np
from rich.cells import set_cell_size
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Evaluation, RunStarted
from core.history.prediction_history import ImageHistory
from core.history.snapshot import Snapshot
from core.image_place import image_name
from core.metrics import losses
from core.text import capitalized, significant
from core.types import Floats
from tui.drawing.bars import bar
from tui.drawing.numbers import fit, percent, probability
from tui.drawing.text import longest, styled
from tui.panes.browsed import Browsed
from tui.panes.line_pane import LinePane

_NAME = 11
DOUBTFUL = "?"
_CHANGES = ["The first, and each change of the prediction:", "First, and each change:"]
_LEVELS = "▁▂▃▄▅▆▇█"


class ImageFacts(LinePane):
    """An image's place in the list, its classes, loss, probabilities and history."""

    HINT = "←→ image"
    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    index: reactive[int] = reactive(0, repaint=False)
    doubtful: reactive[frozenset[int]] = reactive(frozenset[int](), repaint=False)

    def __init__(self, browsed: Browsed, subset: str) -> None:
        super().__init__(id="facts-of-image")
        self._browsed, self._subset = browsed, subset

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        is_new = snapshot.classification is not before.classification
        if snapshot.evaluation is not before.evaluation or is_new:
            self.redraw()

    def watch_doubtful(self) -> None:
        self.redraw()

    def watch_index(self) -> None:
        self.scroll_home(animate=False)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        row = row_of(evaluation, self._subset, self.index)
        if run is None or self.index >= len(run.dataset.images(self._subset)):
            return [styled(("The run has other images now.", self.plain))]
        if evaluation is None or row is None:
            return [line.crop(0, width) for line in self._classified(run, width)]
        names, label = run.dataset.class_names, int(evaluation.labels[row])
        predicted = int(evaluation.probabilities[row].argmax())
        plain, muted, bold = self.plain, self.muted, self.plain + Style(bold=True)
        wrong = bold + self.blended("text-error")
        verdict, style = ("✓ correct", bold) if predicted == label else ("× mistake", wrong)
        lines = [
            *self._heading(f"after step {evaluation.step:,}"),
            styled(("", plain)),
            styled(("true       ", muted), (names[label], bold)),
            styled(("predicted  ", muted), (names[predicted], style), (f"  {verdict}", plain)),
            styled(
                ("loss       ", muted), (f"{significant(losses(evaluation)[row], 3)} nats", plain)
            ),
            styled(("", plain)),
            *self._probabilities(evaluation.probabilities[row], label, names, width),
            styled(("", plain)),
            *self._history(self.snapshot.predictions.image(row), names, label, width),
        ]
        return [line.crop(0, width) for line in lines]  # long names need no scroll bar

    def _heading(self, where: str) -> list[Strip]:
        """Which image it is, its place in the list, and whether it is doubtful."""
        lines = [
            styled((capitalized(image_name(self._subset, self.index)), self.plain)),
            styled((where, self.muted)),
            styled((place_of(self._browsed, self.snapshot, self._subset, self.index), self.muted)),
        ]
        if self._subset != "test" and self.index in self.doubtful:
            lines.append(styled((f"{DOUBTFUL} marked as doubtful; d unmarks it", self.plain)))
        return lines

    def _classified(self, run: RunStarted, width: int) -> list[Strip]:
        """What the network predicts now for an image that was not evaluated."""
        data, found = run.dataset, self.snapshot.classification
        label = int(data.labels(self._subset)[self.index])
        names, plain, muted = data.class_names, self.plain, self.muted
        left_out = self._subset != "test" and self.index in data.left_out
        part = "left out of this run" if left_out else ""
        image = data.images(self._subset)[self.index]
        bold = plain + Style(bold=True)
        truth = styled(("true       ", muted), (names[label], bold))
        blank = styled(("", plain))
        if found is None or not np.array_equal(found.picture, image):
            return [*self._heading(part), blank, truth, styled(("Waiting for the network.", muted))]
        lines = self._heading(f"{part and f'{part}, '}after step {found.step:,}")
        predicted = found.predicted
        if predicted is None:
            return [*lines, blank, truth, styled(("Its numbers are no longer finite.", plain))]
        wrong = bold + self.blended("text-error")
        verdict, style = ("✓ correct", bold) if predicted == label else ("× mistake", wrong)
        with np.errstate(divide="ignore"):
            loss = -float(np.log(found.probabilities[label]))
        return [
            *lines,
            blank,
            truth,
            styled(("predicted  ", muted), (names[predicted], style), (f"  {verdict}", plain)),
            styled(("loss       ", muted), (f"{significant(loss, 3)} nats", plain)),
            blank,
            *self._probabilities(found.probabilities, label, names, width),
        ]

    def _probabilities(
        self, probabilities: Floats, label: int, names: tuple[str, ...], width: int
    ) -> list[Strip]:
        """The predicted probability of each class."""
        predicted = int(probabilities.argmax())
        plain, bold = self.plain, self.plain + Style(bold=True)
        cells = max(4, width - _NAME - 26)
        lines = []
        for at, share in enumerate(probabilities.tolist()):
            marks = [mark for mark, of in (("true", label), ("predicted", predicted)) if of == at]
            sign = f" ◀ {', '.join(marks)}" if marks else ""
            line = f"{fit(names[at], _NAME)} {bar(share, cells)} {probability(share):>6}{sign}"
            lines.append(styled((line, bold if marks else plain)))
        return lines

    def _history(
        self, history: ImageHistory, names: tuple[str, ...], label: int, width: int
    ) -> list[Strip]:
        """The probability of the true class by evaluation, and each change of the prediction."""
        count, plain, muted = len(history.steps), self.plain, self.muted
        if not count:  # the run went back, and those up to this step were thinned
            return [styled(("History: no evaluation is kept up to here", muted))]
        shown = np.unique(np.linspace(0, count - 1, min(count, max(1, width - 12))).astype(int))
        probabilities = np.nan_to_num(history.true_probability[shown].astype(float))
        levels = (probabilities * len(_LEVELS)).astype(int).tolist()
        correct = (history.predicted[shown] == label).tolist()
        first, last = history.steps[0], history.steps[-1]
        lines = [
            styled(
                (
                    f"History: {count} evaluation{'s' * (count != 1)}, step {first:,} to {last:,}",
                    plain,
                )
            ),
            styled(("p(true)    ", muted), (_bars(levels), plain)),
            styled(("correct    ", muted), (_ticks(correct), plain)),
            styled((longest(_CHANGES, width), plain)),
            styled((f"{'step':>8}  {'predicted':{_NAME}}   {'p(true)':>11}", muted)),
        ]
        for at in history.changes():
            predicted = int(history.predicted[at])
            sign = "✓" if predicted == label else "×"
            name = set_cell_size(names[predicted], _NAME)
            share = percent(float(history.true_probability[at]))
            lines.append(styled((f"{history.steps[at]:>8,}  {name} {sign} {share:>11}", plain)))
        return lines


def row_of(evaluation: Evaluation | None, subset: str, index: int) -> int | None:
    """The row of an image in an evaluation; None if the evaluation does not include the image."""
    if evaluation is None or evaluation.subset != subset:
        return None
    rows = np.flatnonzero(evaluation.indices == index)
    return int(rows[0]) if len(rows) else None


def place_of(browsed: Browsed, snapshot: Snapshot, subset: str, index: int) -> str:
    """The place of an image in the list that it is opened from, in words."""
    indices, what = browsed.indices(snapshot, subset), browsed.describe(snapshot)
    places = np.flatnonzero(indices == index)
    if not len(places):
        return f"no longer in the list: {what}"
    return f"{places[0] + 1:,} of {len(indices):,}: {what}"


def _bars(levels: list[int]) -> str:
    return "".join(_LEVELS[min(level, len(_LEVELS) - 1)] for level in levels)


def _ticks(correct: list[bool]) -> str:
    return "".join("✓" if tick else "×" for tick in correct)
