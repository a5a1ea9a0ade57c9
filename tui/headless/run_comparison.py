"""The tables of `fashion-tui runs compare`."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from core.config.config import SETTINGS
from core.runs.comparison import PredictionComparison, compared_settings
from core.runs.run import Run
from core.runs.summary import RunSummary
from core.text import counted
from tui.headless.run_facts import FACTS, RESULTS, left_out, safe, scope, table_of


def comparison(summaries: Sequence[RunSummary], runs: Sequence[Run]) -> Table:
    """Returns the results of the runs and the settings that differ, a column for each run."""
    table = table_of(heads=("", *(safe(summary.name) for summary in summaries)))
    for head, text in (*RESULTS, *FACTS):
        table.add_row(
            head, *(Text(safe(text(summary) + scope(head, summary))) for summary in summaries)
        )
    if any(run.reading.left_out for run in runs):
        table.add_row("images left out", *map(left_out, runs))
    rows = compared_settings(runs)
    if rows:
        table.add_section()
    for row in rows:
        setting = SETTINGS[row.name]
        cells = []
        for value, changes in zip(row.values, row.changes, strict=True):
            later = [
                f"{setting.write(change.new)} after step {change.step:,}" for change in changes
            ]
            cells.append("\n".join([setting.write(value), *later]))
        table.add_row(setting.label, *cells)
    return table


def agreement(both: PredictionComparison, names: Sequence[str]) -> Iterator[str]:
    """Yields sentences about how many images each run gets right."""
    count, correct = len(both.labels), both.correct
    if both.images != (count, count):
        yield (
            f"The runs have their own {both.subset} images, {both.images[0]:,} and "
            f"{both.images[1]:,}, because their seeds, settings or images left out differ; "
            f"{count:,} {'is' if count == 1 else 'are'} in both."
        )
    yield (
        f"Predictions for {counted(count, f'{both.subset} image')} after steps "
        f"{both.steps[0]:,} and {both.steps[1]:,}:"
    )
    first, second = (len(both.only(run)) for run in (0, 1))
    rows = (
        ("both right", int(correct.all(axis=0).sum())),
        (f"only {names[0]} right", first),
        (f"only {names[1]} right", second),
        ("both wrong", int((~correct).all(axis=0).sum())),
    )
    for head, images in rows:
        yield f"  {head}: {images:,} ({images / count:.1%})"


def matrix_difference(both: PredictionComparison, names: Sequence[str]) -> Table:
    """Returns the second confusion matrix minus the first."""
    table = Table(
        title=f"Confusion matrix of {safe(names[1])} minus that of {safe(names[0])}\n"
        "(rows: true class, columns: predicted)",
        title_justify="left",
        padding=(0, 0),
    )
    table.add_column("")
    for name in both.class_names:
        head = Text(name)
        head.truncate(4, overflow="crop")
        table.add_column(head, justify="right", min_width=4)
    for row, (name, counts) in enumerate(zip(both.class_names, both.difference, strict=True)):
        cells = [
            Text(f"{count:+d}" if count else "·", "bold" if row == column else "")
            for column, count in enumerate(counts)
        ]
        table.add_row(Text(name), *cells)
    return table
