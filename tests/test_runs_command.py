"""`fashion-tui runs`: what it prints, what it refuses, and that foreign text cannot disturb it."""

import json
import os
import re
import shlex
import sqlite3
import sys
import time
from contextlib import closing

import pytest
from run_files import living_owner, train_run, write_run

from core.config.config import Config
from core.events import Change
from core.runs.directory import find
from core.runs.run import Run
from core.runs.summary import summarize
from tui import command_line
from tui.screens.runs.details import details

RESULTS = {
    "best_accuracy": 0.8841,
    "best_epochs": 4.0,
    "last_accuracy": 0.88,
    "test_accuracy": 0.87,
    "step": 2150,
    "epochs": 5.0,
    "seconds": 5.5,
    "phase": "finished",
}
HOSTILE = "[red]\x1b[31m\x07\u202e\u2066[/red]\x9b2J\nX"


@pytest.fixture
def place(tmp_path):
    return tmp_path / "kept"


def test_a_directory_that_was_named_has_to_exist_but_the_usual_one_comes_with_the_first_run(
    called, place, monkeypatch
):
    monkeypatch.setenv("FASHION_TUI_RUNS", str(place))
    usual = called("runs")
    assert (usual.returncode, usual.stdout) == (0, f"There are no kept runs in {place}.\n")
    for command in (["runs"], ["runs", "list", "adam"], ["runs", "--json"]):
        named = called(*command, "--runs", str(place))
        assert (named.returncode, named.stdout) == (2, "")
        assert named.stderr == f"fashion-tui: there is no directory {place}\n"
    monkeypatch.setenv("FASHION_TUI_RUNS", "~no-such-user/kept")  # whose home is not known
    assert called("runs").stdout == "There are no kept runs in ~no-such-user/kept.\n"
    lines = "runs show a", "export a --to x", "train --resume a"
    for command in (line.split() for line in lines):
        named = called(*command, "--runs", str(place))
        assert (named.returncode, named.stdout) == (2, "")
        fault = f"there is no run a, because {place} does not exist"
        assert named.stderr == f"fashion-tui: {fault}\n"
    latest = called("train", "--resume", "--runs", str(place))
    assert latest.stderr == f"fashion-tui: there is no kept run in {place}\n"
    assert latest.returncode == 2


def test_a_file_is_no_directory_of_runs(called, tmp_path):
    place = tmp_path / "file"
    place.write_text("x")
    for command in (["runs"], ["train", "--resume"]):
        done = called(*command, "--runs", str(place))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"fashion-tui: {place} cannot be read: not a directory\n"


@pytest.fixture
def runs(called, place):
    """Runs `fashion-tui runs` on the runs in `place`; returns what it printed."""

    def run(*arguments, code=0):
        done = called("runs", *arguments, "--runs", str(place))
        assert done.returncode == code, done.stderr
        if code:
            assert done.stdout == ""
            assert done.stderr.count("\n") == 1
            return done.stderr.removeprefix("fashion-tui: ").strip()
        assert done.stderr == ""
        return done.stdout

    return run


def table(text):
    """The rows of a printed table, each as a dictionary by column."""
    first, second, *lines = text.splitlines()
    heads = [(start, end) for start, end, _ in _cells(second)]
    words = [" ".join([*_over(first, *head), second[slice(*head)]]) for head in heads]
    starts, ends = zip(*heads, strict=True)
    rows = []
    for line in lines:
        row = {}
        for cell in (c for c in _cells(line)):
            nearest = min(
                range(len(words)),
                key=lambda i: min(abs(cell[0] - starts[i]), abs(cell[1] - ends[i])),
            )
            row[words[nearest]] = cell[2]
        rows.append(row)
    return rows


def _over(line, start, end):
    """The words of the line that are above some columns of the next line."""
    return [text for left, right, text in _cells(line) if left == start or right == end]


def _cells(line):
    place = 0
    for part in line.split("  "):
        if text := part.strip():
            start = place + part.index(text)
            yield start, start + len(text), text
        place += len(part) + 2


def test_one_step_is_in_the_singular(place):
    [one, two] = [summarize(write_run(place, f"n{step}", step=step)) for step in (1, 2)]
    assert ". 1 step, " in details(one)[0]
    assert ". 2 steps, " in details(two)[0]


