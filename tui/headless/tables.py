"""What is printed without a screen: the presets, and how a finished run did, as rich tables."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.config.presets import presets
from core.events import Evaluation
from core.metrics import confusion_matrix, precision, recall


def print_presets() -> None:
    """A line for each preset: its name and its description."""
    table = Table(box=None, show_header=False)
    for preset in presets().values():
        table.add_row(f"[bold]{preset.name}[/bold]", preset.description)
    Console().print(table)


def per_class(test: Evaluation, class_names: tuple[str, ...]) -> Table:
    """Precision and recall on the test set, a row for each class."""
    confusion = confusion_matrix(test)
    table = Table(title="Test set, by class", title_justify="left")
    table.add_column("class")
    for name in ("precision", "recall", "images"):
        table.add_column(name, justify="right")
    figures = zip(
        class_names, precision(confusion), recall(confusion), confusion.sum(axis=1), strict=True
    )
    for name, right, found, images in figures:
        table.add_row(escape(name), _percent(right), _percent(found), f"{images:,}")
    return table


def confusions(test: Evaluation, class_names: tuple[str, ...]) -> Table:
    """The confusion matrix on the test set; rows the true class, columns the predicted one.

    As wide as it needs to be: a terminal wraps what a squeezed table would drop.
    """
    table = Table(
        title="Test set, images: true class in rows, predicted in columns",
        title_justify="left",
        padding=(0, 0),
        width=max(map(len, class_names)) + 2 + 5 * len(class_names) + 1,
    )
    table.add_column("")
    for name in class_names:
        table.add_column(escape(name[:4]), justify="right", min_width=4, no_wrap=True)
    for row, (name, counts) in enumerate(zip(class_names, confusion_matrix(test), strict=True)):
        cells = [
            f"[bold]{count}[/bold]" if row == column else str(count) if count else "·"
            for column, count in enumerate(counts)
        ]
        table.add_row(escape(name), *cells)
    return table


def _percent(share: float) -> str:
    return "–" if share != share else f"{share:.1%}"
