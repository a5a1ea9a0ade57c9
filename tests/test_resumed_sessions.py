"""Sessions that keep their runs, and go on with those of sessions before."""

import json
import re
import sqlite3

import numpy as np
import pytest
from live import CONFIG, Watched

from core.events import Evaluation, Phase, RunMoved, RunStarted, Warned
from core.runs import database
from core.runs.run import Run
from core.training.trainer import Trainer
from tui.run.resumption import Resumption
from tui.run.session import Session


@pytest.fixture
def directory(tmp_path, write_directory, tiny):
    return write_directory(tmp_path / "data", tiny)


@pytest.fixture
def start(tmp_path, directory):
    """Starts a session that keeps its runs; closes those that are left."""
    sessions = []

    def start(**resumption):
        resumed = Resumption(**resumption) if resumption else None
        watched = Watched(Session(CONFIG, directory, tmp_path / "runs", resumed))
        sessions.append(watched.session)
        watched.until(lambda event: isinstance(event, Evaluation))
        return watched

    yield start
    for session in sessions:
        session.close(timeout=60)


def kept(tmp_path):
    return sorted((tmp_path / "runs").glob("*.run"))


def test_a_session_goes_on_where_the_one_before_was_closed(start, tmp_path, tiny):
    first = start()
    first.session.steps(25)
    first.until(lambda event: getattr(event, "step", 0) == 25)
    first.session.step_back(5)
    first.until(lambda event: isinstance(event, RunMoved))
    first.session.change(learning_rate=0.02)
    first.session.steps(3)
    first.until_phase(Phase.RUNNING)
    first.until_phase(Phase.PAUSED)
    assert first.session.close(timeout=60)

    [path] = kept(tmp_path)
    second = start(path=path)
    [moved] = second.of(RunMoved)
    assert (moved.current_step, moved.branch, len(moved.branches)) == (23, 1, 2)
    assert moved.config.learning_rate == 0.02
    assert second.of(Warned) == []
    second.session.steps(4)
    second.until(lambda event: getattr(event, "step", 0) == 27)
    straight = Trainer(CONFIG, tiny)
    for step in range(27):
        if step == 20:
            straight.change(learning_rate=0.02)
        straight.step()
    network = second.session._driver.trainer.network
    assert np.array_equal(network.parameters, straight.network.parameters)
    assert second.session.close(timeout=60)
    assert kept(tmp_path) == [path]
    with Run.open(path) as run:
        assert (run.step, run.branch) == (27, 1)


def test_a_restart_begins_a_run_of_its_own_and_keeps_the_one_before(start, tmp_path):
    watched = start()
    watched.session.steps(5)
    watched.until(lambda event: getattr(event, "step", 0) == 5)
    watched.session.restart(CONFIG.replace(seed=7))
    watched.until(lambda event: isinstance(event, RunStarted) and event.config.seed == 7)
    watched.session.steps(3)
    watched.until(lambda event: getattr(event, "step", 0) == 3)
    assert watched.session.close(timeout=60)
    found = {}
    for path in kept(tmp_path):
        with Run.open(path) as run:
            found[run.config.seed] = run.step
    assert found == {CONFIG.seed: 5, 7: 3}


def test_settings_given_with_a_resumed_run_are_changed_first(start, tmp_path):
    watched = start()
    watched.session.steps(5)
    watched.until(lambda event: getattr(event, "step", 0) == 5)
    assert watched.session.close(timeout=60)
    second = start(path=kept(tmp_path)[0], changes={"learning_rate": 0.5})
    assert second.session._driver.trainer.config.learning_rate == 0.5
    second.session.step()
    second.until(lambda event: getattr(event, "step", 0) == 6)
    assert second.session.close(timeout=60)
    with Run.open(kept(tmp_path)[0]) as run:
        assert run.current_config.learning_rate == 0.5
        assert [change.step for change in run.branches[0].changes] == [5]


def test_a_change_that_makes_a_schedule_jump_says_so(start):
    watched = start()
    watched.session.change(schedule="cosine")
    watched.session.steps(5)
    watched.until(lambda event: getattr(event, "step", 0) == 5)
    assert watched.of(Warned) == []
    watched.session.change(epochs=100)
    watched.until(lambda event: isinstance(event, Warned))
    [warned] = watched.of(Warned)
    assert re.fullmatch(
        r"with 100 epochs in place of \d+, the cosine schedule is at \d+% of the run, not at "
        r"\d+%: the learning rate jumps from 0\.0\d+ to 0\.0\d+",
        warned.message,
    )


def test_a_run_that_another_program_has_open_is_not_resumed(start, tmp_path):
    first = start()
    first.session.step()
    first.until(lambda event: getattr(event, "step", 0) == 1)
    first.session.close(timeout=60)
    [path] = kept(tmp_path)
    owner = {"host": "far-away", "process": 7, "process_start": "", "since": 1e9, "alive_at": 1e12}
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'owner'", (json.dumps(owner),))
    connection.close()
    second = Watched(Session(CONFIG, tmp_path / "data", tmp_path / "runs", Resumption(path)))
    failed = second.until_phase(Phase.FAILED)
    assert "is open in another program: process 7 on far-away" in failed.message
    second.session.close(timeout=60)


def test_a_run_whose_file_cannot_be_written_goes_on_without_being_kept(
    start, tmp_path, monkeypatch
):
    watched = start()
    watched.session.steps(5)
    watched.until(lambda event: getattr(event, "step", 0) == 5)
    assert watched.session.close(timeout=60)
    [path] = kept(tmp_path)
    before, connect = path.read_bytes(), database._connect

    def connect_read_only(path, mode, **options):
        connection = connect(path, mode, **options)
        connection.execute("PRAGMA query_only = ON")
        return connection

    monkeypatch.setattr(database, "_connect", connect_read_only)
    second = start(path=path)
    second.session.step()
    second.until(lambda event: getattr(event, "step", 0) == 6)
    assert second.session.close(timeout=60)
    [warned] = second.of(Warned)
    assert warned.message.startswith(f"{path.stem} goes on, but is not kept: ")
    assert path.read_bytes() == before
