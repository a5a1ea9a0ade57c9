"""The wheel: it contains the data and runs from an empty directory without the checkout."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, environment):
    """The wheel of this checkout, built without a network."""
    directory = tmp_path_factory.mktemp("dist")
    build = ["build", "--wheel", "--no-isolation", "--outdir", str(directory), str(ROOT)]
    run(*build, cwd=directory, env=environment)
    (path,) = directory.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory, environment):
    """A directory with the installed wheel."""
    directory = tmp_path_factory.mktemp("installed")
    options = ["--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    run("pip", "install", *options, "--target", str(directory), str(wheel), env=environment)
    return directory


@pytest.fixture
def python(installed, environment, tmp_path):
    """Runs Python with the installed wheel on the path before the checkout; returns its output."""

    def run_python(*arguments):
        return run(*arguments, cwd=tmp_path, env=environment | {"PYTHONPATH": str(installed)})

    return run_python


def run(*arguments, **options):
    """The standard output of `python -m`, or of `python` if an option comes first."""
    how = [] if arguments[0].startswith("-") else ["-m"]
    done = subprocess.run(
        [sys.executable, *how, *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        **options,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_contains_data_presets_and_licenses(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    data = [
        f"{part}-{kind}-ubyte.gz"
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    ]
    for name in [*data, "labels.txt", "LICENSE"]:
        assert f"assets/fashion-mnist/{name}" in names
    for name in ("default", "notebook"):
        assert f"assets/presets/{name}.toml" in names
    licenses = [name for name in names if ".dist-info/licenses/" in name]
    assert [name.partition("/licenses/")[2] for name in sorted(licenses)] == [
        "LICENSE",
        "assets/fashion-mnist/LICENSE",
    ]
    assert {"core/py.typed", "tui/py.typed"} <= set(names)


def test_the_wheel_contains_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    roots = {name.partition("/")[0] for name in names}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"core", "tui", "assets"}
    assert not [name for name in names if name.endswith((".pyc", ".svg", ".png"))]


def test_the_installed_program_trains_on_its_own_images(python, installed):
    where = "import core, core.assets; print(core.__file__); print(core.assets.FASHION_MNIST)"
    for path in python("-c", where).splitlines():
        assert Path(path).is_relative_to(installed)
    output = python("tui", "train", "--epochs", "1", "--json", "-")
    start, epoch, end = map(json.loads, output.splitlines())
    assert start["train_images"] == 55_000
    assert start["train_images"] + start["evaluation_images"] == 60_000
    assert epoch["evaluation_accuracy"] > 0.8
    assert sum(map(sum, end["confusion"])) == 10_000


def test_the_installed_command_lists_its_own_presets(python, installed):
    (script,) = (installed / "bin").glob("fashion-tui*")
    assert "notebook" in python("-c", f"exec(open({str(script)!r}).read())", "presets")
