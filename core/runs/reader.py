"""Reads a run file. Nothing in it is trusted: values of the wrong type or size raise RunError."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.branches import net_changes
from core.config.config import Config
from core.errors import ConfigError, RunError
from core.events import Branch, Change
from core.history.layer_stats_history import MAX_KEPT
from core.runs import checks, database
from core.runs.checkpoint_state import checkpoint_from
from core.text import printable
from core.training.checkpoint import Checkpoint

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.layer_stats import NetworkStats

STEP_COLUMNS = {
    "step": np.int64,
    "epoch": np.int64,
    "position": np.int64,
    "images": np.int64,
    "loss": np.float64,
    "accuracy": np.float64,
    "learning_rate": np.float64,
    "seconds": np.float64,
}
"""The columns of the table `steps` besides the branch, with the type of each."""

_META = {
    "name": str,
    "notes": str,
    "star": bool,
    "config": dict,
    "data": dict,
    "machine": dict,
    "parameters": int,
    "training_images": int,
    "evaluation_set": str,
    "evaluation_images": int,
    "started": float,
}
"""The keys that every run has, and the types of their values."""

_MAX_NAME = 80
_MAX_CHANGES = 10_000  # that a list looks at
_MAX_ARRAY = 250_000_000  # bytes
_MAX_LAYERS = 1_000_000  # characters of the statistics of all layers at a step

Columns = dict[str, NDArray[Any]]


class Reader:
    """Reads from the database of the run at `path`. Every method raises RunError.

    in_memory: read a copy of it, as it is now. at_once: see `database.open_for_reading`.
    content: read this in place of the file.
    """

    def __init__(
        self,
        path: Path,
        in_memory: bool = False,
        at_once: bool = False,
        content: bytes | None = None,
    ) -> None:
        self._path, self._is_closed = path, False
        if content is not None:
            self._connection = database.open_content(content)
        elif in_memory:
            self._connection = database.open_copy(path)
        else:
            self._connection = database.open_for_reading(path, at_once=at_once)

    def close(self) -> None:
        self._is_closed = True
        self._connection.close()

    def content(self) -> bytes:
        """Returns the whole database in the format of its file."""
        with self._damage():
            return self._connection.serialize()

    def meta(self) -> dict[str, Any]:
        """Returns all values of the table `meta`, by key."""
        with self._damage():
            # One JSON object of all, which takes half the time of many values.
            [[text]] = self._rows(
                "SELECT json_group_object(key, json(value)) FROM meta WHERE length(value) < 1e6"
            )
            values = json.loads(text)
            for key, kind in _META.items():
                if not isinstance(values.get(key), kind):
                    raise ValueError(f"the value of {key} is {self._fault(key)}")
            if not all(isinstance(values["data"].get(key), str) for key in ("path", "fingerprint")):
                raise ValueError("its data has no path or no fingerprint")
            values["name"] = printable(values["name"])[:_MAX_NAME]
            values["config"] = Config.from_dict(values["config"])
            return values

    def updated(self) -> float:
        """Returns when the run was last trained, in seconds since 1970."""
        with self._damage():
            [[text]] = self._rows(
                "SELECT value FROM meta WHERE key IN ('updated', 'started') AND length(value) < 50 "
                "ORDER BY key DESC LIMIT 1"
            )
            return checks.finite(json.loads(text))

    def _fault(self, key: str) -> str:
        """Returns what is wrong with a value of the table `meta` that cannot be used."""
        [[large]] = self._rows(
            "SELECT count(*) FROM meta WHERE key = ? AND length(value) >= 1e6", (key,)
        )
        return "too large" if large else "missing or of the wrong type"

    def branches(self) -> tuple[Branch, ...]:
        """Returns the branches, with the changes of settings on them."""
        with self._damage():
            rows = self._rows("SELECT branch, parent, fork, end FROM branches ORDER BY branch")
            groups: dict[int, dict[int, list[Change]]] = {}
            for branch, together, step, name, old, new in self._rows(
                "SELECT branch, together, step, setting, old, new FROM changes "
                "ORDER BY branch, together, position"
            ):
                change = Change(
                    checks.whole(step), name, checks.setting(name, old), checks.setting(name, new)
                )
                groups.setdefault(branch, {}).setdefault(together, []).append(change)
            branches = tuple(
                Branch(
                    *(checks.whole(number), None if parent is None else checks.whole(parent)),
                    *(checks.whole(fork), checks.whole(end)),
                    tuple(map(tuple, groups.get(number, {}).values())),
                )
                for number, parent, fork, end in rows
            )
            return checks.tree(branches)

    def changed_settings(self) -> tuple[dict[str, Any], set[str]]:
        """Returns the settings that were changed by hand before the first step, with their values,
        and the names of those that were changed later, on any branch.

        A change that was undone before the next step does not count.
        """
        with self._damage():
            by_branch: dict[object, list[Change]] = {}
            for branch, *change in self._rows(
                "SELECT branch, step, setting, old, new FROM changes "
                f"ORDER BY branch, together, position LIMIT {_MAX_CHANGES}"
            ):
                by_branch.setdefault(branch, []).append(Change(*change))
            first = {
                str(change.field): checks.setting(change.field, change.new)
                for change in net_changes(by_branch.get(0, ()))
                if change.step == 0
            }
            later = {
                str(change.field)
                for branch, changes in by_branch.items()
                for change in net_changes(changes)
                if branch or change.step
            }
            return first, later

    def branch_count(self) -> int:
        """Returns how many branches there are."""
        with self._damage():
            return checks.whole(self._rows("SELECT count(*) FROM branches")[0][0])

    def steps(self, branch: int, last: int, first: int = 0) -> Columns:
        """Returns the steps of a branch itself, first to last: an array for each column."""
        with self._damage():
            rows = self._rows(
                f"SELECT {', '.join(STEP_COLUMNS)} FROM steps "
                "WHERE branch = ? AND step BETWEEN ? AND ? ORDER BY step",
                (branch, first, last),
            )
            table = np.array(rows, np.float64).reshape(len(rows), len(STEP_COLUMNS))
            if not np.isfinite(table).all():
                raise ValueError("a step has a number that is not finite")
            columns = zip(STEP_COLUMNS.items(), table.T, strict=True)
            return {name: checks.column(column, kind) for (name, kind), column in columns}

    def evaluations(self, branch: int, subset: str) -> list[tuple[Any, ...]]:
        """Returns (step, loss, accuracy, predicted, true_probability) for each evaluation.

        The last two are (n,) uint8 and float16, or None where they were dropped.
        """
        with self._damage():
            rows = self._rows(
                "SELECT step, loss, accuracy, predicted, true_probability FROM evaluations "
                "WHERE branch = ? AND subset = ? ORDER BY step",
                (branch, subset),
            )
            return [
                (
                    *(checks.whole(step), checks.finite(loss), checks.finite(accuracy)),
                    *checks.predictions(
                        checks.array(predicted, np.uint8), checks.array(probability, np.float16)
                    ),
                )
                for step, loss, accuracy, predicted, probability in rows
            ]

    def layer_stats(self, branch: int) -> "list[NetworkStats]":
        """Returns the statistics of the layers on a branch, in order of their steps."""
        with self._damage():
            # Files of earlier versions lack the table.
            if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'layer_stats'"):
                return []
            rows = self._rows(
                "SELECT step, images, layers FROM layer_stats WHERE branch = ? AND "
                f"length(layers) < {_MAX_LAYERS} ORDER BY step LIMIT {MAX_KEPT}",
                (branch,),
            )
            if not rows:
                return []
            from core.runs.layer_stats_json import from_json

            return [
                from_json(checks.whole(step), checks.whole(images), text)
                for step, images, text in rows
            ]

    def checkpoint_keys(self) -> list[tuple[int, int]]:
        """Returns the (branch, step) of all checkpoints."""
        with self._damage():
            rows = self._rows("SELECT branch, step FROM checkpoints ORDER BY branch, step")
            return [(checks.whole(branch), checks.whole(step)) for branch, step in rows]

    def checkpoint(self, branch: int, step: int) -> Checkpoint:
        """Returns a checkpoint."""
        key = branch, step
        with self._damage():
            state = self._rows("SELECT state FROM checkpoints WHERE branch = ? AND step = ?", key)
            rows = self._rows(
                "SELECT name, dtype, shape, data FROM arrays "
                f"WHERE branch = ? AND step = ? AND length(data) < {_MAX_ARRAY}",
                key,
            )
            arrays = {}
            for name, dtype, shape, data in rows:
                if dtype not in ("<f4", "<f8"):
                    raise ValueError(f"an array has the type {dtype}")
                size = tuple(map(checks.whole, json.loads(shape)))
                arrays[str(name)] = np.frombuffer(bytearray(data), dtype).reshape(size)
            return checkpoint_from(json.loads(state[0][0]), arrays)

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _damage(self) -> Iterator[None]:
        """Turns what wrong content raises into a RunError that names the file."""
        if self._is_closed:
            raise RunError(f"the run in {self._path} is closed; open it again to read from it")
        try:
            yield
        except (
            *(ConfigError, KeyError, IndexError, TypeError, ValueError, OverflowError),
            *(AttributeError, RecursionError, MemoryError, sqlite3.Error),
        ) as error:
            reason = printable(database.without_sql(str(error)) or type(error).__name__)
            raise RunError(f"{self._path} is damaged: {reason}") from error
