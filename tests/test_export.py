"""Exported files: other programs read in them what the run has."""

import csv
import gzip
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from test_kept_runs import CONFIG, EVERYTHING, interrupted_walk, kept

from core.config.config import Config
from core.export import files, script
from core.export.metrics import as_csv, as_json_lines
from core.export.model import Model
from core.nn.activations import ACTIVATIONS
from core.runs.run import Run
from core.training.trainer import Trainer

FILES = (
    *("metrics.csv", "metrics.jsonl", "config.toml", "command.txt"),
    *("curves.svg", "curves.txt", "matrix.svg", "matrix.txt", "mistakes.svg", "mistakes.txt"),
    *("report.html", "network.py", "network.npz", "network.safetensors"),
)


@pytest.fixture
def run(called, tiny_options, runs_directory):
    """The name of a run that trained 12 steps, with an evaluation after 6 and 12."""
    before = set(runs_directory.glob("*.run"))
    assert called("train", *tiny_options).returncode == 0
    [path] = set(runs_directory.glob("*.run")) - before
    return path.stem


def test_csv_and_json_lines_have_each_step_once(tiny, tmp_path):
    walk = interrupted_walk(tiny, tmp_path)
    with Run(walk.keeper.path) as run:
        lines = as_csv(run).decode().splitlines()
        objects = [json.loads(line) for line in as_json_lines(run).decode().splitlines()]
    assert lines[0] == (
        "step,epoch,position,images,loss,accuracy,learning_rate,seconds,"
        "evaluation_loss,evaluation_accuracy"
    )
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert [int(row["step"]) for row in rows] == list(range(1, 25))
    repeated = Trainer(CONFIG, tiny)
    for row, values in zip(rows, objects, strict=True):
        if repeated.steps == 10:
            repeated.change(learning_rate=0.01)
        step = repeated.step()
        for name in ("epoch", "position", "images", "loss", "accuracy", "learning_rate"):
            assert float(row[name]) == values[name] == getattr(step, name)
        evaluation = step.evaluation
        assert row["evaluation_loss"] == ("" if evaluation is None else str(evaluation.loss))
        assert values["evaluation_accuracy"] == (evaluation and evaluation.accuracy)
        assert values.keys() == row.keys()


def exported(model, directory):
    """The module of the exported script."""
    files.write(
        {directory / "net.py": script.as_script(model), directory / "net.npz": script.as_npz(model)}
    )
    namespace = {"__file__": str(directory / "net.py"), "__name__": "net"}
    exec(compile((directory / "net.py").read_text(), "net.py", "exec"), namespace)
    return namespace


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_script_has_the_same_probabilities(tiny, tmp_path, activation, batch_norm):
    config = Config(hidden=(9, 7), activation=activation, batch_norm=batch_norm, validation=0)
    trainer = Trainer(config.replace(batch_size=20), tiny)
    for _ in range(30):
        trainer.step()
    module = exported(Model.of("a\"'\\\n{}", trainer), tmp_path)
    ours = trainer.network.probabilities(tiny.test_images)
    theirs = module["probabilities"](tiny.test_images)
    assert theirs.dtype == np.float32
    np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=1e-6)
    assert np.array_equal(module["predict"](tiny.test_images), ours.argmax(axis=1))


def test_the_script_of_a_network_without_hidden_layers(tiny, tmp_path):
    trainer = Trainer(Config(hidden=(), validation=0, batch_size=20), tiny)
    trainer.step()
    module = exported(Model.of("x", trainer), tmp_path)
    np.testing.assert_allclose(
        module["probabilities"](tiny.test_images),
        trainer.network.probabilities(tiny.test_images),
        rtol=1e-4,
    )


def test_the_script_predicts_the_whole_test_set_alone(fashion, tmp_path, python):
    """In a program that can import nothing but NumPy, from the file of the images."""
    from core.assets import FASHION_MNIST

    config = Config(hidden=(64, 32), activation="gelu", batch_norm=True, learning_rate=0.01)
    trainer = Trainer(config, fashion)
    for _ in range(100):
        trainer.step()
    exported(Model.of("x", trainer), tmp_path)
    images = FASHION_MNIST / "t10k-images-idx3-ubyte.gz"
    done = python("net.py", str(images), check=True)
    predicted = [fashion.class_names.index(line) for line in done.stdout.splitlines()]
    assert np.array_equal(predicted, trainer.network.predict(fashion.test_images))
    assert np.mean(predicted == fashion.test_labels) > 0.7
    text = (tmp_path / "net.py").read_text()
    assert "core" not in text
    assert len(text.splitlines()) < 85


