"""A report of a run as one self-contained HTML file: pictures, settings, changes, results."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from core.config.config import SETTINGS
from core.events import Evaluation
from core.export.command import as_command, unfinished, unrepeatable
from core.export.source import Source
from core.metrics import confusion_matrix, precision, recall
from core.runs.description import fingerprint
from core.text import capitalized, one_line
from tui.export import curves, mistakes
from tui.export.svg import clean

_STYLE = """
body { font: 15px/1.5 "DejaVu Sans", Verdana, "Segoe UI", sans-serif; color: #1a1a1a;
       max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 0.5rem 0 }
caption { text-align: left; padding: 0.3rem 0; font-weight: bold }
td, th { border: 1px solid #d9d9d9; padding: 0.15rem 0.6rem; text-align: right;
         font-weight: normal }
thead th { background: #f0f0f0 }
td:first-child, th:first-child { text-align: left }
td.right { background: #b9d7ee }
code { display: block; background: #f0f0f0; padding: 0.6rem; overflow-wrap: anywhere }
svg { max-width: 100%; height: auto }
.wide { overflow-x: auto }
"""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def as_html(source: Source) -> str:
    """Returns the report of a run at its current step."""
    title = f"Run {source.run.name}"
    body = "\n".join((f"<h1>{clean(title)}</h1>", *_facts(source), *_results(source)))
    body += "\n" + "\n".join(_settings(source))
    return _PAGE.format(title=clean(title), style=_STYLE, body=body)


def _facts(source: Source) -> Iterator[str]:
    run, meta = source.run, source.run.meta
    machine = defaultdict(lambda: "unknown", meta["machine"])
    data = meta["data"]
    if meta.get("notes"):
        yield f"<p>{clean(one_line(str(meta['notes'])))}</p>"
    trained, results = f"{run.step:,} steps", {}
    if run.is_data(source.dataset):
        trained += f", {source.trainer.time:.2f} epochs"
    else:
        actual = fingerprint(source.dataset)[:12]
        results = {"results": f"on other data: {source.dataset.name}, SHA-256 {actual}…"}
    facts = {
        "network": source.model.description,
        "parameters": f"{source.model.network.parameters.size:,}",
        "trained": f"{trained}, {source.trainer.seconds:.1f} s in training steps",
        "state": run.state,
        "started": _time(meta["started"]),
        "data": f"{data.get('name') or Path(data['path']).name}, "
        f"{meta['training_images']:,} training images, "
        f"SHA-256 {data['fingerprint'][:12]}…",
        **results,
        "program": f"fashion-tui {machine['fashion_tui']}, Python {machine['python']}, "
        f"NumPy {machine['numpy']}, {machine['blas']}, threads: {machine['threads']}",
        "processor": str(machine["processor"]),
    }
    yield _table("", (), facts.items())
    if reason := unrepeatable(run):
        yield f"<p>{clean(capitalized(reason))}.</p>"
        return
    yield "<p>The command that repeats it:</p>"
    yield f"<code>{clean(as_command(run))}</code>"
    if note := unfinished(run):
        yield f"<p>{clean(capitalized(note))}.</p>"


def _results(source: Source) -> Iterator[str]:
    names = source.dataset.class_names
    yield "<h2>Curves</h2>"
    yield curves.as_svg(source.run)
    for evaluation in source.evaluations:
        name = capitalized(evaluation.subset)
        yield f"<h2>{name} set</h2>"
        yield (
            f"<p>Accuracy {evaluation.accuracy:.2%}, loss {evaluation.loss:.4f} nats, "
            f"{len(evaluation.labels):,} images, after step {evaluation.step:,}.</p>"
        )
        yield from _classes(evaluation, names)
    yield "<h2>Mistakes</h2>"
    yield mistakes.as_svg(source.evaluation, source.dataset, source.run.name)


def _classes(evaluation: Evaluation, names: Sequence[str]) -> Iterator[str]:
    counts = confusion_matrix(evaluation)
    figures = zip(names, precision(counts), recall(counts), counts.sum(axis=1), strict=True)
    yield _table(
        f"Precision and recall on the {evaluation.subset} set",
        ("class", "precision", "recall", "images"),
        (
            (name, _percent(of_predicted), _percent(of_true), f"{images:,}")
            for name, of_predicted, of_true, images in figures
        ),
    )
    yield _table(
        f"{capitalized(evaluation.subset)} confusion matrix (rows: true class, columns: "
        "predicted class)",
        ("true ↓ predicted →", *names),
        ((name, *map(str, row)) for name, row in zip(names, counts.tolist(), strict=True)),
        diagonal=True,
    )


def _settings(source: Source) -> Iterator[str]:
    start, now = source.run.first_config, source.run.current_config
    yield "<h2>Settings</h2>"
    rows = []
    for change in source.run.changes():
        setting = SETTINGS[change.field]
        values = setting.write(change.old), setting.write(change.new)
        rows.append((f"{change.step:,}", setting.label, *values))
    if rows:
        columns = ("after step", "setting", "from", "to")
        yield _table("Changed during the run", columns, rows)
    settings = SETTINGS.values()
    yield _table(
        "All settings",
        ("setting", "at the start", "now"),
        (
            (s.label, s.write(getattr(start, s.name)), s.write(getattr(now, s.name)))
            for s in settings
        ),
    )


def _table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], diagonal: bool = False
) -> str:
    """A table whose rows begin with their names. diagonal: color the cells (n, n)."""
    lines = ['<div class="wide"><table>']
    if caption:
        lines.append(f"<caption>{clean(caption)}</caption>")
    if columns:
        heads = "".join(f'<th scope="col">{clean(name)}</th>' for name in columns)
        lines.append(f"<thead><tr>{heads}</tr></thead>")
    for number, (name, *cells) in enumerate(rows):
        marks = [' class="right"' * (diagonal and number == n) for n in range(len(cells))]
        values = (f"<td{mark}>{clean(c)}</td>" for mark, c in zip(marks, cells, strict=True))
        lines.append(f'<tr><th scope="row">{clean(name)}</th>{"".join(values)}</tr>')
    return "\n".join((*lines, "</table></div>"))


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):  # in a damaged file
        return "unknown"


def _percent(share: float) -> str:
    return "–" if share != share else f"{share:.1%}"
