"""Unusual names, paths, encodings and output streams on the command line."""

import gc
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tui.__main__ import main

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@pytest.mark.parametrize("tokens", [["presets"], ["--help"], ["train"]], ids=str)
def test_an_ascii_output_does_not_fail(command, learning_options, tokens):
    options = learning_options if tokens == ["train"] else []
    done = command(*tokens, *options, env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert "?" not in done.stdout


def test_an_error_is_printed_in_ascii_too(command, tmp_path):
    done = command(
        "train", "--data", str(tmp_path / "Bilder×für"), env={"PYTHONIOENCODING": "ascii"}
    )
    assert done.returncode == 2
    assert "Bilderxfur does not exist" in done.stderr


HOSTILE = "\x1b]0;title\x07\x1b[31m\u202ered\n"


@pytest.mark.parametrize(
    "tokens",
    [
        ["--data", HOSTILE],
        ["--json", f"{HOSTILE}/x"],
        ["--optimizer", HOSTILE],
        ["--epochs", HOSTILE],
        ["--preset", HOSTILE],
        [HOSTILE],
        [f"--{HOSTILE}"],
    ],
    ids=ascii,
)
def test_an_error_message_cannot_control_the_terminal(called, tiny_options, tokens):
    done = called("train", *tiny_options, *tokens)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.rstrip("\n").isprintable()


@pytest.mark.parametrize("option", ["epochs", "hidden", "optimizer", "data", "preset", "json"])
def test_two_dashes_are_a_value_like_any_other(called, learning_options, option):
    done = called("train", *learning_options, f"--{option}=--")
    assert done.returncode == (0 if option == "json" else 2)
    assert done.stderr.count("\n") == (0 if option == "json" else 1)


def test_a_class_name_is_printed_as_it_is(called, tiny_directory, learning_options):
    (tiny_directory / "labels.txt").write_text(":cat:\nback\\\n[b]\n")
    done = called("train", *learning_options)
    assert (done.returncode, done.stderr) == (0, "")
    assert ":cat:" in done.stdout
    assert "back\\ " in done.stdout


def test_a_crash_shows_its_traceback(python):
    program = "import tui.__main__ as m; m._run = lambda *_: 1 / 0; m.main(['presets'])"
    done = python("-c", program)
    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_the_streams_of_the_caller_stay_open(capsys):
    stdout, stderr = sys.stdout, sys.stderr
    assert main(["presets"]) == 0
    gc.collect()
    assert not stdout.closed
    assert not stderr.closed


def test_too_little_memory_is_one_line(called, monkeypatch):
    def fail(*arguments):
        raise MemoryError

    monkeypatch.setattr("tui.headless.start.Trainer", fail)
    done = called("train")
    assert done.returncode == 2
    assert done.stderr.startswith("fashion-tui: there is not enough memory; choose smaller")


def test_a_class_name_may_look_like_markup(called, tiny_directory, learning_options):
    (tiny_directory / "labels.txt").write_text("[b]bold\n[/b]\n[red]\n")
    done = called("train", *learning_options)
    assert (done.returncode, done.stderr) == (0, "")
    assert "[b]bold" in done.stdout


def test_64_classes_are_all_shown(called, tmp_path, write_directory, make_dataset):
    data = write_directory(tmp_path / "many", make_dataset(train=200, test=128, classes=64))
    done = called("train", "--data", str(data), "--validation", "0", "--epochs", "1")
    confusion = done.stdout.partition("rows: true class")[2]
    assert all(re.search(rf"\b{label}\b", confusion) for label in range(64))


@pytest.mark.parametrize("data", ["~nobody-of-this-name/images", "x" * 300], ids=["home", "long"])
def test_an_impossible_path_is_one_line_and_exits_with_2(called, data):
    done = called("train", "--data", data)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.fixture
def shell(environment, tmp_path):
    """Runs `fashion-tui` with what a shell can do to its streams."""

    def run(line):
        return subprocess.run(
            ["sh", "-c", f'exec "$0" -m tui {line}', sys.executable],
            capture_output=True,
            encoding="utf-8",
            env=environment,
            cwd=tmp_path,
            timeout=120,
        )

    return run


@pytest.mark.parametrize("tokens", [("data", ""), ("train", "--data", ""), ("--data=",)])
def test_an_empty_path_of_a_dataset_is_refused(called, tokens):
    done = called(*tokens)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("data: enter the path of a dataset\n")


def test_a_closed_standard_input_is_no_terminal(shell):
    done = shell("<&-")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


def test_a_closed_standard_output_is_no_traceback(shell):
    assert "Traceback" not in shell("presets >&-").stderr


@needs_dev_full
def test_help_onto_a_full_disk_is_one_line(shell):
    assert shell("--help >/dev/full").stderr.count("\n") == 1


@needs_dev_full
@pytest.mark.parametrize("tokens", [["presets"], ["train"]], ids=str)
def test_plain_output_onto_a_full_disk_is_no_traceback(command, tiny_options, tokens):
    options = tiny_options if tokens == ["train"] else []
    with open("/dev/full", "w") as full:
        done = command(*tokens, *options, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_forced_colors_draw_no_progress_bar_in_a_pipe(command, tiny_options):
    done = command("train", *tiny_options, env={"FORCE_COLOR": "1"})
    assert done.returncode == 0
    assert done.stdout.count("epoch ") == 2
    assert "left" not in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_standard_error_does_not_end_the_run(command, tiny_options):
    with open("/dev/full", "w") as full:
        done = command("train", *tiny_options, "--json", "-", stderr=full)
    assert done.returncode == 0
    assert done.stdout.count('"event": "epoch"') == 2
    assert '"reason": "finished"' in done.stdout


def test_a_run_whose_last_step_breaks_the_network_has_diverged(called, tiny_options):
    done = called(
        *("train", *tiny_options, "--hidden", "200,200,200,200", "--optimizer", "sgd"),
        *("--learning-rate", "1e12", "--validation", "0", "--batch-size", "200", "--epochs", "1"),
        *("--json", "-"),
    )
    assert done.returncode == 3
    assert "diverged after step 0 " in done.stderr
    assert '"reason": "diverged"' in done.stdout
