"""Writes what is new in a run to its file, in one transaction at a time."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from core.events import Branch, Evaluation, Step
from core.history.layer_stats_history import MAX_KEPT, superfluous
from core.history.prediction_history import predictions_of
from core.runs.checkpoint_state import arrays_of, numbers_of
from core.runs.schema import TABLES
from core.training.checkpoint import Checkpoint

if TYPE_CHECKING:
    from core.inspection.layer_stats import NetworkStats

_MAX_STEPS = 1_000_000  # of a branch; then every second of its older ones is dropped
_STEP = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
_BLOCKS = (100, 10, 1)  # steps written at once: each statement may interrupt the training
_MAX_PREDICTIONS = 200  # evaluations of a branch that keep the predictions of each image


class Writer:
    """Writes to the database of a run. Call it within a transaction; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def meta(self, values: Mapping[str, Any]) -> None:
        """Sets values by key."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [(key, json.dumps(value, allow_nan=False)) for key, value in values.items()],
        )

    def branches(self, branches: Iterable[Branch]) -> None:
        """Replaces branches and the changes on them."""
        for branch in branches:
            number = branch.number
            self._connection.execute(
                "INSERT OR REPLACE INTO branches VALUES (?, ?, ?, ?)",
                (number, branch.parent, branch.fork, branch.end),
            )
            self._connection.execute("DELETE FROM changes WHERE branch = ?", (number,))
            self._connection.executemany(
                "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        *(number, together, position, change.step, change.field),
                        *(json.dumps(change.old), json.dumps(change.new)),
                    )
                    for together, group in enumerate(branch.change_groups)
                    for position, change in enumerate(group)
                ],
            )

    def steps(self, branch: int, steps: list[Step]) -> None:
        """Adds steps after the end of a branch, in order, and moves its end."""
        start = 0
        for size in _BLOCKS:
            insert = f"INSERT OR REPLACE INTO steps VALUES {', '.join([_STEP] * size)}"
            while start + size <= len(steps):
                values = [
                    value
                    for step in steps[start : start + size]
                    for value in (
                        *(branch, step.step, step.epoch, step.position, step.images),
                        *(step.loss, step.accuracy, step.learning_rate, step.seconds),
                    )
                ]
                self._connection.execute(insert, values)
                start += size
        end = steps[-1].step
        self._connection.execute("UPDATE branches SET end = ? WHERE branch = ?", (end, branch))
        if end // _MAX_STEPS > (end - len(steps)) // _MAX_STEPS:
            self._connection.execute(
                "DELETE FROM steps WHERE branch = ? AND step < ? AND step % ? != 0",
                (branch, end, 1 << (end // _MAX_STEPS - 1).bit_length()),
            )

    def evaluation(self, branch: int, evaluation: Evaluation) -> None:
        """Adds an evaluation of the network on a branch."""
        key, kept = (branch, evaluation.subset), predictions_of(evaluation)
        self._connection.execute(
            "INSERT OR REPLACE INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(branch, evaluation.step, evaluation.subset),
                *(evaluation.loss, evaluation.accuracy),
                *(kept.predicted.tobytes(), kept.true_probability.tobytes()),
            ),
        )
        rows = self._connection.execute(
            "SELECT rowid FROM evaluations WHERE branch = ? AND subset = ? AND "
            "predicted IS NOT NULL ORDER BY step",
            key,
        ).fetchall()
        if len(rows) > _MAX_PREDICTIONS:
            self._connection.executemany(
                "UPDATE evaluations SET predicted = NULL, true_probability = NULL WHERE rowid = ?",
                rows[1:-1:2],
            )

    def layer_stats(self, branch: int, stats: "NetworkStats") -> None:
        """Adds the statistics of the layers on a branch, or replaces those of the same step."""
        from core.runs.layer_stats_json import to_json  # so that the screen appears sooner

        # Files of earlier versions lack the table.
        self._connection.execute(TABLES["layer_stats"].replace("TABLE", "TABLE IF NOT EXISTS"))
        self._connection.execute(
            "INSERT OR REPLACE INTO layer_stats VALUES (?, ?, ?, ?)",
            (branch, stats.step, stats.images, to_json(stats)),
        )
        rows = self._connection.execute(
            "SELECT step FROM layer_stats WHERE branch = ? ORDER BY step", (branch,)
        ).fetchall()
        if len(rows) > MAX_KEPT:
            self._connection.execute(
                "DELETE FROM layer_stats WHERE branch = ? AND step = ?",
                (branch, *rows[superfluous([step for [step] in rows])]),
            )

    def checkpoint(self, branch: int, checkpoint: Checkpoint) -> None:
        """Adds a checkpoint of a branch, or replaces that of the same step."""
        key = (branch, checkpoint.steps)
        self._connection.execute("DELETE FROM arrays WHERE branch = ? AND step = ?", key)
        self._connection.execute(
            "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)",
            (*key, json.dumps(numbers_of(checkpoint))),
        )
        self._connection.executemany(
            "INSERT INTO arrays VALUES (?, ?, ?, ?, ?, ?)",
            [
                (*key, name, array.dtype.str, json.dumps(array.shape), array.data)
                for name, array in arrays_of(checkpoint).items()
            ],
        )

    def thin_checkpoints(self, spacing: int, latest: tuple[int, int], budget: int) -> int:
        """Drops checkpoints until they fit; returns the steps between those that are left.

        Keeps those at multiples of `spacing`, the latest (branch, step), and the one at which the
        run begins if that is not step 0. While they take more than `budget` bytes, `spacing` is
        doubled.
        """
        needed = (
            "(branch, step) = (?, ?) OR step = (SELECT fork FROM branches WHERE parent IS NULL)"
        )
        while True:
            for table in ("checkpoints", "arrays"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE step % ? != 0 AND NOT ({needed})",
                    (spacing, *latest),
                )
            [[used]] = self._connection.execute("SELECT sum(length(data)) FROM arrays")
            [[others]] = self._connection.execute(
                f"SELECT count(*) FROM checkpoints WHERE NOT ({needed})", latest
            )
            if used <= budget or not others:
                return spacing
            spacing *= 2
