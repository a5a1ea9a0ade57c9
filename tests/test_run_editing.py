"""Star, notes, name and removal of kept runs."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from run_files import dead_owner, living_owner, write_run

from core.errors import RunError
from core.runs import database, directory, editing
from core.runs.summary import RunList, summarize
from core.runs.trash import Trash
from tui.screens.runs.details import invitation


def test_a_star_and_notes_are_kept_and_taken_away(tmp_path):
    path = write_run(tmp_path, "otter")
    editing.set_star(path, True)
    editing.set_notes(path, "wide, for Ada")
    assert (summarize(path).star, summarize(path).notes) == (True, "wide, for Ada")
    editing.set_star(path, False)
    editing.set_notes(path, "")
    assert (summarize(path).star, summarize(path).notes) == (False, "")


def test_a_file_that_is_locked_cannot_be_edited_and_the_reason_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_WAIT", 0.01)
    path = write_run(tmp_path, "otter")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RunError, match="cannot be written: another program has locked it"):
            editing.set_star(path, True)


def test_an_edited_run_does_not_become_the_latest(tmp_path):
    old, new = write_run(tmp_path, "old", age=60), write_run(tmp_path, "new", age=10)
    editing.set_star(old, True)
    editing.set_notes(old, "notes")
    old = editing.rename(old, "older")
    assert directory.paths(tmp_path) == [new, old]
    assert directory.find(tmp_path) == new


def test_a_list_notices_a_star(tmp_path):
    path, runs = write_run(tmp_path, "otter"), RunList(tmp_path)
    runs.refresh()
    editing.set_star(path, True)
    assert runs.refresh()
    assert runs.runs[0].star


def test_a_run_with_notes_or_a_name_of_the_user_is_not_removed_to_make_room(tmp_path):
    for number in range(12):
        write_run(tmp_path, f"run-{number}", age=number)
    write_run(tmp_path, "oldest", age=99)
    renamed = editing.rename(tmp_path / "run-11.run", "mine")
    editing.set_notes(tmp_path / "run-10.run", "notes")
    assert directory.trim(tmp_path, 0) == ["oldest"]
    assert renamed.exists()


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "lpt9.x", "aux."])
def test_names_of_devices_on_windows_are_refused(tmp_path, name):
    path = write_run(tmp_path, "otter")
    with pytest.raises(RunError, match="name: enter up to 80 letters"):
        editing.rename(path, name)
    assert editing.rename(path, "console").exists()


def test_a_renamed_run_has_the_new_name_everywhere(tmp_path):
    path = editing.rename(write_run(tmp_path, "otter"), "wide-and-slow")
    assert path == tmp_path / "wide-and-slow.run"
    assert os.listdir(tmp_path) == ["wide-and-slow.run"]
    connection = sqlite3.connect(path)
    [[name]] = connection.execute("SELECT value FROM meta WHERE key = 'name'")
    connection.close()
    assert name == '"wide-and-slow"'


@pytest.mark.parametrize("name", ["", "a/b", "../b", ".hidden", "a\x1b[2Jb", "x" * 81, "a.run"])
def test_a_name_that_a_run_cannot_have_is_refused(tmp_path, name):
    path = write_run(tmp_path, "otter")
    with pytest.raises(RunError, match="name: enter up to 80 letters"):
        editing.rename(path, name)
    assert os.listdir(tmp_path) == ["otter.run"]


def test_a_run_never_replaces_another(tmp_path):
    path, other = write_run(tmp_path, "otter"), write_run(tmp_path, "badger", notes="precious")
    with pytest.raises(RunError, match="there is a run badger already"):
        editing.rename(path, "badger")
    assert summarize(path).name == "otter"
    assert summarize(other).notes == "precious"


def test_a_run_that_is_open_is_neither_removed_nor_renamed(tmp_path):
    path = write_run(tmp_path, "otter", owner=living_owner())
    for attempt in (editing.remove, editing.check_removable):
        with pytest.raises(RunError, match="otter is open in another program: process 7 on far"):
            attempt(path)
    with pytest.raises(RunError, match="otter is open in another program"):
        editing.rename(path, "badger")
    assert os.listdir(tmp_path) == ["otter.run"]
    editing.set_star(path, True)  # this does not disturb the other program
    assert summarize(path).star


def test_a_run_whose_program_was_killed_can_be_removed(tmp_path):
    editing.remove(write_run(tmp_path, "otter", owner=dead_owner()))
    assert os.listdir(tmp_path) == []


def test_a_damaged_run_can_be_removed_but_no_other_file(tmp_path):
    damaged, other = tmp_path / "otter.run", tmp_path / "thesis.txt"
    for path in (damaged, other):
        path.write_text("not a run")
    editing.remove(damaged)
    with pytest.raises(RunError, match=r"thesis\.txt"):
        editing.remove(other)
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_a_damaged_run_is_not_edited(tmp_path):
    path = write_run(tmp_path, "otter", config={"optimizer": "magic"})
    before = path.read_bytes()
    for attempt in (
        lambda: editing.set_star(path, True),
        lambda: editing.rename(path, "badger"),
    ):
        with pytest.raises(RunError, match=r"otter\.run is damaged"):
            attempt()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["otter.run"]


def test_a_run_that_was_restored_or_copied_is_as_old_as_it_was(tmp_path):
    """Its file is new, but it was not trained since: all lists, and what is the latest, agree."""
    for name, age in (("old", 9), ("middle", 5), ("new", 1)):
        os.utime(write_run(tmp_path, name, age=age), (1e9 - age, 1e9 - age))
    trash = Trash()
    trash.remove(tmp_path / "old.run")
    restored = trash.restore()
    os.utime(restored)
    shutil.copy(tmp_path / "middle.run", tmp_path / "copied.run")
    editing.set_star(tmp_path / "old.run", True)
    found = RunList(tmp_path)
    found.refresh()
    names = [run.name for run in found.runs]
    assert (names[0], {*names[1:3]}, names[3]) == ("new", {"middle", "copied"}, "old")
    assert [path.stem for path in directory.by_age(tmp_path)] == names
    assert directory.find(tmp_path).stem == "new"
    assert invitation(tmp_path).startswith("new ")