def test_the_epochs_have_one_decimal_and_the_best_is_of_a_whole_one(runs, place):
    """The end of epoch 6 and two more steps."""
    write_run(place, "otter", **RESULTS | {"best_epochs": 6.005, "epochs": 1234.5678})
    assert table(runs())[0]["best epoch"] == "7"
    shown = " ".join(runs("show", "otter").split())
    assert "best epoch 7 " in shown
    assert "epochs 1,234.6 of 10 " in shown


def test_the_best_accuracy_is_said_to_be_that_of_all_branches(runs, place):
    write_run(place, "newt", **RESULTS)
    path = write_run(place, "otter", **RESULTS)
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO branches VALUES (1, 0, 10, 20)")
    connection.close()
    said = "best validation accuracy 88.41%, of all 2 branches"
    assert said in " ".join(runs("show", "otter").split())
    assert "of all" not in runs("show", "newt")
    assert f"{said} 88.41%" in " ".join(runs("compare", "otter", "newt").split())
    assert "accuracy 88.41% in epoch 4 (of all 2 branches), last" in details(summarize(path))[0]


def test_a_best_accuracy_after_the_current_step_is_said_to_be_that(runs, place):
    """The run went back: the main screen has the best up to there."""
    write_run(place, "newt", **RESULTS)
    path = write_run(place, "otter", **RESULTS | {"step": 100, "epochs": 0.23})
    said = "best validation accuracy 88.41%, after the current step"
    assert said in " ".join(runs("show", "otter").split())
    assert "after the" not in runs("show", "newt")
    assert f"{said} 88.41%" in " ".join(runs("compare", "otter", "newt").split())
    assert (
        "accuracy 88.41% in epoch 4 (after the current step), last" in details(summarize(path))[0]
    )


def test_the_list_has_results_and_the_settings_that_differ(runs, place):
    write_run(place, "otter", config={"optimizer": "sgd", "hidden": [64, 32]}, **RESULTS)
    write_run(place, "badger", age=9, config={"hidden": []}, star=True)
    assert table(runs()) == [
        {
            "name": "otter",
            "net": "64,32",
            "optimizer": "sgd",
            "best validation accuracy": "88.41%",
            "best epoch": "4",
            "last validation accuracy": "88.00%",
            "test accuracy": "87.00%",
            "steps": "2,150",
            "images per second": "50,000",
            "last trained": time.strftime("%Y-%m-%d %H:%M", time.localtime(1.5e9)),
            "data": "shirts",
            "state": "finished",
        },
        {
            "name": "badger ★",
            "net": "none",
            "optimizer": "adam",
            "best validation accuracy": "—",
            "best epoch": "—",
            "last validation accuracy": "—",
            "test accuracy": "—",
            "steps": "0",
            "images per second": "—",
            "last trained": time.strftime("%Y-%m-%d %H:%M", time.localtime(1.5e9 - 9)),
            "data": "shirts",
            "state": "paused",
        },
    ]


def test_a_setting_that_was_changed_by_hand_is_marked(runs, place):
    changes = [Change(5, "learning_rate", 0.001, 0.1)]
    write_run(place, "otter", step=9, changes=changes)
    write_run(place, "badger", age=9)
    text = runs()
    assert [row["learning rate"] for row in table(text)[:2]] == ["0.001*", "0.001"]
    assert "*: changed by hand later" in text


def test_a_run_that_is_open_elsewhere_is_shown_as_such(runs, place):
    write_run(place, "otter", phase="running", owner=living_owner())
    assert table(runs())[0]["state"] == "running, open elsewhere"
    assert "running, open in process 7 on far-away, since 2001-09-" in runs("show", "otter")


def test_words_and_terms_select_runs(runs, place):
    write_run(place, "otter", **RESULTS)
    write_run(place, "badger", config={"optimizer": "sgd"}, star=True)
    assert [row["name"] for row in table(runs("adam", "acc>0.88"))] == ["otter"]
    assert [row["name"] for row in table(runs("star"))] == ["badger ★"]
    assert [row["name"] for row in table(runs("list", "star", "sgd"))] == ["badger ★"]
    nothing = f"No runs in {place} match the filter: acc>0.9\n"
    assert runs("acc>0.9") == nothing
    assert runs("acc>good", code=2).startswith("filter acc>good: enter a number")


