"""The confusion matrix of an evaluation, as a picture and as text."""

from collections.abc import Iterator, Sequence
from io import StringIO

import numpy as np
from rich.console import Console

from core.events import Evaluation
from core.metrics import confusion_matrix
from tui.export import svg
from tui.headless import tables

_CELL = 46  # pixels
_MARGIN = 150  # pixels at least, for the words in the corner
_LETTER = 7.2  # pixels, more than the mean width of a letter


def as_svg(evaluation: Evaluation, class_names: Sequence[str], name: str) -> str:
    """Returns a picture: rows are the true class, columns the predicted class.

    Mistakes are shaded by their share of the row. name: of the run.
    """
    margin = max(_LETTER * max(map(len, class_names)) + 30, _MARGIN)
    size = margin + _CELL * len(class_names) + 20
    title = (
        f"{name}, {evaluation.subset} set after step {evaluation.step:,}: "
        f"accuracy {evaluation.accuracy:.2%} of {len(evaluation.labels):,} images"
    )
    elements = [
        svg.text(12, 20, title, font_weight="bold"),
        svg.element(
            "g",
            "\n".join(_cells(evaluation, class_names)),
            transform=f"translate({margin:g} {margin + 20:g})",
        ),
    ]
    width = max(size, 12 + _LETTER * len(title))
    return svg.document(width, size + 20, f"Confusion matrix of {name}", elements)


def _cells(evaluation: Evaluation, class_names: Sequence[str]) -> Iterator[str]:
    counts = confusion_matrix(evaluation)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    yield svg.text(-8, -12, "true ↓  predicted →", "end", fill=svg.GRAY)
    for row, name in enumerate(class_names):
        at = _CELL * (row + 0.5) + 4
        yield svg.text(-8, at, name, "end")
        yield svg.text(8, 0, name, transform=f"translate({at:g} 0) rotate(-90)")
        for column, count in enumerate(counts[row].tolist()):
            share = float(shares[row, column])
            color = "#b9d7ee" if row == column else _shade(share)
            x, y = _CELL * column, _CELL * row
            yield svg.element(
                *("rect", ""), x=x, y=y, width=_CELL, height=_CELL, fill=color, stroke=svg.FAINT
            )
            if count:
                yield svg.text(x + _CELL / 2, y + _CELL / 2 + 4, f"{count:,}", "middle")


def _shade(share: float) -> str:
    """From white to red; a fifth of the row is already strong."""
    amount = min(1.0, share * 5) * 0.8
    green = round(255 - amount * 160)
    return f"#ff{green:02x}{green:02x}"


def as_text(evaluation: Evaluation, class_names: Sequence[str]) -> str:
    """Returns precision and recall of each class, and the matrix."""
    out = StringIO()
    console = Console(file=out, width=max(80, 60 + 5 * len(class_names)), color_system=None)
    console.print(tables.per_class(evaluation, tuple(class_names)))
    console.print(
        tables.confusions(evaluation, tuple(class_names)),
        crop=False,
        no_wrap=True,
        overflow="ignore",
    )
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
