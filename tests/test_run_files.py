"""Files that are no runs, or damaged ones: a sentence that names file and fault, nothing executed.

Run it as a program to try thousands of damaged files: python tests/test_run_files.py 5000
"""

import json
import random
import re
import sqlite3
import sys

import numpy as np
import pytest
from test_kept_runs import kept

from core.errors import RunError
from core.runs.run import Run


@pytest.fixture(scope="module")
def content(tiny, tmp_path_factory):
    """The bytes of a kept run."""
    return kept(tiny, tmp_path_factory.mktemp("runs")).read_bytes()


@pytest.fixture
def path(content, tmp_path):
    """A file of its own for each test, with that run."""
    path = tmp_path / "a.run"
    path.write_bytes(content)
    return path


def damaged(content, rng):
    """The content with some of its bytes changed, cut off or added."""
    content = bytearray(content)
    place = rng.randrange(len(content))
    match rng.choice(("byte", "bytes", "end", "zeros", "more", "digits")):
        case "byte":
            content[place] = rng.randrange(256)
        case "bytes":
            for _ in range(rng.randrange(1, 200)):
                content[rng.randrange(len(content))] = rng.randrange(256)
        case "end":
            del content[place:]
        case "zeros":
            size = min(rng.choice((1, 16, 512, 4096)), len(content) - place)
            content[place : place + size] = bytes(size)
        case "more":
            content[place:place] = rng.randbytes(rng.randrange(1, 50))
        case "digits":  # inside numbers and JSON
            digits = [match.start() for match in re.finditer(rb"[0-9]", content)]
            for _ in range(rng.randrange(1, 4)):
                content[rng.choice(digits)] = ord(rng.choice('0123456789-eE.,"{}[]n'))
    return bytes(content)


def read_everything(path, data, in_memory=False):
    with Run(path, in_memory) as run:
        run.metrics(), run.evaluations(), run.records(), run.current_config, run.owner, run.origin
        run.differences()
        run.timeline(data).step()


def try_damaged_files(path, data, seed, count):
    """Reads damaged copies; returns how many could be read, and how many were refused."""
    content, rng, copy = path.read_bytes(), random.Random(seed), path.with_name("damaged.run")
    read = refused = 0
    for number in range(count):
        bad = damaged(content, rng)
        copy.write_bytes(bad)
        fault = ""
        try:
            read_everything(copy, data, in_memory=number % 2 == 1)
        except RunError as error:
            fault = str(error)
        assert fault.isprintable()
        assert not fault or str(copy) in fault or fault.startswith(f"{copy.stem} cannot continue: ")
        read, refused = read + (not fault), refused + bool(fault)
        assert copy.read_bytes() == bad
    return read, refused


@pytest.mark.parametrize("seed", range(2))
def test_a_damaged_file_is_read_or_refused_and_left_as_it_is(tiny, path, seed):
    read, refused = try_damaged_files(path, tiny, seed, 150)
    assert read > 20
    assert refused > 50