def test_without_runs_it_says_so(runs, place):
    place.mkdir()
    assert runs() == f"There are no kept runs in {place}.\n"
    assert json.loads(runs("--json")) == []


def test_the_json_has_an_entry_for_each_run_the_latest_first(runs, place):
    write_run(place, "badger", age=9, phase="running", owner=living_owner())
    write_run(place, "otter", notes="wide", **RESULTS)
    otter, badger = json.loads(runs("--json"))
    assert otter == {
        "name": "otter",
        "path": str(place / "otter.run"),
        "star": False,
        "notes": "wide",
        "state": "finished",
        "open_in": None,
        "step": 2150,
        "epoch": 5.0,
        "config": json.loads(json.dumps(Config().as_dict())),
        "changed_settings": [],
        "parameters": 109_386,
        "best_validation_accuracy": 0.8841,
        "best_epoch": 4.0,
        "last_validation_accuracy": 0.88,
        "test_accuracy": 0.87,
        "images_per_second": 50_000.0,
        "data": {"name": "shirts", "fingerprint": "f" * 64},
        "origin": None,
        "started": 1e9,
        "updated": 1.5e9,
    }
    assert badger["best_validation_accuracy"] is badger["images_per_second"] is None
    assert badger["state"] == "running"
    assert badger["open_in"] == {"host": "far-away", "process": 7, "since": 1e9}
    assert [run["name"] for run in json.loads(runs("--json", "acc>0.8"))] == ["otter"]


def test_a_file_that_is_no_run_is_one_line_of_the_errors(runs, called, place):
    write_run(place, "otter")
    (place / "broken.run").write_text("not a run")
    (place / "folder.run").mkdir()
    (place / "empty.run").touch()
    os.utime(place / "empty.run", (1e9, 1e9))
    (place / "starting.run").touch()
    for option in ((), ("--json",)):
        done = called("runs", *option, "--runs", str(place))
        assert done.returncode == 0
        assert "otter" in done.stdout
        for name, reason in (
            ("broken", "file is not a database"),
            ("folder", "is not a file"),
            ("empty", "cannot be read as a run: it is empty"),
        ):
            [line] = [line for line in done.stderr.splitlines() if f"{name}.run" in line]
            assert reason in line
        assert done.stderr.count("\n") == 3
    assert [run["name"] for run in json.loads(done.stdout)] == ["otter"]
    assert find(place, "") == place / "otter.run"
    foreign = place / "foreign.run"
    foreign.write_bytes(b"nonsense")
    latest = time.time() + 60
    os.utime(foreign, (latest, latest))
    assert find(place, "") == place / "otter.run"
    assert "broken.run" in runs("show", "broken", code=2)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text here")
@pytest.mark.parametrize(
    "odd", [b"caf\xe9", "\x1b]0;x\x07\u202ecaf".encode()], ids=["byte", "escape"]
)
def test_a_name_that_is_no_printable_text_breaks_no_command(called, tmp_path, tiny_directory, odd):
    place = tmp_path / os.fsdecode(b"d\xffir")
    path = place / f"{os.fsdecode(odd)}.run"
    options = ("--epochs", "1", "--hidden", "2", "--validation", "20", "--runs", str(place))
    done = called("train", *options, "--data", str(tiny_directory))
    assert (done.returncode, "kept as" in done.stdout) == (0, True)
    next(place.glob("*.run")).rename(path)
    write_run(place, "otter", age=9)
    name = path.stem
    for arguments in (
        ("runs",),
        ("runs", "--json"),
        ("runs", "show", name),
        ("runs", "show", name, "--json"),
        ("runs", "compare", name, "otter"),
        ("runs", "compare", name, "otter", "--json"),
        ("runs", "star", name),
        ("runs", "path", name),
        ("export", name, "--as-command"),
        ("find-rate", "--resume", name),
        ("train", "--resume", name, "--epochs", "2", "--json", "-"),
        ("export", str(path), "--as-command"),
        ("runs", "rename", name, "cafe"),
    ):
        done = called(*arguments, "--runs", str(place))
        assert done.returncode == (2 if "path" in arguments else 0), done.stderr
        for line in (done.stdout + done.stderr).splitlines():
            assert line.isprintable()
        if "--json" in arguments:
            assert r"\udc" not in done.stdout
    assert (place / "cafe.run").exists()


