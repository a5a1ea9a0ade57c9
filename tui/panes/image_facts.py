"""What the network predicts for one image, now and at earlier evaluations."""

import numpy as np
from rich.cells import set_cell_size
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Evaluation
from core.history.image_selection import ImageSelection
from core.history.prediction_history import ImageHistory
from core.history.snapshot import Snapshot
from core.metrics import losses
from tui.drawing.bars import bar
from tui.drawing.numbers import fit, percent, probability
from tui.drawing.text import as_many, styled
from tui.panes.line_pane import LinePane

_NAME = 11
_KEYS = ("q close", "←→ image", "p draw on it", "i picture", "s e b train")
_LEVELS = "▁▂▃▄▅▆▇█"


class ImageFacts(LinePane):
    """An image's place in the selection, its classes, loss, probabilities and history."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    index: reactive[int] = reactive(0, repaint=False)

    def __init__(self, selection: ImageSelection, subset: str) -> None:
        super().__init__(id="facts-of-image")
        self._selection, self._subset = selection, subset

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation:
            self.redraw()

    def watch_index(self) -> None:
        self.scroll_home(animate=False)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        self.set_border("", as_many(_KEYS, width - 4))
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        row = row_of(evaluation, self._subset, self.index)
        if evaluation is None or run is None or row is None:
            return [styled(("This run does not evaluate this image.", self.plain))]
        names, label = run.dataset.class_names, int(evaluation.labels[row])
        predicted = int(evaluation.probabilities[row].argmax())
        plain, muted, bold = self.plain, self.muted, self.plain + Style(bold=True)
        wrong = bold + self.blended("text-error")
        verdict, style = ("✓ correct", bold) if predicted == label else ("× mistake", wrong)
        lines = [
            styled((f"Image #{self.index:,} of the {_files(self._subset)} images", plain)),
            styled((f"{self._subset} set, after step {evaluation.step:,}", muted)),
            styled((place_of(self._selection, evaluation, row, names), muted)),
            styled(("", plain)),
            styled(("true       ", muted), (names[label], bold)),
            styled(("predicted  ", muted), (names[predicted], style), (f"  {verdict}", plain)),
            styled(("loss       ", muted), (f"{losses(evaluation)[row]:.3g} nats", plain)),
            styled(("", plain)),
            *self._probabilities(evaluation, row, names, width),
            styled(("", plain)),
            *self._history(self.snapshot.predictions.image(row), names, label, width),
        ]
        return [line.crop(0, width) for line in lines]  # long names need no scroll bar

    def _probabilities(
        self, evaluation: Evaluation, row: int, names: tuple[str, ...], width: int
    ) -> list[Strip]:
        """The predicted probability of each class."""
        probabilities = evaluation.probabilities[row]
        label, predicted = int(evaluation.labels[row]), int(probabilities.argmax())
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
            styled(("", plain)),
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


def _files(subset: str) -> str:
    """The files that the number of an image refers to; validation images are training images."""
    return "test" if subset == "test" else "training"


def place_of(
    selection: ImageSelection, evaluation: Evaluation, row: int, names: tuple[str, ...]
) -> str:
    """The place of an image in the selection, in words."""
    rows, what = selection.rows(evaluation).tolist(), selection.describe(names)
    if row not in rows:
        return f"no longer in the list: {what}"
    return f"{rows.index(row) + 1:,} of {len(rows):,}: {what}"


def _bars(levels: list[int]) -> str:
    return "".join(_LEVELS[min(level, len(_LEVELS) - 1)] for level in levels)


def _ticks(correct: list[bool]) -> str:
    return "".join("✓" if tick else "×" for tick in correct)
