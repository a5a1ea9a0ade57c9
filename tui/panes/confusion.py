"""The confusion matrix: which class is taken for which, on the watched images."""

import numpy as np
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.history import Snapshot
from core.metrics import Counts, confusion_matrix, recall
from tui.drawing import fit
from tui.panes.drawn import Drawn, text

_CELL = 4
_LABEL = 11
_SHADES = 8


class Confusion(Drawn):
    """Counts of images; rows are the true class, columns what the network said.

    The diagonal, what it got right, has one colour and bold figures; mistakes have another, the
    deeper the larger their share of the row. Below: the pairs most often confused.
    """

    BINDING_GROUP_TITLE = "Confusion"

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def __init__(self) -> None:
        super().__init__(id="confusion")
        self.border_title = "Confusion"
        self.tooltip = (
            "Each row is a true class, each column what the network said. "
            "Off the diagonal are the mistakes. Recall: the share of a class it recognised."
        )

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation:
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, began = self.snapshot.evaluation, self.snapshot.began
        if evaluation is None or began is None:
            return []
        self.border_title = (
            f"Confusion  {evaluation.part}, {len(evaluation.labels):,} images, "
            f"step {evaluation.step}"
        )
        names = began.dataset.class_names
        counts = confusion_matrix(evaluation)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        right, wrong = self._shades("primary"), self._shades("error")
        muted = self.muted

        heads = "".join(" " + fit(name[: _CELL - 1], _CELL - 1) for name in names)
        lines = [text(("true \\ said".rjust(_LABEL), muted), (heads, muted), (" recall", muted))]
        recalls = recall(counts)
        for row, name in enumerate(names):
            cells = []
            for column in range(len(names)):
                shade = round(float(shares[row, column]) ** 0.5 * (_SHADES - 1))
                style = (right if row == column else wrong)[shade]
                cells.append((_figure(int(counts[row, column]), row == column), style))
            share = "  –" if np.isnan(recalls[row]) else f"{recalls[row]:.0%}"
            lines.append(text((fit(name, _LABEL), self.plain), *cells, (f"{share:>6}", muted)))
        room = height - len(lines) - 2
        if room > 0:
            lines += [text(("", self.plain)), text((" Most often confused", muted))]
            lines += [text((f"  {pair}", self.plain)) for pair in confused(counts, names)[:room]]
        return lines

    def _shades(self, name: str) -> list[Style]:
        """From the pane's background to the theme's colour; the diagonal's figures are bold."""
        background, target = self.background_colors[1], self.color(name)
        shades = [background.blend(target, 0.75 * n / (_SHADES - 1)) for n in range(_SHADES)]
        bold = name == "primary"
        return [
            self.plain
            + Style(
                bgcolor=shade.rich_color, color=shade.get_contrast_text(0.9).rich_color, bold=bold
            )
            for shade in shades
        ]


def confused(counts: Counts, names: tuple[str, ...]) -> list[str]:
    """The most frequent mistakes in words, at most five of them."""
    errors = counts.copy()
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[:5]
    rows, columns = np.unravel_index(order, errors.shape)
    return [
        f"{names[row]} said to be {names[column]}: {errors[row, column]:,}"
        for row, column in zip(rows, columns, strict=True)
        if errors[row, column]
    ]


def _figure(count: int, diagonal: bool) -> str:
    if count == 0 and not diagonal:
        return f"{'·':>{_CELL}}"
    figure = str(count) if count < 10**_CELL else f"{count // 1000}k"
    return f"{figure:>{_CELL}}"
