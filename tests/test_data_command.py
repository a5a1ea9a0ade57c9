"""Data of one's own on the command line: `fashion-tui data`, training with the presets as they are,
and continuing a kept run."""

import json

import numpy as np
import pytest
from formats import digits, squares, write_csv, write_pictures

from core.data.dataset import load
from core.data.reading import Reading
from core.errors import DataError
from core.runs.description import fingerprint
from core.runs.run import Run


@pytest.fixture
def letters(tmp_path, idx_bytes):
    """Two sets in one directory, named like EMNIST's, with labels from 1."""
    directory = tmp_path / "gzip"
    directory.mkdir()
    images, labels = squares(90)
    for subset in ("letters", "digits"):
        for part, end in (("train", 60), ("test", 90)):
            name = f"emnist-{subset}-{part}"
            chosen = slice(end - 60, end)
            (directory / f"{name}-images-idx3-ubyte").write_bytes(idx_bytes(images[chosen]))
            (directory / f"{name}-labels-idx1-ubyte").write_bytes(idx_bytes(labels[chosen] + 1))
    return directory


def test_data_tells_what_is_in_a_set_as_tables(called, letters):
    done = called("data", str(letters), "--subset", "letters", env={"COLUMNS": "100"})
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.replace("│", " ").split() for line in done.stdout.splitlines()]
    assert done.stdout.startswith(
        "emnist-letters: IDX files, images of 6×6 pixels, 3 classes, SHA-256 "
    )
    assert ["training", "60", "0", "255"] in [row[:4] for row in rows]
    assert ["0", "1", "20", "20"] in rows
    assert "Labels 1 to 3 became classes 0 to 2." in done.stdout
    assert "The images were transposed" in done.stdout
    assert "Test images that are also training images: 30." in done.stdout
    assert "No duplicate training images." in done.stdout


def test_options_that_play_no_role_are_named(called, tmp_path):
    path = tmp_path / "digits.csv"
    write_csv(path, *squares(30))
    done = called("data", str(path), "--size", "20", "--subset", "letters")
    assert done.returncode == 0
    assert "--size 20 had no effect: only pictures from a folder are resized." in done.stdout
    assert "--subset letters had no effect: a file has only one set." in done.stdout
    assert "no effect" not in called("data", str(path), "--transpose").stdout


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n", "is a PNG picture, not a dataset: pass the folder that"),
        ("a.csv", b"0;1;2;3\n1;2;3;4\n", "has semicolons between its values: save it as CSV with"),
        ("a.csv", b"label\ta\tb\n1\t2\t3\n", "has tabs between its values: save it as CSV with"),
        ("a.txt", b"hello", "is not a dataset; expected four IDX files named like MNIST's, a .csv"),
        ("b.csv", None, "does not exist: check the path of the dataset"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_it_is_and_what_to_do(
    tmp_path, name, content, words
):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path} {words}")


def test_a_subset_that_no_csv_file_is_named_after_is_refused(tmp_path):
    write_csv(tmp_path / "train.csv", *squares(30))
    with pytest.raises(DataError, match=r"has no CSV file with letters in its name: train\.csv"):
        load(tmp_path, Reading(subset="letters"))


def test_data_prints_the_same_as_one_json_object(called, letters):
    done = called("data", str(letters), "--subset=letters", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert set(found) == {
        *("path", "name", "format", "fingerprint", "height", "width", "parts", "classes", "notes"),
        *("repeated_training_images", "repeated_with_another_label", "test_images_in_training"),
    }
    assert found["path"] == str(letters)
    assert found["classes"][2] == {"name": "3", "training": 20, "test": 20}
    assert found["parts"]["test"]["images"] == 60
    assert found["test_images_in_training"] == 30
    assert len(found["notes"]) == 3


@pytest.mark.parametrize("more", [["train", "--seeds", "1"], ["sweep", "--set", "dropout=0,0.1"]])
def test_experiments_tell_what_was_decided_about_the_data(called, letters, more):
    if "sweep" in more:
        pytest.importorskip("optuna")
    data = ["--data", str(letters), "--subset", "letters", "--no-keep"]
    done = called(*more, *data, "--preset", "small", "--epochs", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Labels 1 to 3 became classes 0 to 2.\n")
    assert "\nValidation uses 6 images (a tenth of the " in done.stdout


def test_data_counts_repeated_images_with_other_labels(called, tmp_path):
    images, labels = squares(60)
    images[30:40] = images[0]
    path = tmp_path / "a.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images[:9], y_test=labels[:9])
    found = json.loads(called("data", str(path), "--json").stdout)
    assert found["repeated_training_images"] == 10
    assert found["repeated_with_another_label"] == 6


def test_data_without_a_path_is_about_fashion_mnist(called):
    done = called("data")
    assert done.returncode == 0
    assert "fashion-mnist: IDX files, images of 28×28 pixels, 10 classes" in done.stdout
    assert "T-shirt" in done.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "is a web page, not the file itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "is a Git LFS pointer: f"),
        (b"", "is not a gzip file, although its name ends in .gz"),
    ],
)
@pytest.mark.parametrize("command", ["data", "train"])
def test_a_file_that_is_something_else_is_one_sentence_and_exits_with_2(
    called, letters, command, content, sentence
):
    path = letters / "emnist-letters-train-images-idx3-ubyte"
    path.unlink()
    path = path.with_name(f"{path.name}.gz")
    path.write_bytes(content)
    option = () if command == "data" else ("--data",)
    done = called(command, *option, str(letters), "--subset", "letters")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert f"{path} {sentence}" in done.stderr


