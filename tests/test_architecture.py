"""The architecture: packages without cycles, a core without UI code, no output, no network."""

import ast
import graphlib
from pathlib import Path

import pytest

import core
from core.config.config import Config
from core.data import dataset
from core.training.trainer import Trainer

ROOT = Path(core.__file__).parent.parent
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for top in ("core", "tui")
    for path in sorted((ROOT / top).rglob("*.py"))
}
CORE = [name for name in FILES if name.startswith("core.")]
SHARED_BY_PANES = {
    f"tui.panes.{name}"
    for name in (
        *("line_pane", "draggable_pane", "picture_toggle", "image_pages", "trace_requests"),
        *("rate_texts", "question_requests", "browsed", "tile_cursor"),
    )
}

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


def package(module):
    """The folder of a module: core.nn, tui.screens.sweep; a file at the top is one of its own."""
    folder = module.rpartition(".")[0]
    return module if FILES[module].stem == "__init__" or "." not in folder else folder


def imports(module):
    """The modules of this project that a module imports anywhere, for type checking too."""
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {module}"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in FILES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def dependencies():
    """The other packages that each package imports."""
    graph = {package(module): set() for module in FILES}
    for module in FILES:
        graph[package(module)] |= {package(name) for name in imports(module) if name in FILES}
    return {name: needed - {name} for name, needed in graph.items()}


def test_packages_have_no_import_cycle():
    graph = dependencies()
    assert {"core.nn", "core.events", "tui.panes.step", "tui.run"} <= graph.keys()
    assert "core.nn" in graph["core.training"]
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" is imported by ".join(error.args[1]))


def test_network_and_data_do_not_import_the_config():
    graph = dependencies()
    for name in ("core.nn", "core.data"):
        needed, new = set(), {name}
        while new:
            needed |= new
            new = set().union(*(graph[part] for part in new)) - needed
        assert "core.config" not in needed, name


def test_history_does_not_import_the_training_loop():
    assert "core.training" not in dependencies()["core.history"]


def test_panes_do_not_import_each_other():
    def pane(module):
        return ".".join(module.split(".")[:3])

    for module in FILES:
        if module.startswith("tui.panes."):
            needed = {pane(name) for name in imports(module) if name.startswith("tui.panes.")}
            assert needed - {pane(module)} <= SHARED_BY_PANES, module


def test_core_does_not_import_tui():
    for name, needed in dependencies().items():
        if name.startswith("core"):
            assert not {other for other in needed if other.startswith("tui")}, name


def test_core_needs_no_user_interface(python):
    assert "core.training.trainer" in CORE
    done = python("-c", IMPORTED, *CORE)
    assert done.stderr == ""
    # Some builds of NumPy load another module too, such as Intel's mkl.
    roots = set(done.stdout.split())
    assert {"core", "numpy"} <= roots
    assert roots.isdisjoint({"tui", "textual", "rich", "plotext"})


def test_core_prints_nothing(tiny_directory, capfd):
    trainer = Trainer(Config(batch_size=32, validation=30, epochs=2), dataset.load(tiny_directory))
    while not trainer.finished:
        trainer.step()
    trainer.evaluate(trainer.dataset.test)
    assert capfd.readouterr() == ("", "")


def test_training_uses_no_network(python):
    """Even the first run works offline: the images are part of the program."""
    arguments = ("train", "--epochs", "1", "--hidden", "none", "--batch-size", "5000")
    done = python("-c", WITHOUT_A_NETWORK, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "(10,000 images)" in done.stdout
