"""Which program has a run open: told on the same machine by its process, elsewhere by its signs
of life."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from core.runs.owner import Owner, _process_start, this_program


def owner(**values):
    """A program that opened a run here; changed by `values`."""
    return replace(this_program(), **values)


def test_this_program_is_alive():
    assert this_program().is_alive
    assert this_program().is_this


@pytest.mark.parametrize(("age", "alive"), [(0, True), (20, True), (40, False), (1e6, False)])
def test_a_program_on_another_host_is_alive_as_long_as_it_gives_signs_of_life(age, alive):
    other = owner(host="far-away", since=1e9, alive_at=time.time() - age)
    assert other.is_alive == alive
    assert not other.is_this  # although its process has the same number


@pytest.mark.skipif(os.name != "posix", reason="processes are not asked here")
def test_on_the_same_host_the_process_counts_and_not_its_signs_of_life():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        start = _process_start(process.pid)
        assert owner(process=process.pid, process_start=start, alive_at=1e9).is_alive
        another = owner(process=process.pid, process_start="1", alive_at=1e9)
        assert not another.is_alive  # it had the same number before
        process.communicate()
    assert not owner(process=process.pid, alive_at=time.time()).is_alive


@pytest.mark.parametrize("system", ["nt", "java"])
def test_where_processes_cannot_be_asked_the_signs_of_life_count(monkeypatch, system):
    here = this_program()
    monkeypatch.setattr("core.runs.owner.os.name", system)
    monkeypatch.setattr("core.runs.owner.os.kill", lambda *_: pytest.fail("it would end it"))
    assert replace(here, process=1, alive_at=time.time()).is_alive
    assert not replace(here, process=1, alive_at=time.time() - 60).is_alive


def test_it_names_process_host_and_time():
    text = str(Owner("far-away", 7, "", 1e9, 1e9))
    assert text.startswith("process 7 on far-away, since 2001-09-0")