def test_show_has_settings_changes_branches_and_machine(runs, place):
    changes = [Change(5, "learning_rate", 0.001, 0.25)]
    write_run(place, "otter", changes=changes, notes="for Ada", **RESULTS)
    text = runs("show", "otter")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[:3] == ["otter: finished", "for Ada", str(place / "otter.run")]
    assert "learning rate 0.001 0.25" in lines
    assert "1 5 learning rate 0.001 0.25" in lines
    assert "best validation accuracy 88.41%" in lines
    assert "epochs 5.0 of 10" in lines
    assert "numpy 2.0" in lines


def test_compare_counts_the_images_that_one_run_gets_right(runs, place, tiny_directory):
    config = Config(hidden=(8,), batch_size=32, validation=30, epochs=9)
    first, _ = train_run(place, tiny_directory, config, 10)
    second, _ = train_run(place, tiny_directory, config.replace(learning_rate=0.05), 20)
    names = first.stem, second.stem
    lines = [" ".join(line.split()) for line in runs("compare", *names).splitlines()]
    assert "learning rate 0.001 0.05" in lines
    assert not any(line.startswith("batch size") for line in lines)
    wrong = []
    for path in (first, second):
        with Run(path) as run:
            data, predictions = run.load_data(), run.latest_predictions()
            indices = run.timeline(data).trainer.evaluation_set.indices
            wrong.append(predictions.predicted != data.train_labels[indices])
    for name, rows in zip(names, (~wrong[0] & wrong[1], wrong[0] & ~wrong[1]), strict=True):
        [line] = [line for line in lines if line.startswith(f"only {name} right: ")]
        assert line.split()[3] == str(rows.sum())
    assert f"Confusion matrix of {names[1]} minus that of {names[0]}" in lines


def test_compare_says_what_it_cannot_compare(runs, place, tiny_directory):
    config = Config(hidden=(8,), batch_size=32, validation=30, epochs=9)
    path, _ = train_run(place, tiny_directory, config, 2)
    write_run(place, "elsewhere")
    assert "on different data" in runs("compare", path.stem, "elsewhere")
    other, _ = train_run(place, tiny_directory, config, 3)
    assert "it was not evaluated" in runs("compare", path.stem, other.stem)
    assert runs("compare", "elsewhere", code=2) == "compare: enter the names of 2 to 6 runs"
    assert runs("compare", *["elsewhere"] * 7, code=2).endswith("2 to 6 runs")
    names = [f"elsewhere{number}" for number in range(6)]
    for name in names:
        write_run(place, name)
    assert runs("compare", *names)
    message = f"compare: {path.stem} and {path.stem} are the same run; enter another"
    assert runs("compare", path.stem, "elsewhere", str(path), code=2) == message
    link = place / "link.run"
    os.link(path, link)
    assert runs("compare", "link", path.stem, code=2).endswith("are the same run; enter another")


def test_show_prints_an_object(runs, place):
    changes = [Change(5, "learning_rate", 0.001, 0.25)]
    path = write_run(place, "otter", changes=changes, message="so", **RESULTS)
    with closing(sqlite3.connect(path)) as connection, connection:
        values = ('{"numpy": "2.0", "odd": 1e999}',)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'machine'", values)
    text = runs("show", "otter", "--json")
    shown = json.loads(text, parse_constant=pytest.fail)
    [entry] = json.loads(runs("--json"))
    assert {key: shown[key] for key in entry} == entry
    assert shown["message"] == "so"
    assert shown["current_config"] == entry["config"] | {"learning_rate": 0.25}
    assert shown["changes"] == [
        {"branch": 0, "step": 5, "setting": "learning_rate", "old": 0.001, "new": 0.25}
    ]
    assert shown["branches"] == [{"branch": 0, "parent": None, "fork": 0, "end": 2150}]
    assert shown["branch"] == 0
    assert shown["machine"] == {"numpy": "2.0", "odd": None}


