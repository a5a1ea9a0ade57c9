"""The JSON log: what its lines hold, and what happens when they cannot be written."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from core.config.presets import presets
from core.data import dataset
from core.errors import DataError
from core.training.trainer import Trainer
from tui.headless import find_rate
from tui.headless.json_log import JsonLog

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")

START = {"event", "config", "parameters", "train_images", "evaluation_set", "evaluation_images"}
START |= {"threads", "step_threads", "data", "fingerprint", "notes"}
EPOCH = {"event", "epoch", "step", "seconds", "images_per_second"}
EPOCH |= {"train_loss", "train_accuracy", "evaluation_loss", "evaluation_accuracy"}
END = {"event", "reason", "run", "epoch", "step", "seconds"}
END |= {"test_loss", "test_accuracy", "test_balanced_accuracy"}
END |= {"confusion", "class_names", "warnings", "coach"}


def strict(text):
    """The objects in the lines; NaN and Infinity, which JSON does not have, are refused."""

    def refuse(constant):
        raise ValueError(constant)

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def test_standard_output_holds_only_the_lines(command, tiny_options):
    done = command("train", *tiny_options, "--json", "-")
    assert done.returncode == 0
    start, first, second, end = strict(done.stdout)
    assert [set(event) for event in (start, first, second, end)] == [START, EPOCH, EPOCH, END]
    assert "after 12 steps: test loss" in done.stderr

    assert start["event"] == "start"
    given = {"hidden": [8], "batch_size": 32, "epochs": 2, "validation": 30}
    assert start["config"] == presets()["default"].config.as_dict() | given
    assert start["parameters"] == (30 + 1) * 8 + (8 + 1) * 3
    assert (start["train_images"], start["evaluation_images"]) == (170, 30)
    assert start["evaluation_set"] == "validation"

    for number, event in enumerate((first, second), start=1):
        assert (event["event"], event["epoch"], event["step"]) == ("epoch", number, 6 * number)
        assert 0 <= event["train_accuracy"] <= 1
        assert 0 <= event["evaluation_accuracy"] <= 1
        assert min(event["train_loss"], event["evaluation_loss"], event["images_per_second"]) > 0
    assert 0 < first["seconds"] < second["seconds"] == end["seconds"]

    assert (end["event"], end["reason"]) == ("end", "finished")
    assert (end["epoch"], end["step"]) == (2, 12)
    assert end["class_names"] == ["0", "1", "2"]


def test_each_epoch_is_averaged_over_its_own_batches(called, tiny_options, tiny_directory):
    config = presets()["default"].config.replace(
        hidden=(8,), batch_size=32, epochs=2, validation=30
    )
    trainer = Trainer(config, dataset.load(tiny_directory))
    steps = [trainer.step() for _ in range(12)]
    _, *epochs, _ = strict(called("train", *tiny_options, "--json", "-").stdout)
    for event, batches in zip(epochs, (steps[:6], steps[6:]), strict=True):
        images = [batch.images for batch in batches]
        for name in ("loss", "accuracy"):
            mean = np.average([getattr(batch, name) for batch in batches], weights=images)
            assert event[f"train_{name}"] == pytest.approx(mean, rel=1e-5)


def test_rows_of_the_confusion_matrix_sum_to_the_test_images_of_each_class(called):
    options = ("--hidden", "none", "--batch-size", "1000", "--epochs", "1", "--json", "-")
    end = strict(called("train", *options).stdout)[-1]
    confusion = np.array(end["confusion"])
    assert confusion.sum(axis=1).tolist() == [1000] * 10
    assert confusion.trace() / 10_000 == pytest.approx(end["test_accuracy"])
    assert end["class_names"][-1] == "Ankle boot"


def test_without_validation_images_the_evaluation_set_is_the_test_set(called, tiny_options):
    start, *_, last, end = strict(
        called("train", *tiny_options, "--validation", "0", "--json", "-").stdout
    )
    assert (start["train_images"], start["evaluation_images"]) == (200, 60)
    assert start["evaluation_set"] == "test"
    assert last["evaluation_loss"] == end["test_loss"]
    assert last["evaluation_accuracy"] == end["test_accuracy"]


def test_a_file_gets_the_same_results_and_the_lines_stay_on_the_terminal(
    called, tiny_options, tmp_path
):
    path = tmp_path / "run.jsonl"
    done = called("train", *tiny_options, "--json", str(path))
    assert done.returncode == 0
    assert done.stdout.startswith("epoch 1/2")
    written = strict(path.read_text(encoding="utf-8"))
    printed = strict(called("train", *tiny_options, "--json", "-").stdout)
    assert written[0] == printed[0]
    assert written[-1]["confusion"] == printed[-1]["confusion"]
    assert written[-1]["test_loss"] == printed[-1]["test_loss"]


@pytest.mark.parametrize("target", ["nowhere/run.jsonl", ".", ""], ids=["missing", "dir", "empty"])
def test_a_file_that_cannot_be_written_is_reported_before_the_run(called, tiny_options, target):
    done = called("train", *tiny_options, "--json", target)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{target} cannot be written: " in done.stderr
    assert done.stderr.count("\n") == 1


@needs_dev_full
def test_a_full_disk_ends_the_log_but_not_the_run(command, learning_options):
    done = command("train", *learning_options, "--json", "/dev/full")
    assert done.returncode == 1
    assert "after 12 steps: test loss" in done.stdout
    assert done.stderr == ("fashion-tui: /dev/full is incomplete: no space left on device\n")


@pytest.fixture
def closed_pipe():
    """A pipe without a reader, as after `| head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def test_a_closed_pipe_ends_the_log_but_not_the_run(command, learning_options, closed_pipe):
    done = command("train", *learning_options, "--json", "-", stdout=closed_pipe)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "after 12 steps: test loss" in done.stderr
    assert "fashion-tui: " not in done.stderr


@pytest.mark.parametrize(
    "arguments", ["presets", "runs", "runs --json", "runs --help", "--version"], ids=str
)
def test_a_closed_pipe_ends_other_commands_without_a_word(command, closed_pipe, arguments):
    done = command(*arguments.split(), stdout=closed_pipe)
    assert (done.returncode, done.stderr) == (141, "")


def test_an_existing_log_is_not_overwritten(called, tiny_options, tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text('{"event": "start"}\n')
    done = called("train", *tiny_options, "--json", str(path))
    assert done.returncode == 2
    assert done.stderr == f"fashion-tui: {path} exists; add --force to overwrite it\n"
    assert path.read_text() == '{"event": "start"}\n'


@pytest.mark.parametrize("old", ["", '{"event": "start"}\n'], ids=["empty", "log"])
def test_an_existing_log_is_overwritten_with_force(called, tiny_options, tmp_path, old):
    path = tmp_path / "run.jsonl"
    path.write_text(old)
    assert called("train", *tiny_options, "--json", str(path), "--force").returncode == 0
    assert len(strict(path.read_text(encoding="utf-8"))) == 4


@pytest.fixture
def kept_run(called, tiny_options, tmp_path):
    """Trains a run that is kept, and returns its file."""
    runs = tmp_path / "runs"
    assert called("train", *tiny_options, "--runs", str(runs)).returncode == 0
    return next(runs.glob("*.run"))


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "force"])
@pytest.mark.parametrize("command", ["train", "find-rate", "sweep", "resumed", "resumed find-rate"])
def test_what_the_command_reads_is_never_overwritten(
    called, tiny_options, tiny_directory, kept_run, tmp_path, command, force
):
    data = tiny_directory / "train-images-idx3-ubyte"
    symbolic, hard = tmp_path / "symbolic.jsonl", tmp_path / "hard.jsonl"
    symbolic.symlink_to(data)
    hard.hardlink_to(data)
    config, numbers = tmp_path / "own.toml", tmp_path / "numbers"
    config.write_text("epochs = 2\n")
    numbers.write_text("5\n")
    options = [*tiny_options, "--config", str(config), "--leave-out", str(numbers)]
    if command.startswith("resumed"):
        options = ["--resume", str(kept_run), "--epochs", "3"]
    if command == "sweep":
        options += ["--set", "seed=0,1"]
    for path in (data, symbolic, hard, config, numbers, kept_run):
        before = path.read_bytes()
        name = command.split()[-1].replace("resumed", "train")
        done = called(name, *options, "--json", str(path), *force)
        assert done.returncode == 2
        assert "choose" in done.stderr
        assert done.stderr.count("\n") == 1
        assert path.read_bytes() == before


def test_the_test_table_beside_the_data_is_never_overwritten(called, tmp_path):
    rows = "".join(f"{n % 2},{n},0,9,7\n" for n in range(40))
    for name in ("train.csv", "test.csv"):
        (tmp_path / name).write_text(f"label,1,2,3,4\n{rows}")
    options = ("--data", str(tmp_path / "train.csv"), "--epochs", "1", "--hidden", "2", "--force")
    done = called("train", *options, "--json", str(tmp_path / "test.csv"))
    assert (done.returncode, done.stdout) == (2, "")
    assert (tmp_path / "test.csv").read_text().endswith(rows)


@pytest.mark.parametrize("name", ["labels.txt", "Test.CSV", "t10k-labels.idx1-ubyte", "more.npz"])
def test_a_log_never_gets_a_name_under_which_it_would_be_read_as_data(
    called, tiny_options, tiny_directory, name
):
    path = tiny_directory / name
    done = called("train", *tiny_options, "--json", str(path), "--force")
    assert (done.returncode, done.stdout, path.exists()) == (2, "", False)
    assert done.stderr == (
        f"fashion-tui: {path} has the name of another kind of file; choose one such as run.jsonl\n"
    )


def test_a_file_that_another_program_fills_before_the_first_line_is_kept(tmp_path):
    path = tmp_path / "run.jsonl"
    for force in (False, True):
        with JsonLog(str(path), force) as log:
            path.write_text("important")
            with pytest.raises(DataError, match="is not a log"):
                log.write(event="start")
        assert path.read_text() == "important"
        path.write_text("")


def test_a_log_in_the_directory_of_the_data_is_overwritten_with_force(
    called, tiny_options, tiny_directory
):
    path = tiny_directory / "run.jsonl"
    for force in ([], ["--force"]):
        assert called("train", *tiny_options, "--json", str(path), *force).returncode == 0
    assert strict(path.read_text(encoding="utf-8"))[0]["event"] == "start"


needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")


@needs_pipes
def test_a_file_is_left_as_it_was_by_a_command_that_writes_nothing(
    called, tmp_path, tiny_options, monkeypatch
):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(find_rate, "find_rate", interrupted)
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text('{"important": 1}')
    assert called("find-rate", *tiny_options, "--json", str(old), "--force").returncode == 130
    assert called("train", "--data", "missing", "--json", str(old), "--force").returncode == 2
    assert old.read_text() == '{"important": 1}'
    assert called("find-rate", *tiny_options, "--json", str(new)).returncode == 130
    assert not new.exists()


def test_a_pipe_without_a_reader_is_reported_and_not_waited_for(called, tiny_options, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = called("train", *tiny_options, "--json", str(tmp_path / "pipe"))
    assert done.returncode == 2
    assert "cannot be written: no program reads from this pipe" in done.stderr


@needs_pipes
def test_a_pipe_with_a_reader_receives_the_lines(called, tiny_options, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with open(reading, encoding="utf-8") as pipe:
        assert called("train", *tiny_options, "--json", str(tmp_path / "pipe")).returncode == 0
        assert len(strict(pipe.read())) == 4


@needs_pipes
def test_a_reader_of_a_pipe_that_ends_first_is_reported(called, learning_options, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.MonkeyPatch.context() as patch:
        write = JsonLog.write

        def leave_and_write(log, **values):
            if values["event"] == "epoch" and values["epoch"] == 1:
                os.close(reading)
            write(log, **values)

        patch.setattr(JsonLog, "write", leave_and_write)
        done = called("train", *learning_options, "--json", str(pipe))
    assert done.returncode == 1
    assert "after 12 steps: test loss" in done.stdout
    assert done.stderr == (
        f"fashion-tui: {pipe} is incomplete: the program that reads it has ended\n"
    )


@pytest.mark.skipif(not Path("/dev/fd/2").exists(), reason="no /dev/fd here")
@pytest.mark.parametrize("name", ["/dev/stderr", "/dev/fd/2", "/dev/fd/3"])
def test_an_open_file_is_written_by_the_name_of_its_descriptor(
    learning_options, environment, tmp_path, name
):
    (tmp_path / "log").write_text("before\n")
    redirection = "3>>log" if name.endswith("3") else "2>>log"
    tokens = ["-m", "tui", "train", *learning_options, "--json", name]
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {redirection}', sys.executable, *tokens],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    before, *lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert before == "before"
    events = [line["event"] for line in strict("\n".join(lines))]
    assert events == ["start", "epoch", "epoch", "end"]


def test_a_descriptor_that_is_not_open_is_refused(called, tiny_options):
    done = called("train", *tiny_options, "--json", "/dev/fd/99")
    assert done.returncode == 2
    assert done.stderr == "fashion-tui: /dev/fd/99 cannot be written: bad file descriptor\n"


@needs_pipes
def test_a_closed_standard_output_is_reported(tiny_options, environment, tmp_path):
    tokens = ["-m", "tui", "train", *tiny_options, "--json", "-"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" "$@" >&-', sys.executable, *tokens],
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("fashion-tui: the output is incomplete: it is closed\n")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no /dev/stdout here")
def test_another_name_of_standard_output_is_the_same(command, tiny_options, tmp_path):
    with open(tmp_path / "both", "w") as file:
        done = command("train", *tiny_options, "--json", "/dev/stdout", stdout=file)
    assert done.returncode == 0
    assert len(strict((tmp_path / "both").read_text(encoding="utf-8"))) == 4
    assert "after 12 steps: test loss" in done.stderr


@needs_pipes
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_slow_reader_of_a_non_blocking_pipe_loses_nothing(
    tiny_options, environment, tmp_path, unbuffered
):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    received = bytearray()

    def read_slowly():
        while select.select([], [writing], [], 0)[1]:  # until the pipe is full
            time.sleep(0.01)
        time.sleep(0.2)
        while more := os.read(reading, 4096):
            received.extend(more)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    options = [*tiny_options, "--batch-size", "170", "--epochs", "400", "--json", "-"]
    done = subprocess.run(
        [sys.executable, "-m", "tui", "train", *options],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment | {"PYTHONUNBUFFERED": unbuffered},
        cwd=tmp_path,
        timeout=120,
    )
    os.close(writing)
    reader.join()
    os.close(reading)
    assert done.returncode == 0
    assert len(strict(received.decode())) == 402