def test_a_damaged_file_is_shown_or_refused_in_one_line(called, tiny, tmp_path):
    path = kept(tiny, tmp_path)
    content, rng, codes = path.read_bytes(), random.Random(7), set()
    for number in range(80):
        bad = damaged(content, rng)
        path.write_bytes(bad)
        done = called("runs", "show", str(path), *["--json"][: number % 2])
        codes.add(done.returncode)
        if done.returncode == 0:
            assert (bool(done.stdout), done.stderr) == (True, "")
        else:
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
            assert str(path) in done.stderr
        assert path.read_bytes() == bad
    assert codes == {0, 2}


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("PRAGMA user_version = 2", "has format 2, of a newer fashion-tui"),
        ("PRAGMA user_version = 0", "has format 0, of an older fashion-tui"),
        ("PRAGMA application_id = 7", "is not a run of fashion-tui"),
        ("CREATE VIEW steps2 AS SELECT load_extension('x')", "has other tables"),
        (
            "CREATE TRIGGER t AFTER UPDATE ON meta BEGIN DELETE FROM steps; END",
            "has other tables",
        ),
        ("CREATE INDEX i ON steps (loss)", "has other tables"),
        ("CREATE TABLE more (x)", "has other tables"),
        ("DROP TABLE steps", "has other tables"),
        ("DELETE FROM meta WHERE key = 'config'", "the value of config is missing"),
        (
            "UPDATE meta SET value = '{}' WHERE key = 'config'",
            "is damaged: the setting hidden is missing",
        ),
        (
            "UPDATE meta SET value = json_remove(value, '$.dropout') WHERE key = 'config'",
            "is damaged: the setting dropout is missing",
        ),
        (
            """UPDATE meta SET value = '{"config": {}}' WHERE key = 'config'""",
            "is damaged: the setting hidden is missing",
        ),
        ("INSERT INTO meta VALUES ('origin', '3')", "is damaged: its origin is not a run"),
        ("""INSERT INTO meta VALUES ('origin', '{"run": "a"}')""", "its origin is not a step of"),
        ("UPDATE meta SET value = '[]' WHERE key = 'config'", "the value of config is missing or"),
        ("UPDATE meta SET value = '9' WHERE key = 'name'", "the value of name is missing or"),
        (
            f"UPDATE meta SET value = '\"{'x' * 1_000_000}\"' WHERE key = 'notes'",
            "the value of notes is too large",
        ),
        ("UPDATE meta SET value = '{' WHERE key = 'name'", "is damaged"),
        (
            "UPDATE meta SET value = '99999999' WHERE key = 'step'",
            "its current step does not exist",
        ),
        ("DELETE FROM branches", "has no branches"),
        ("UPDATE branches SET parent = 2 WHERE branch = 1", "branches are not a tree"),
        ("UPDATE branches SET fork = 9999 WHERE branch = 1", "starts after the end"),
        ("UPDATE changes SET setting = '\x1b[2J'", r"is damaged: '\x1b[2J'"),
        ("UPDATE changes SET new = '\"x\"'", "is damaged: learning rate"),
        ("UPDATE steps SET loss = 'much'", "is damaged"),
        ("UPDATE arrays SET dtype = '|O'", "an array has the type"),
        ("UPDATE arrays SET shape = '[1e9]'", "is damaged"),
        ("UPDATE arrays SET data = zeroblob(length(data))", "the arrays of a checkpoint have"),
        ("UPDATE checkpoints SET state = '[]'", "is damaged"),
        ("DELETE FROM arrays WHERE name = 'parameters'", "is damaged"),
        ("UPDATE evaluations SET predicted = 7", "predictions are not binary"),
        ("UPDATE evaluations SET true_probability = NULL", "lacks a part of its predictions"),
        ("UPDATE evaluations SET predicted = zeroblob(5)", "lacks a part of its predictions"),
        ("UPDATE evaluations SET loss = 9e999", "a number that is not finite"),
        ("UPDATE steps SET loss = 9e999", "a number that is not finite"),
        ("UPDATE layer_stats SET layers = '[]'", "statistics of other layers"),
        ("UPDATE layer_stats SET layers = 7", "is damaged"),
        (
            "UPDATE layer_stats SET layers = json_set(layers, '$[0].weights[0]', 0.3)",
            "a histogram has other bins",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tiny, path, statement, fault):
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(RunError, match=re.escape(fault)) as caught:
        read_everything(path, tiny)
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_damaged_list_of_tables_is_said_without_its_sql(path):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE (' WHERE name = 'steps'")
    connection.close()
    with pytest.raises(RunError, match=r"cannot be read as a run: its list of tables is damaged$"):
        Run.open(path)


def test_a_run_that_is_closed_says_so(path):
    with Run.open(path) as run:
        pass
    with pytest.raises(RunError, match=r"the run in .* is closed; open it again"):
        run.metrics()


@pytest.mark.parametrize("content", [b"", b"text", bytes(5000), b"SQLite format 3\0" + bytes(99)])
def test_another_file_is_not_a_run(tmp_path, content):
    path = tmp_path / "x.run"
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"cannot be read as a run|is not a run of fashion-tui"):
        Run.open(path)
    assert path.read_bytes() == content


def test_a_directory_or_nothing_is_not_a_run(tmp_path):
    for path, fault in ((tmp_path, "is not a file"), (tmp_path / "nothing.run", "no such file")):
        with pytest.raises(RunError, match=fault):
            Run.open(path)


def test_a_hostile_name_is_made_printable_and_short(path):
    with sqlite3.connect(path) as connection:
        name = json.dumps("\x1b[2J\u202e" + "x" * 10_000)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'name'", (name,))
    connection.close()
    with Run.open(path) as run:
        assert run.name.isprintable()
        assert len(run.name) <= 80


def test_a_huge_value_is_not_read(tiny, path):
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE arrays SET data = zeroblob(300000000) WHERE name = 'parameters'")
    connection.close()
    with pytest.raises(RunError, match="is damaged"):
        read_everything(path, tiny)


if __name__ == "__main__":
    import tempfile
    from pathlib import Path

    from core.data.dataset import Dataset

    def images(count):
        pixels = np.random.default_rng(0).integers(0, 256, (count, 6, 5)).astype(np.uint8)
        return pixels, (np.arange(count) % 3).astype(np.uint8)

    data = Dataset(*images(200), *images(60), ("0", "1", "2"))
    with tempfile.TemporaryDirectory() as directory:
        path = kept(data, Path(directory))
        read, refused = try_damaged_files(path, data, random.randrange(1 << 30), int(sys.argv[1]))
    print(f"{read:,} damaged files were read, {refused:,} refused; none was changed")
