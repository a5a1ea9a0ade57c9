"""The promises of the house: core knows no screen and prints nothing, and nothing goes online."""

import subprocess
import sys
from pathlib import Path

import core
from core.config.config import Config
from core.data import dataset
from core.training.trainer import Trainer

CORE = sorted(
    ".".join(path.relative_to(Path(core.__file__).parent.parent).with_suffix("").parts)
    for path in Path(core.__file__).parent.rglob("*.py")
    if not path.stem.startswith("__")
)

IMPORTED = """
import importlib, sys
before = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(roots - set(sys.stdlib_module_names)))
"""

WITHOUT_A_NETWORK = """
import sys

def refuse(event, arguments):
    if event.partition(".")[0] in ("socket", "urllib", "http", "ftplib"):
        raise RuntimeError(f"{event} {arguments}")

sys.addaudithook(refuse)
from tui.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def python(program, *arguments, environment, cwd):
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=cwd,
        timeout=120,
    )


def test_core_needs_numpy_and_the_standard_library_and_no_screen(environment, tmp_path):
    assert "core.training.trainer" in CORE
    done = python(IMPORTED, *CORE, environment=environment, cwd=tmp_path)
    assert done.stderr == ""
    # Some builds of numpy bring a module beside it, as intel's mkl.
    roots = set(done.stdout.split())
    assert {"core", "numpy"} <= roots
    assert roots.isdisjoint({"tui", "textual", "rich", "plotext"})


def test_core_prints_nothing(tiny_directory, capfd):
    trainer = Trainer(Config(batch_size=32, validation=30, epochs=2), dataset.load(tiny_directory))
    while not trainer.finished:
        trainer.step()
    trainer.evaluate(trainer.dataset.test)
    assert capfd.readouterr() == ("", "")


def test_training_asks_nothing_of_a_network(environment, tmp_path):
    """From the first start on, with the images that came along."""
    arguments = ("train", "--epochs", "1", "--hidden", "none", "--batch-size", "5000")
    done = python(WITHOUT_A_NETWORK, *arguments, environment=environment, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "(10,000 images)" in done.stdout
