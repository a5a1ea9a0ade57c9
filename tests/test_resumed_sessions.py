"""Sessions that keep their runs, and continue those of sessions before."""

import json
import re
import sqlite3
import time
from contextlib import closing
from itertools import chain, repeat

import numpy as np
import pytest
from live import CONFIG, Watched
from run_files import dead_owner, living_owner, train_run

from core.events import Evaluation, Kept, Phase, RunMoved, RunStarted, Scored, Warned
from core.history.history import History
from core.runs import database
from core.runs.owner import Owner
from core.runs.run import Run
from core.runs.summary import summarize
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
    network = second.session._runner.trainer.network
    assert np.array_equal(network.parameters, straight.network.parameters)
    assert second.session.close(timeout=60)
    assert kept(tmp_path) == [path]
    with Run.open(path) as run:
        assert (run.step, run.branch) == (27, 1)


def test_a_run_that_goes_on_has_its_test_score_and_its_layers_from_the_first_step(start, tmp_path):
    first, shown = start(), []
    first.session.steps(25)
    first.until(lambda event: getattr(event, "step", 0) == 25)
    first.session.score()
    first.until(lambda event: isinstance(event, Scored))
    [scored] = first.of(Scored)
    assert first.session.close(timeout=60)
    second = start(path=kept(tmp_path)[0])
    for watched in (first, second):
        history = History()
        for event in watched.events:
            history.add(event)
        shown.append(history.snapshot())
    again = shown[1].test_evaluation
    assert (again.step, again.accuracy, again.loss) == (
        *(25, scored.evaluation.accuracy, scored.evaluation.loss),
    )
    steps = [[stats.step for stats in snapshot.layer_stats_history.stats] for snapshot in shown]
    assert steps[0] == steps[1]
    assert steps[0][0] == 0


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
    assert second.session._runner.trainer.config.learning_rate == 0.5
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
        r"\d+%: the learning rate goes from 0\.0\d+ to 0\.0\d+",
        warned.message,
    )


def opened_elsewhere(start, tmp_path):
    """The file of a kept run of one step that another program seems to have open."""
    first = start()
    first.session.step()
    first.until(lambda event: getattr(event, "step", 0) == 1)
    first.session.close(timeout=60)
    [path] = kept(tmp_path)
    with sqlite3.connect(path) as connection:
        owner = json.dumps(living_owner())
        connection.execute("UPDATE meta SET value = ? WHERE key = 'owner'", (owner,))
    connection.close()
    return path


def test_a_program_that_ends_while_its_run_is_opened_is_named_all_the_same(
    start, tmp_path, monkeypatch
):
    path = opened_elsewhere(start, tmp_path)
    answers = chain([True], repeat(False))
    monkeypatch.setattr(Owner, "is_alive", property(lambda owner: next(answers)))
    [warned] = start(path=path).of(Warned)
    assert "is open in another program (process 7 on far-away" in warned.message


def test_a_run_that_another_program_has_open_is_read_only(start, tmp_path):
    path = opened_elsewhere(start, tmp_path)
    content = path.read_bytes()
    second = start(path=path)
    [warned] = second.of(Warned)
    assert "is open in another program (process 7 on far-away" in warned.message
    assert second.of(Kept)[-1] == Kept(path.stem, note="read-only")
    assert second.session.close(timeout=60)
    assert kept(tmp_path) == [path]
    assert path.read_bytes() == content


@pytest.mark.parametrize("phase", ["diverged", "paused", "running"])
def test_a_run_that_was_only_looked_at_is_the_same_in_the_list(start, tmp_path, tiny, phase):
    path, _ = train_run(tmp_path / "runs", tmp_path / "data", CONFIG, 25)
    values = {"phase": phase, "message": "a reason", "owner": dead_owner()}
    with closing(sqlite3.connect(path)) as connection, connection:
        for key, value in values.items():
            connection.execute("REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))
        connection.execute("UPDATE meta SET value = '0.001' WHERE key LIKE '%_accuracy'")
    before = summarize(path)
    watched = start(path=path)  # evaluates the network at a step where it was not evaluated
    deadline = time.monotonic() + 20
    while summarize(path).state != "paused" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert summarize(path).state == "paused"
    watched.session.close(timeout=60)
    assert summarize(path) == before

    watched = start(path=path)
    watched.session.step()
    watched.until(lambda event: getattr(event, "step", 0) == 26)
    watched.session.close(timeout=60)
    after = summarize(path)
    assert (after.step, after.state, after.message) == (26, "paused", "")
    assert after.best_accuracy > 0.001
    with Run(path) as run:
        assert 25 in run.evaluations()["step"]


def test_the_run_has_another_name_while_it_goes_on(start, tmp_path, tiny):
    watched = start()
    watched.session.rename("too-soon")
    watched.until(lambda event: isinstance(event, Warned) and "no file before" in event.message)
    watched.session.toggle()
    old = watched.until(lambda event: isinstance(event, Kept) and event.path).path
    watched.session.rename("my-run")
    new = watched.until(lambda event: isinstance(event, Kept) and event.name == "my-run").path
    assert kept(tmp_path) == [new]
    watched.session.rename("a/b")
    watched.until(lambda event: isinstance(event, Warned) and "enter up to 80" in event.message)
    watched.session.close(timeout=60)
    assert not old.exists()
    with Run(new) as run:
        last = run.step
        assert (run.name, run.owner) == ("my-run", None)
        straight = Trainer(CONFIG, tiny)
        for _ in range(last):
            straight.step()
        parameters = run.network_at(last, tiny).parameters
        assert np.array_equal(parameters, straight.checkpoint().parameters)


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
    assert warned.message.startswith(f"{path.stem} continues, but is not kept: ")
    assert path.read_bytes() == before
