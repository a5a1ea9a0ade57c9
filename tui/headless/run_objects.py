"""What `fashion-tui runs` prints in JSON: the same as its tables, in full precision."""

from collections.abc import Sequence
from typing import Any

from core.branches import net_changes
from core.experiments.spread import SeedGroup, compared
from core.runs.comparison import PredictionComparison, compared_settings, same_data
from core.runs.run import Run
from core.runs.summary import RunSummary


def entry(run: RunSummary) -> dict[str, Any]:
    """Returns an entry of `fashion-tui runs --json`."""
    owner = run.owner
    return {
        "name": run.name,
        "path": str(run.path.absolute()),
        "star": run.star,
        "notes": run.notes,
        "state": run.state,
        "open_in": {"host": owner.host, "process": owner.process, "since": owner.since}
        if owner
        else None,
        "step": run.step,
        "epoch": run.epochs,
        "config": run.config.as_dict(),
        "changed_settings": run.changed,
        "parameters": run.parameters,
        "best_validation_accuracy": run.best_accuracy,
        "best_epoch": run.best_epochs,
        "last_validation_accuracy": run.last_accuracy,
        "test_accuracy": run.test_accuracy,
        "images_per_second": run.images_per_second,
        "data": {"name": run.data, "fingerprint": run.fingerprint},
        "origin": {"run": run.origin.run, "step": run.origin.step} if run.origin else None,
        "started": run.started,
        "updated": run.updated,
    }


def whole(summary: RunSummary, run: Run) -> dict[str, Any]:
    """Returns the object of `fashion-tui runs show --json`: the entry of the list, and more."""
    return entry(summary) | {
        "message": summary.message or None,
        "branch": run.branch,
        "current_config": run.current_config.as_dict(),
        "changes": [
            {
                "branch": branch.number,
                "step": change.step,
                "setting": change.field,
                "old": change.old,
                "new": change.new,
            }
            for branch in run.branches
            for change in net_changes(branch.changes)
        ],
        "branches": [
            {
                "branch": branch.number,
                "parent": branch.parent,
                "fork": branch.fork,
                "end": branch.end,
            }
            for branch in run.branches
        ],
        "machine": run.meta["machine"],
    }


def comparison(
    summaries: Sequence[RunSummary],
    runs: Sequence[Run],
    predictions: PredictionComparison | str | None,
    seeds: Sequence[SeedGroup],
) -> dict[str, Any]:
    """Returns the object of `fashion-tui runs compare --json`.

    predictions: of two runs; or a sentence why they cannot be compared; None for more runs.
    """
    return {
        "runs": [entry(summary) for summary in summaries],
        "same_data": same_data(runs),
        "settings": {
            row.name: {
                "values": row.values,
                "changes": [
                    [{"step": change.step, "new": change.new} for change in changes]
                    for changes in row.changes
                ],
            }
            for row in compared_settings(runs)
        },
        "seeds": [
            {
                "runs": group.names,
                "mean": group.spread.mean if group.spread else None,
                "lowest": group.spread.lowest if group.spread else None,
                "highest": group.spread.highest if group.spread else None,
                "diverged": group.diverged,
            }
            for group in seeds
        ],
        "verdict": compared(seeds),
        "predictions": _predictions(predictions)
        if isinstance(predictions, PredictionComparison)
        else None,
        "fault": predictions if isinstance(predictions, str) else None,
    }


def _predictions(both: PredictionComparison) -> dict[str, Any]:
    correct = both.correct
    return {
        "subset": both.subset,
        "steps": both.steps,
        "own_images": both.images,
        "images": len(both.labels),
        "both_right": int(correct.all(axis=0).sum()),
        "only_right": [len(both.only(run)) for run in (0, 1)],
        "both_wrong": int((~correct).all(axis=0).sum()),
        "class_names": both.class_names,
        "confusion": both.confusion.tolist(),
    }
