"""`fashion-tui train` as a user or a script sees it: lines, bars, exit codes and signals."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
from dataclasses import replace

import canned
import pytest

from tui.headless import interruption
from tui.headless.report import epoch_line

LINE = re.compile(
    r"epoch (\d)/2  step ([\d,]+)  training loss \d+\.\d{4} accuracy \d+\.\d\d%  "
    r"validation loss \d+\.\d{4} accuracy \d+\.\d\d%  [\d,]+ images/s"
)


def test_it_learns_the_real_images_and_scores_the_test_set(command):
    done = command("train", "--epochs", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("epoch 1/1  step 430  training loss")
    test_evaluation = re.search(
        r"after 430 steps: test loss [\d.]+, test accuracy ([\d.]+)%", done.stdout
    )
    assert float(test_evaluation[1]) > 80
    data = r"data: fashion-mnist, SHA-256 [0-9a-f]{12}…"
    assert re.search(rf"\(10,000 images\)\n{data}\nkept as [a-z]+-[a-z]+\n\Z", done.stdout)


def test_without_a_terminal_each_epoch_is_one_plain_line(called, learning_options):
    done = called("train", *learning_options)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    epochs = [LINE.fullmatch(line) for line in done.stdout.splitlines()[:2]]
    assert [match.groups() for match in epochs] == [("1", "6"), ("2", "12")]
    assert done.stdout.count("epoch ") == 2


def test_the_step_of_an_epoch_has_thousands_separators_as_the_speed_has():
    step = replace(canned.step(20, of=20), step=1720, evaluation=canned.evaluation(1720))
    line = epoch_line(step, 447054.3, 10)
    assert "  step 1,720  " in line
    assert line.endswith("  447,054 images/s")


def test_on_a_terminal_it_shows_bars(learning_options, environment, tmp_path):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "train", *learning_options],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment | {"TERM": "xterm", "COLUMNS": "120"},
        cwd=tmp_path,
    ) as process:
        os.close(theirs)
        shown = everything(ours)
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert "━" in shown
    assert "batch loss" in shown
    assert shown.count("training loss") == 2


def everything(terminal):
    """Everything that is written to a terminal until no process has it open."""
    shown = b""
    # Linux reports the end as an error, other systems as an empty read.
    with open(terminal, "rb", buffering=0) as screen, contextlib.suppress(OSError):
        while more := screen.read(4096):
            shown += more
    return shown.decode()


def test_the_same_seed_prints_the_same_results(command, tiny_options):
    one, other = (
        re.sub(r"[\d,]+ images/s", "", command("train", *tiny_options, "--no-keep").stdout)
        for _ in "12"
    )
    assert one == other


def test_without_a_terminal_the_app_points_to_train(command):
    done = command()
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs a terminal" in done.stderr
    assert "fashion-tui train" in done.stderr
    assert done.stderr.count("\n") == 1


def test_unusable_data_is_one_line_and_exits_with_2(called, tiny_directory, tiny_options):
    path = tiny_directory / "t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    done = called("train", *tiny_options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"fashion-tui: {path} is truncated")
    assert done.stderr.count("\n") == 1


def test_a_diverged_run_reports_step_and_rate_and_a_remedy_and_exits_with_3(called):
    done = called("train", "--learning-rate", "1e9", "--json", "-", "--no-keep")
    assert done.returncode == 3
    assert re.fullmatch(
        r"fashion-tui: diverged after step \d+ with learning rate \S+: .*; lower the learning "
        r"rate\n"
        r"coach: try learning rate \S+ → 0.003 \(restart\)\n",
        done.stderr,
    )
    end = json.loads(done.stdout.splitlines()[-1])
    assert end["coach"][0]["value"] == 0.003
    assert (end["event"], end["reason"]) == ("end", "diverged")


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_an_interrupted_run_ends_with_its_results(tiny_options, environment, tmp_path, number):
    options = [*tiny_options, "--epochs", "1000000", "--json", "-"]
    report = tmp_path / "report.txt"  # a pipe that nobody reads would fill up and stop the run
    with (
        report.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "tui", "train", *options],
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            env=environment,
            cwd=tmp_path,
        ) as process,
    ):
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(number)
        # Not communicate(), which would lose what readline() has read ahead.
        rest = process.stdout.read()
    errors = report.read_text(encoding="utf-8")
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    events = [json.loads(line) for line in [*lines, *rest.splitlines()]]
    assert [event["event"] for event in events[:2]] == ["start", "epoch"]
    end = events[-1]
    assert (end["event"], end["reason"]) == ("end", "interrupted")
    assert end["step"] >= 6
    assert end["epoch"] == len(events) - 2
    assert sum(map(sum, end["confusion"])) == 60


def test_a_signal_that_was_ignored_stays_ignored(monkeypatch):
    """As SIGHUP is after `nohup`."""
    monkeypatch.setattr(interruption, "SIGNALS", [signal.SIGHUP])
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruption.interruption() as received:
            os.kill(os.getpid(), signal.SIGHUP)
            assert received == []
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_run_that_did_not_stop_early_says_which_weights_are_scored(called, tiny_options):
    done = called("train", *tiny_options, "--patience", "5")
    assert re.search(
        r"^The run ended before early stopping; it keeps the last weights\. "
        r"The validation loss was lowest after epoch [12]\.$",
        done.stdout,
        re.MULTILINE,
    )
