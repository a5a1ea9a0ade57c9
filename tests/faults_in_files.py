"""Faults with files, names and output streams, by the command line."""

import gzip
import json
import os
import sys
import tempfile
from pathlib import Path

from datasets import HOSTILE_NAMES, idx_bytes, make_dataset
from fault_list import command, data, fault, options, refused, started, train

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
RAW = "\x1b]0;title\x07\x1b[31m\u202ered\n"  # would control the terminal


def broken_data(name, content):
    directory = data()
    (directory / name).write_bytes(content)
    return directory


def shell(line, *arguments):
    """Runs `train` on a small dataset with what a shell can do to its streams."""
    line = f'exec "$0" train "$@" {line}'
    return command(
        line, sys.executable.replace("python", "fashion-tui"), *arguments, program=("sh", "-c")
    )


@fault("B1a", "header sizes 2^32-1, 2^32-1, 0", 2)
def impossible_sizes(number):
    header = b"\0\0\x08\x03" + (2**32 - 1).to_bytes(4, "big") * 2 + bytes(4)
    directory = broken_data(IMAGES, header)
    if number:
        refused(train(directory), IMAGES)
        return
    with started(*options(directory), ready=None) as terminal:
        assert terminal.wait(30) == 2
        assert b"has no pixels" in terminal.output.replace(b"\r\n", b" ")


@fault("B3a", "a pipe as data or as labels.txt", 2)
def pipe_as_data(number):
    directory, name = data(), (IMAGES, "labels.txt")[number]
    (directory / name).unlink(missing_ok=True)
    os.mkfifo(directory / name)
    refused(train(directory, seconds=20), "not a regular file")


@fault("B3b", "a pipe without a reader as --json", 1)
def pipe_as_json(number):
    pipe = Path(tempfile.mkdtemp()) / "pipe"
    os.mkfifo(pipe)
    refused(train(data(), "--json", str(pipe), seconds=20), "no program reads")


@fault("B3c", "/dev/zero as data", 2)
def endless_data(number):
    directory, name = data(), (IMAGES, "labels.txt")[number]
    (directory / name).unlink(missing_ok=True)
    (directory / name).symlink_to("/dev/zero")
    refused(train(directory, seconds=20), "not a regular file")


@fault("C9a", "a crash of the command shows its traceback", 1)
def crash_of_the_command(number):
    code = "import tui.__main__ as m, sys; m._run = lambda *options: 1 / 0; m.main(['presets'])"
    done = command("-c", code, program=(sys.executable,))
    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


@fault("C9c", "--epochs=-- and the like", 6)
def two_dashes(number):
    option = ("epochs", "hidden", "optimizer", "data", "preset", "seed")[number]
    refused(train(data(), f"--{option}=--"))


@fault("C10", "a gzip file of several members", 1)
def several_members(number):
    directory, content = data(zipped=True), idx_bytes(make_dataset().train_images)
    parts = (content[:9], content[9:1000], content[1000:])
    (directory / f"{IMAGES}.gz").write_bytes(b"".join(map(gzip.compress, parts)))
    done = train(directory)
    assert done.returncode == 0, done.stderr


@fault("E1a", "raw escape sequences in paths, values and names reach stderr", 7)
def raw_escapes(number):
    arguments = (
        *(["--data", RAW], ["--json", f"{RAW}/x"], ["--optimizer", RAW], ["--epochs", RAW]),
        *(["--preset", RAW], [RAW], [f"--{RAW}"]),
    )[number]
    done = train(data(), *arguments)
    refused(done)
    assert done.stderr.rstrip("\n").isprintable()


@fault("E1b", "class names are printed exactly, without escape sequences", 1)
def exact_names(number):
    done = train(data(HOSTILE_NAMES, classes=len(HOSTILE_NAMES)))
    assert done.returncode == 0, done.stderr
    assert ":cat:" in done.stdout
    assert "back\\ " in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@fault("E2b", "`train` into an ASCII stream", 1)
def ascii_stream(number):
    done = train(data(), env={"PYTHONIOENCODING": "ascii"})
    assert done.stdout.isascii()
    assert "?" not in done.stdout


@fault("E3a", "--json overwrites a file, such as the data", 2)
def overwritten_file(number):
    directory = data()
    before = (directory / IMAGES).read_bytes()
    target = (directory / IMAGES, directory / "run.jsonl")[number]
    target.touch()
    refused(train(directory, "--json", str(target)), ("name of another", "--force")[number])
    assert (directory / IMAGES).read_bytes() == before
    if number == 0:
        refused(train(directory, "--json", str(target), "--force"), "name of another")
        assert (directory / IMAGES).read_bytes() == before
    else:
        assert train(directory, "--json", str(target), "--force").returncode == 0
        assert json.loads(target.read_text().splitlines()[-1])["event"] == "end"


@fault("E3b", "--json - with standard output closed", 1)
def closed_output(number):
    done = shell(">&-", *options(data()), "--epochs", "2", "--json", "-")
    assert (done.returncode, "incomplete" in done.stderr) == (1, True), done.stderr


@fault("E3c", "--json /dev/stdout into a file", 1)
def standard_output_by_name(number):
    file = Path(tempfile.mktemp())
    with file.open("w") as stdout:
        done = train(data(), "--json", "/dev/stdout", stdout=stdout)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["event"] for line in file.read_text().splitlines()] == [
        *("start", "epoch", "epoch", "end")
    ]