def test_compare_prints_an_object(runs, place, tiny_directory):
    config = Config(hidden=(8,), batch_size=32, validation=30, epochs=9)
    first, _ = train_run(place, tiny_directory, config, 10)
    second, _ = train_run(place, tiny_directory, config.replace(learning_rate=0.05), 20)
    shown = json.loads(runs("compare", first.stem, second.stem, "--json"))
    entries = json.loads(runs("--json"))
    assert shown["runs"] == sorted(entries, key=lambda run: run["name"] != first.stem)
    assert (shown["same_data"], shown["fault"]) == (True, None)
    assert shown["settings"] == {"learning_rate": {"values": [0.001, 0.05], "changes": [[], []]}}
    both = shown["predictions"]
    assert (both["subset"], both["images"], both["own_images"]) == ("validation", 30, [30, 30])
    assert both["both_right"] + sum(both["only_right"]) + both["both_wrong"] == 30
    right = [sum(row[k] for k, row in enumerate(matrix)) for matrix in both["confusion"]]
    assert right == [both["both_right"] + only for only in both["only_right"]]
    write_run(place, "elsewhere")
    shown = json.loads(runs("compare", first.stem, "elsewhere", "--json"))
    assert (shown["same_data"], shown["predictions"]) == (False, None)
    assert "on different data" in shown["fault"]


def test_data_that_has_moved_does_not_hide_the_rest(runs, place, tiny_directory):
    config = Config(hidden=(8,), batch_size=32, validation=30, epochs=9)
    names = [train_run(place, tiny_directory, config, 10)[0].stem for _ in range(2)]
    tiny_directory.rename(tiny_directory.with_name("moved"))
    text = runs("compare", *names)
    assert "best validation" in text
    assert f"cannot be compared: {tiny_directory} does not exist" in text


def test_a_run_is_starred_renamed_noted_and_found(runs, place):
    write_run(place, "otter")
    assert runs("star", "otter") == runs("note", "otter", "wide", "and", "slow") == ""
    assert runs("rename", "otter", "badger") == ""
    run = summarize(place / "badger.run")
    assert (run.star, run.notes) == (True, "wide and slow")
    assert runs("path", "badger") == f"{place / 'badger.run'}\n"
    runs("unstar", "badger")
    assert runs("note", "badger") == "wide and slow\n"
    assert runs("note", "badger", "") == ""
    run = summarize(place / "badger.run")
    assert (run.star, run.notes) == (False, "")


@pytest.mark.parametrize("action", ["show", "rm", "star", "path", "note", "compare"])
def test_a_name_without_a_run_is_refused(runs, place, action):
    write_run(place, "otter")
    assert runs(action, "badger", code=2).startswith(f"there is no run badger in {place}")


def test_a_name_that_is_nearly_right_is_suggested(runs, place):
    write_run(place, "swift-otter")
    for name in ("swift-oter", "Swift-Otter2", "swiftotter.run"):
        assert runs("show", name, code=2).endswith("; did you mean swift-otter?")
    assert runs("show", "badger", code=2).endswith("; fashion-tui runs lists them")


def test_a_filter_that_nothing_matches_may_be_an_action(runs, place):
    write_run(place, "shwo")
    assert table(runs("shwo"))[0]["name"] == "shwo"
    message = f"no runs in {place} match the filter: shwo otter; did you mean "
    message += "fashion-tui runs show?"
    assert runs("shwo", "otter", code=2) == message
    assert runs("delete", "otter", code=2).endswith("; did you mean fashion-tui runs rm?")
    for text in ("star", "note:x"):  # a term is no misspelled command
        assert runs(text) == f"No runs in {place} match the filter: {text}\n"


@pytest.mark.parametrize("action", ["show", "rm", "star", "path", "note"])
def test_an_empty_name_is_not_the_latest_run(runs, place, action):
    write_run(place, "otter")
    message = f"runs {action}: enter the name of a run"
    assert runs(action, "", *["--yes"] * (action == "rm"), code=2) == message
    assert (place / "otter.run").exists()


