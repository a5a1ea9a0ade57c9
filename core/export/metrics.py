"""The metrics of a run as CSV and as JSON lines: a row for each step up to the current one."""

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Any

from core.runs.reader import STEP_COLUMNS
from core.runs.run import Run

COLUMNS = (*STEP_COLUMNS, "evaluation_loss", "evaluation_accuracy")
"""The columns of both formats. The losses are in nats and the accuracies from 0 to 1."""


def rows(run: Run) -> Iterator[dict[str, Any]]:
    """Yields the values of each step, by column, in order; None where there is none.

    Loss and accuracy are those of the batch before its update; those of the evaluation are of the
    whole evaluation set after it. An evaluation before the first step has a row of its own.
    """
    metrics, evaluations = run.metrics(), run.evaluations()
    evaluated = {
        step: {"evaluation_loss": _number(loss), "evaluation_accuracy": _number(accuracy)}
        for step, loss, accuracy in zip(*(c.tolist() for c in evaluations.values()), strict=True)
    }
    trained = {
        values[0]: dict(zip(STEP_COLUMNS, map(_number, values), strict=True))
        for values in zip(*(metrics[name].tolist() for name in STEP_COLUMNS), strict=True)
    }
    for step in sorted(trained.keys() | evaluated.keys()):
        empty = dict.fromkeys(COLUMNS) | {"step": step}
        yield empty | trained.get(step, {}) | evaluated.get(step, {})


def as_csv(run: Run) -> bytes:
    """Returns one line of column names, then a line for each step; UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(run))
    return out.getvalue().encode()


def as_json_lines(run: Run) -> bytes:
    """Returns an object for each step, one in a line; UTF-8."""
    lines = (json.dumps(row, allow_nan=False) for row in rows(run))
    return "".join(f"{line}\n" for line in lines).encode()


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
