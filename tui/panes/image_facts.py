"""What the network says of one image, and what it said at the evaluations before."""

import numpy as np
from rich.cells import set_cell_size
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Evaluation
from core.history.prediction_history import ImageHistory
from core.history.snapshot import Snapshot
from core.inspection.image_selection import ImageSelection
from core.metrics import losses
from tui.drawing.bars import bar
from tui.drawing.numbers import fit, percent
from tui.drawing.text import styled
from tui.panes.line_pane import LinePane

_NAME = 11
_LEVELS = "▁▂▃▄▅▆▇█"


class ImageFacts(LinePane):
    """An image's place among the chosen, its classes, loss, probabilities, and its life."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    index: reactive[int] = reactive(0, repaint=False)

    def __init__(self, choice: ImageSelection, subset: str) -> None:
        super().__init__(id="facts-of-image")
        self._choice, self._subset = choice, subset

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation:
            self.redraw()

    def watch_index(self) -> None:
        self.scroll_home(animate=False)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, run = self.snapshot.evaluation, self.snapshot.run
        row = row_of(evaluation, self._subset, self.index)
        if evaluation is None or run is None or row is None:
            return [styled(("This run does not watch this image.", self.plain))]
        names, label = run.dataset.class_names, int(evaluation.labels[row])
        predicted = int(evaluation.probabilities[row].argmax())
        plain, muted, bold = self.plain, self.muted, self.plain + Style(bold=True)
        wrong = bold + self.blended("text-error")
        verdict, style = ("✓ recognised", bold) if predicted == label else ("× a mistake", wrong)
        lines = [
            styled((f"Image {self.index:,} of {self._subset}, step {evaluation.step:,}", plain)),
            styled((place_of(self._choice, evaluation, row, names), muted)),
            styled(("", plain)),
            styled(("true  ", muted), (names[label], bold)),
            styled(("said  ", muted), (names[predicted], style), (f"  {verdict}", plain)),
            styled(("loss  ", muted), (f"{losses(evaluation)[row]:.3g} nats", plain)),
            styled(("", plain)),
            *self._probabilities(evaluation, row, names, width),
            styled(("", plain)),
            *self._life(self.snapshot.predictions.of(row), names, label, width),
        ]
        return [line.crop(0, width) for line in lines]  # long names need no scroll bar

    def _probabilities(
        self, evaluation: Evaluation, row: int, names: tuple[str, ...], width: int
    ) -> list[Strip]:
        shares = evaluation.probabilities[row]
        label, predicted = int(evaluation.labels[row]), int(shares.argmax())
        plain, bold = self.plain, self.plain + Style(bold=True)
        cells = max(4, width - _NAME - 21)
        lines = []
        for of, share in enumerate(shares.tolist()):
            words = [word for word, which in (("true", label), ("said", predicted)) if which == of]
            style = bold if words else plain
            figure = "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"
            sign = f" ◀ {', '.join(words)}" if words else ""
            line = f"{fit(names[of], _NAME)} {bar(share, cells)} {figure:>6}{sign}"
            lines.append(styled((line, style)))
        return lines

    def _life(
        self, life: ImageHistory, names: tuple[str, ...], label: int, width: int
    ) -> list[Strip]:
        """The probability of the true class over the evaluations, and when the verdict changed."""
        count, plain, muted = len(life.steps), self.plain, self.muted
        seen = np.unique(np.linspace(0, count - 1, min(count, max(1, width - 12))).astype(int))
        levels = (np.nan_to_num(life.true_probability[seen].astype(float)) * len(_LEVELS)).astype(
            int
        )
        lines = [
            styled(
                (
                    f"So far: {count} evaluations, step {life.steps[0]:,} to {life.steps[-1]:,}",
                    plain,
                )
            ),
            styled(("true class ", muted), (_bars(levels.tolist()), plain)),
            styled(
                ("recognised ", muted), (_ticks((life.predicted[seen] == label).tolist()), plain)
            ),
            styled(("", plain)),
            styled(("    step  said         true class at", muted)),
        ]
        for at in life.changes():
            predicted = int(life.predicted[at])
            sign = "✓" if predicted == label else "×"
            name = set_cell_size(names[predicted], _NAME)
            share = percent(float(life.true_probability[at]))
            lines.append(styled((f"{life.steps[at]:>8,}  {name} {sign} {share:>11}", plain)))
        return lines


def row_of(evaluation: Evaluation | None, subset: str, index: int) -> int | None:
    """The row of an image in an evaluation; None if that is of another part, or without it."""
    if evaluation is None or evaluation.subset != subset:
        return None
    rows = np.flatnonzero(evaluation.indices == index)
    return int(rows[0]) if len(rows) else None


def place_of(
    choice: ImageSelection, evaluation: Evaluation, row: int, names: tuple[str, ...]
) -> str:
    """Which of the chosen images this one is, in words."""
    rows, what = choice.rows(evaluation).tolist(), choice.describe(names)
    if row not in rows:
        return f"no longer one of: {what}"
    return f"{rows.index(row) + 1:,} of {len(rows):,}: {what}"


def _bars(levels: list[int]) -> str:
    return "".join(_LEVELS[min(level, len(_LEVELS) - 1)] for level in levels)


def _ticks(right: list[bool]) -> str:
    return "".join("✓" if tick else "×" for tick in right)