def test_a_path_without_a_run_is_refused_with_its_own_fault(runs, place, tmp_path):
    write_run(place, "otter")
    moved = tmp_path / "moved"
    assert runs("show", f"{moved}/x.run", code=2) == f"there is no file {moved}/x.run"
    near = f"there is no file {place}/oter.run; did you mean otter?"
    assert runs("show", f"{place}/oter.run", code=2) == near
    message = f"{tmp_path} is not a file; enter the name or the file of a run"
    assert runs("show", f"{tmp_path}/", code=2) == message
    inside = place / "otter.run" / "x"
    assert runs("show", str(inside), code=2) == f"{inside} cannot be read: not a directory"
    assert runs("show", "~no-such-user-of-this-name/a", code=2).startswith(
        "there is no file ~no-such-user"
    )


@pytest.mark.parametrize("name", ["x" * 300, "..", "a\nb"])
def test_any_text_that_is_no_name_is_refused(runs, place, name):
    write_run(place, "otter")
    assert runs("show", name, code=2).startswith("there is no run ")


def test_a_note_of_two_lines_is_shown_in_one(runs, place):
    path = write_run(place, "otter", notes="two\r\n  lines\x1b", machine={"fashion_tui": "0.1"})
    shown = runs("show", "otter")
    assert "\ntwo lines\ufffd\n" in shown
    assert "fashion-tui" in shown
    assert runs("note", "otter") == "two lines\ufffd\n"
    assert details(summarize(path))[-1] == "Note: two lines\ufffd"


def test_why_a_run_ended_is_shown(runs, place):
    write_run(place, "otter", phase="diverged", message="diverged after step 7")
    assert runs("show", "otter").startswith("otter: diverged\nDiverged after step 7\n")


def test_runs_are_removed_all_or_none(runs, place):
    for name in ("otter", "badger"):
        write_run(place, name)
    write_run(place, "newt", owner=living_owner())
    assert "newt is open in another program" in runs("rm", "otter", "newt", "--yes", code=2)
    assert "add --yes" in runs("rm", "otter", code=2)
    assert len(os.listdir(place)) == 3
    assert runs("rm", "otter", "badger", "--yes") == ""
    assert os.listdir(place) == ["newt.run"]


@pytest.mark.parametrize(("answer", "left"), [("y", []), ("", ["otter.run"]), ("n", ["otter.run"])])
def test_on_a_terminal_it_asks_before_it_removes(command, place, answer, left):
    pty = pytest.importorskip("pty")
    write_run(place, "otter")
    master, slave = pty.openpty()
    os.write(master, f"{answer}\n".encode())
    done = command("runs", "rm", "otter", "--runs", str(place), stdin=slave)
    os.close(slave)
    os.close(master)
    assert done.returncode == 0
    assert "Remove otter? This cannot be undone. [y/N]" in done.stderr
    assert os.listdir(place) == left


def test_text_from_a_file_cannot_control_the_terminal(called, place):
    hostile = {
        "notes": HOSTILE,
        "phase": "running",
        "message": HOSTILE,
        "machine": {HOSTILE: HOSTILE, "threads": [HOSTILE]},
        "owner": living_owner() | {"host": HOSTILE},
        "data": {"path": HOSTILE, "name": HOSTILE, "fingerprint": HOSTILE, "classes": [HOSTILE]},
    }
    name, other = (f"{HOSTILE}{number}".replace("/", "") for number in (1, 2))
    write_run(place, name, star=True, **hostile)
    write_run(place, other, **hostile)
    (place / f"{name}3.run").write_text("damaged")
    directory = ("--runs", str(place))
    for arguments in (
        (),
        ("show", name),
        ("compare", name, other),
        ("rm", name),
        ("star", name + "4"),
        ("acc>\x1b[2J",),
        ("\x1b[2J",),
    ):
        done = called("runs", *arguments, *directory)
        for text in (done.stdout, done.stderr):
            assert all(char.isprintable() or char == "\n" for char in text), text
        if arguments[:1] in ((), ("show",), ("compare",)):
            assert done.returncode == 0
            assert "[red]\N{REPLACEMENT CHARACTER}[31m" in done.stdout
    done = called("runs", "--json", *directory)
    assert done.stdout.isascii()
    assert {run["notes"] for run in json.loads(done.stdout)} == {HOSTILE}


