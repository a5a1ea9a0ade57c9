"""The names that `from core import ...` offers."""

import ast
import doctest
from pathlib import Path

import pytest

import core

IMPORTS = "import sys, core; print(*sorted(name for name in sys.modules if name != 'core'))"


@pytest.mark.parametrize("name", core.__all__)
def test_every_public_name_can_be_imported(name):
    namespace = {}
    exec(f"from core import {name}", namespace)
    assert namespace[name].__name__ == name
    assert name in dir(core)


def test_all_lists_each_name_once_and_in_order():
    assert core.__all__ == sorted(set(core.__all__))


def test_type_checkers_see_the_names_that_are_imported_at_run_time():
    tree = ast.parse(Path(core.__file__).read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {name.name: line.module for line in block.body for name in line.names}
    assert seen == {name: getattr(core, name).__module__ for name in core.__all__}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'core' has no attribute 'Garment'"):
        core.Garment  # noqa: B018


def test_the_example_in_the_documentation_runs():
    test = doctest.DocTestParser().get_doctest(core.__doc__, {}, "core", core.__file__, 0)
    results = doctest.DocTestRunner().run(test)
    assert results.attempted > 10
    assert results.failed == 0


def test_importing_core_imports_only_its_version_and_not_numpy(python):
    loaded = python("-c", IMPORTS, check=True).stdout.split()
    assert [name for name in loaded if name.startswith(("core.", "numpy"))] == ["core.version"]