def test_256_classes_with_any_names_keep_their_columns(called, tmp_path):
    images, labels = squares(600, classes=256)
    names = [f"👟 {n}" if n % 2 else f"حذاء {n}" for n in range(256)]
    path = write_csv(tmp_path / "many.csv", images, labels, names=names)
    done = called("data", str(path), env={"COLUMNS": "100"})
    assert "256 classes" in done.stdout
    assert all(name in done.stdout for name in names)
    done = called("train", "--data", str(path), "--epochs", "1")
    assert done.returncode == 0


@pytest.mark.parametrize("form", ["csv", "pictures"])
def test_digits_reach_96_percent_with_the_default_preset_and_no_option(called, tmp_path, form):
    images, labels = digits()
    if form == "csv":
        path = write_csv(tmp_path / "digits.csv", images.astype(int), labels)
    else:
        shades = np.rint(images * 255 / 16).astype(np.uint8)
        names = tuple(map(str, range(10)))
        path = write_pictures(tmp_path / "digits", shades, labels, names)
    done = called("train", "--data", str(path), "--no-keep", "--json", "-")
    start, *_, end = map(json.loads, done.stdout.splitlines())
    assert end["test_accuracy"] > 0.96
    assert (start["train_images"], start["evaluation_images"]) == (1295, 143)
    assert start["config"]["validation"] == 5000


@pytest.mark.parametrize("preset", ["default", "small", "sprint", "best", "notebook"])
def test_74_images_train_with_every_preset(called, tmp_path, preset):
    images, labels = digits()
    path = write_csv(tmp_path / "few.csv", images[:74].astype(int), labels[:74])
    options = ("--preset", preset, "--epochs", "1", "--json", "-")
    done = called("train", "--data", str(path), *options)
    assert done.returncode == 0
    start, _, end = map(json.loads, done.stdout.splitlines())
    assert end["reason"] == "finished"
    assert start["data"] == "few.csv"
    for note in start["notes"]:
        assert done.stderr.count(note) == 1
    assert (
        "Pixels from 0 to 16 were multiplied by 15.9375, which makes white 255." in start["notes"]
    )
    batches = "The batch size is" in "".join(start["notes"])
    assert batches == (start["config"]["batch_size"] > start["train_images"])


def test_with_classes_of_very_different_size_balanced_accuracy_is_told(called, tmp_path):
    images, _ = squares(60)
    path = tmp_path / "a.npz"
    np.savez(path, images=images, labels=np.array([0] * 50 + [1] * 10))
    done = called("train", "--data", str(path), "--epochs", "1", "--no-keep")
    assert "balanced accuracy, the mean recall: " in done.stdout
    assert f"data: a.npz, SHA-256 {fingerprint(load(path))[:12]}" in done.stdout


def test_a_kept_run_reads_its_data_as_before(called, letters, tmp_path):
    runs = ("--runs", str(tmp_path / "kept"))
    options = ("--subset", "letters", "--no-transpose", "--epochs", "2", "--until", "1", *runs)
    assert called("train", "--data", str(letters), *options).returncode == 0
    [path] = (tmp_path / "kept").glob("*.run")
    with Run(path) as run:
        data = run.meta["data"]
        assert (data["name"], data["path"]) == ("emnist-letters", str(letters))
        assert data["reading"] == {"subset": "letters", "transpose": False}
    done = called("train", "--resume", *runs)
    assert done.returncode == 0
    assert "resuming" in done.stdout
    command = called("export", "--as-command", *runs).stdout
    assert f"--data {letters} --subset letters --no-transpose" in command
    done = called("train", "--resume", "--subset", "digits", *runs)
    assert done.returncode == 2
    assert "--resume has the settings of the run; leave out --subset" in done.stderr


def test_a_kept_run_finds_its_file_again(called, tmp_path):
    images, labels = squares(60)
    path = write_csv(tmp_path / "a.csv", images, labels)
    runs = ("--runs", str(tmp_path / "kept"))
    assert called("train", "--data", str(path), "--until", "1", *runs).returncode == 0
    assert called("train", "--resume", *runs).returncode == 0
    write_csv(path, images[::-1], labels)
    done = called("train", "--resume", *runs)
    assert done.returncode == 2
    assert "was trained on other data" in done.stderr
