"""What killed programs leave in the directory of runs."""

import os
import time

from run_files import write_run

from core.runs.leftovers import remove_leftovers
from core.runs.summary import RunList


def put(path, age, content=b""):
    path.write_bytes(content)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_old_drafts_deleted_runs_and_reserved_names_are_removed(tmp_path):
    old, run = 2 * 86_400, write_run(tmp_path, "otter", age=10**9)
    for name in ("newt.run.new", "newt.run.new-journal", "crane.run.17.removed"):
        put(tmp_path / name, old, b"SQLite")
    for name in ("quick-newt", "quick-newt-21", "essay-copy", "essay-copy-2"):
        put(tmp_path / f"{name}.run", 100)
    kept = {
        run,
        put(tmp_path / "hare.run.new", 100, b"SQLite"),  # perhaps being written
        put(tmp_path / "quick-hare.run", 1),
        put(tmp_path / "essay.run", old),  # not ours
        put(tmp_path / "mole.run.18.removed", 100, b"SQLite"),
        put(tmp_path / "damaged.run", old, b"SQLite"),
        put(tmp_path / "essay.new", old, b"not ours"),
    }
    device = tmp_path / "quick-mole.run"
    device.symlink_to(os.devnull)
    remove_leftovers(tmp_path)
    assert set(tmp_path.iterdir()) == kept | {device}
    remove_leftovers(tmp_path / "missing")


def test_no_leftover_is_in_the_list(tmp_path):
    write_run(tmp_path, "otter")
    for name in ("newt.run.new", "newt.run.new-journal", "crane.run.17.removed", "hare.run"):
        put(tmp_path / name, 1)
    runs = RunList(tmp_path)
    runs.refresh()
    assert [run.name for run in runs.runs] == ["otter"]
    assert not runs.faults