def test_the_script_says_which_file_it_cannot_use(tiny, tmp_path, python, idx_bytes):
    trainer = Trainer(Config(hidden=(), validation=0, batch_size=20), tiny)
    exported(Model.of("x", trainer), tmp_path)
    good = idx_bytes(tiny.test_images)
    wrong = {
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(300),
        "short": good[:12],
        "cut": good[:-1],
        "labels": idx_bytes(tiny.test_labels),
        "larger": idx_bytes(np.zeros((3, 28, 28), np.uint8)),
        "bad.gz": b"\x1f\x8b\x08" + bytes(40),
        "cut.gz": gzip.compress(good)[:-20],
    }
    for name, content in wrong.items():
        (tmp_path / name).write_bytes(content)
    for name in (*wrong, "missing"):
        done = python("net.py", name)
        [line] = done.stderr.splitlines()
        assert (done.returncode, done.stdout) == (2, "")
        assert line.startswith(f"{name} cannot be used: ")
        if not name.endswith("gz"):
            reason = "No such file" if name == "missing" else "images of 6 x 5 bytes"
            assert reason in line


def test_a_directory_gets_every_file_and_no_file_is_overwritten(called, run, tmp_path):
    out = tmp_path / "out"
    done = called("export", run, "--to", f"{out}/")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [str(out / name) for name in FILES]
    assert len((out / "metrics.csv").read_text().splitlines()) == 13
    (out / "metrics.csv").unlink()
    (out / "metrics.jsonl").write_text("mine")
    done = called("export", run, "--to", str(out))
    assert done.returncode == 2
    assert done.stderr == f"fashion-tui: {out}/metrics.jsonl exists; add --force to overwrite it\n"
    assert not (out / "metrics.csv").exists()
    assert called("export", run, "--to", str(out), "--force").returncode == 0
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 12
    assert sorted(path.name for path in out.iterdir() if path.name.startswith(".")) == []


def test_a_script_comes_with_its_arrays(called, run, tmp_path):
    assert called("export", run, "--to", str(tmp_path / "swift.py")).returncode == 0
    assert (tmp_path / "swift.npz").exists()
    done = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "swift.py")], capture_output=True, text=True
    )
    assert "python SCRIPT.py t10k-images-idx3-ubyte.gz" in done.stdout


@pytest.mark.parametrize("name", ["M.CSV", "my run.csv", "été ✓/Curves.SVG", "NET.PY"])
def test_files_may_have_any_letters(called, run, tmp_path, name):
    assert called("export", run, "--to", str(tmp_path / name)).returncode == 0
    assert (tmp_path / name).stat().st_size > 100
    assert (tmp_path / "NET.npz").exists() == (name == "NET.PY")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "x.doc"], "x.doc: enter a directory, which ends with /, or a file that ends"),
        ([], "export: enter --to with a directory or file, or --as-command"),
        (["--to", ""], "--to: enter a directory or a file"),
        (["--to", "-"], "--to: enter a directory or a file"),
        (["--to", "missing/../."], None),
        (["--to", "file/metrics.csv"], "file is not a directory; enter another place"),
        (["--to", "x" * 300 + ".csv"], "x" * 300 + ".csv cannot be written: file name too long"),
        (["--to", "x" * 300 + "/"], "x" * 300 + "/metrics.csv cannot be written: file name too"),
        (["--to", "out.csv", "--data", "nowhere"], None),  # the metrics need no images
        (["--to", "out.npz", "--data", "nowhere"], "nowhere does not exist"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_sentence(called, run, tmp_path, arguments, message):
    (tmp_path / "empty" / "file").write_text("not a directory")
    done = called("export", run, *arguments)
    if message is None:
        assert done.returncode == 0
    else:
        assert done.returncode == 2
        assert done.stderr.startswith(f"fashion-tui: {message}")
        assert len(done.stderr.splitlines()) == 1


def test_the_run_in_a_damaged_file_is_not_exported(called, tiny, tmp_path):
    path = kept(tiny, tmp_path / "runs", EVERYTHING)
    path.write_bytes(path.read_bytes()[:5000])
    done = called("export", str(path), "--to", str(tmp_path / "out.csv"))
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_package_is_said_with_exit_code_2(called, run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    done = called("export", run, "--to", str(tmp_path / "curves.png"))
    assert done.returncode == 2
    assert done.stderr == (
        "fashion-tui: PNG needs the package resvg-py; install it with: "
        "pip install 'fashion-tui[png]'\n"
    )
    assert not (tmp_path / "curves.png").exists()