@pytest.mark.parametrize("width", [20, 60, 80, 120, 200])
def test_on_a_narrow_terminal_the_list_has_fewer_columns_and_names_the_others(place, width):
    from tui.headless.run_list import listing

    write_run(place, "otter", config={"optimizer": "sgd", "seed": 3}, **RESULTS)
    write_run(place, "badger", config={"learning_rate": 0.1})
    all_runs = [summarize(path) for path in sorted(place.iterdir())]
    head, names, *lines = listing(all_runs, width)
    shown = [*head.split(), *names.split()]
    last = lines[-1] if lines[-1].startswith("No room for ") else ""
    for word in " ".join(list(listing(all_runs, None))[:2]).split():
        assert word in shown or word in last
    assert {"name", "net", "best", "state"} <= set(shown)
    assert (width == 200) == (not last)
    if width >= 60:
        assert max(map(len, [head, names, *lines[:2]])) <= width


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        ([], "list"),
        (["adam"], "list"),
        (["star"], "list"),
        (["star", "otter"], "star"),
        (["show", "otter"], "show"),
        (["--json"], "list"),
        (["star", "--json"], "list"),
        (["adam", "--json", "acc>0.8"], "list"),
        (["--runs", "x", "show", "otter"], "show"),
        (["--runs=x", "show", "otter"], "show"),
        (["rm", "otter", "--yes"], "rm"),
    ],
)
def test_the_action_is_list_unless_another_one_is_named(arguments, action):
    options = command_line.parse(["runs", *arguments])
    assert (options.command, options.runs_command.action) == ("runs", action)


def test_help_lists_the_actions_and_those_have_help(called):
    text = called("runs", "--help").stdout
    for action in ("list", "show", "compare", "rm", "star", "unstar", "rename", "note", "path"):
        assert f"\n    {action} " in text
        own = called("runs", action, "--help").stdout
        assert own.startswith(f"usage: fashion-tui runs {action}")
        assert f"\nexample:\n  fashion-tui runs {action} " in own
    for words in ("--json", "acc>0.88", "lr<=0.01", "optimizer:adam", "data:NAME", "star  "):
        assert words in text
        assert words in called("runs", "list", "--help").stdout


@pytest.mark.parametrize("command", [[], ["train"], ["runs"], ["export"], ["presets"]], ids=str)
def test_the_examples_of_the_help_are_right(called, place, command, monkeypatch, tmp_path):
    write_run(place, "swift-otter")
    write_run(tmp_path / "some" / "where", "swift-otter")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASHION_TUI_RUNS", str(place))
    done = called(*command, "--help")
    *_, examples = re.split("\nexamples?:\n", done.stdout)
    for line in examples.splitlines():
        program, *arguments = shlex.split(line)
        assert program == "fashion-tui"
        if "--help" not in arguments:
            command_line.parse(arguments)


@pytest.mark.parametrize(
    ("line", "completions"),
    [
        ("fashion-tui runs show o", ["orca", "otter"]),
        ("fashion-tui export o", ["orca", "otter"]),
        ("fashion-tui runs s", ["show", "star"]),
        ("fashion-tui runs adam s", []),
        ("fashion-tui runs compare otter --j", ["--json"]),
        ("fashion-tui ru", ["runs"]),
        ("fashion-tui sweep --set lea", ["learning-rate="]),
        ("fashion-tui sweep --sampler t", ["tpe"]),
        ("fashion-tui train --see", ["--seed", "--seeds"]),
    ],
)
def test_commands_options_and_names_complete_in_the_shell(
    command, place, tmp_path, line, completions
):
    pytest.importorskip("argcomplete")
    for name in ("otter", "orca", "badger", "o\x1b[2J", "o;reboot"):
        write_run(place, name)
    answer = tmp_path / "answer"
    asking = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "FASHION_TUI_RUNS": str(place),
    }
    command(env=asking)
    assert sorted(answer.read_text().split()) == completions
