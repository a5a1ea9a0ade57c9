"""Tables that are printed without a screen: the presets and the results on the test set."""

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from core.config.presets import faults, presets
from core.events import Evaluation
from core.metrics import confusion_matrix, precision, recall
from core.text import capitalized
from tui.headless.console import make_console
from tui.streams import print_error


def print_presets() -> None:
    """Prints the name and the description of each preset, and what is wrong with others."""
    table = Table(box=None, show_header=False)
    for preset in presets().values():
        table.add_row(Text(preset.name, "bold"), Text(preset.description))
    make_console().print(table)
    for fault in faults():
        print_error(fault)


def per_class(evaluation: Evaluation, class_names: tuple[str, ...]) -> Table:
    """Returns precision and recall on a subset, one row per class."""
    confusion = confusion_matrix(evaluation)
    table = Table(
        title=f"Precision and recall on the {evaluation.subset} set", title_justify="left"
    )
    table.add_column("class")
    for name in ("precision", "recall", "images"):
        table.add_column(name, justify="right")
    figures = zip(
        class_names, precision(confusion), recall(confusion), confusion.sum(axis=1), strict=True
    )
    for name, class_precision, class_recall, images in figures:
        cells = _percent(class_precision), _percent(class_recall), f"{images:,}"
        table.add_row(Text(name), *cells)
    return table


def confusions(evaluation: Evaluation, class_names: tuple[str, ...]) -> Table:
    """Returns the confusion matrix of a subset: true classes in rows, predicted in columns.

    The table keeps its full width, because a narrow terminal wraps lines but rich drops cells.
    """
    subset = capitalized(evaluation.subset)
    table = Table(
        title=f"{subset} confusion matrix (rows: true class, columns: predicted)",
        title_justify="left",
        padding=(0, 0),
        width=max(map(cell_len, class_names)) + 2 + 5 * len(class_names) + 1,
    )
    table.add_column("")
    for name in class_names:
        header = Text(name)
        header.truncate(4, overflow="crop")
        table.add_column(header, justify="right", min_width=4, no_wrap=True)
    for row, (name, counts) in enumerate(
        zip(class_names, confusion_matrix(evaluation), strict=True)
    ):
        cells = [
            Text(str(count) if count or row == column else "·", "bold" if row == column else "")
            for column, count in enumerate(counts)
        ]
        table.add_row(Text(name), *cells)
    return table


def _percent(share: float) -> str:
    return "–" if share != share else f"{share:.1%}"
